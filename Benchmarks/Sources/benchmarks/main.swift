import CMimalloc
import Foundation

// benchmarks NAME [WORD...]: each benchmark is a command; see ../../README.md.

// What is measured in this process has its memory from where the engine has it.
riffle_keep_freed_pages(1000)

do {
  switch CommandLine.arguments.dropFirst().first {
  case "decode": try DecodeCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  case "encode": try EncodeCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  case "backfill": try BackfillCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  case "query": try QueryCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  case "size": try SizeCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  case "lookup": try LookupCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  case "live": try LiveCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  case "freshness": try FreshnessCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  case "recovery": try RecoveryCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  case "demo-day": try DemoDayCommand.run(Array(CommandLine.arguments.dropFirst(2)))
  default:
    let usages = [
      "benchmarks decode FILE.ndjson", EncodeCommand.usage, BackfillOptions.usage, QueryCommand.usage,
      LookupCommand.usage, SizeCommand.usage, LiveOptions.usage, FreshnessOptions.usage,
      RecoveryOptions.usage, DemoDayCommand.usage,
    ]
    throw BenchmarkError("usage: " + usages.joined(separator: "\n       "), exitCode: 64)
  }
} catch {
  let failure = error as? BenchmarkError ?? BenchmarkError("\(error)", exitCode: 74)
  Output.note(failure.description)
  exit(failure.exitCode)
}
