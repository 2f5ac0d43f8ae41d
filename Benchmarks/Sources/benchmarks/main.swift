import Foundation

// benchmarks decode FILE | benchmarks backfill [FLAG...]; see ../../README.md.

do {
  switch CommandLine.arguments.dropFirst().first {
  case "decode": try DecodeCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  case "backfill": try BackfillCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  default:
    throw BenchmarkError("usage: benchmarks decode FILE.ndjson\n       \(BackfillOptions.usage)", exitCode: 64)
  }
} catch {
  let failure = error as? BenchmarkError ?? BenchmarkError("\(error)", exitCode: 74)
  Output.note(failure.description)
  exit(failure.exitCode)
}
