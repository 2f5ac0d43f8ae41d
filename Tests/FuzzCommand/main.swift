// Fuzzes what reads bytes: `fuzz list`, `fuzz seeds TARGET DIRECTORY`, `fuzz replay TARGET FILE...`, and
// `fuzz run TARGET ...` with libFuzzer's arguments, where libFuzzer is linked (Fuzz/run builds it so).
internal import Foundation
internal import Fuzzing
internal import Glibc

/// What libFuzzer calls with each input: it takes no more than these two.
typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
/// libFuzzer's entry for programs with a `main` of their own.
typealias Driver =
  @convention(c) (
    UnsafeMutablePointer<CInt>, UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>, Callback
  ) -> CInt

func fail(_ problem: String) -> Never {
  FileHandle.standardError.write(Data("fuzz: \(problem)\n".utf8))
  exit(64)
}

func target(_ words: [String]) -> FuzzTarget {
  guard let name = words.first, let target = (FuzzTarget.all + [.canary]).first(where: { $0.name == name }) else {
    fail("a target is one of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
  }
  return target
}

/// The target of this process: a callback of C cannot carry one. Set once, before the first call.
nonisolated(unsafe) var fuzzed: FuzzTarget?

/// Hands over to libFuzzer, which ends the process at a finding.
func run(_ target: FuzzTarget, _ arguments: [String]) -> CInt {
  guard let symbol = unsafe dlsym(nil, "LLVMFuzzerRunDriver") else {
    fail("this was built without libFuzzer: use Fuzz/run")
  }
  unsafe fuzzed = target
  // The symbol is that function of libFuzzer, whose declaration `Driver` is.
  let driver = unsafe unsafeBitCast(symbol, to: Driver.self)
  var words = unsafe (["fuzz"] + arguments).map { unsafe strdup($0) } + [nil]
  var count = CInt(arguments.count + 1)
  return unsafe words.withUnsafeMutableBufferPointer { buffer in
    guard var base = buffer.baseAddress else { return 64 }
    return unsafe driver(&count, &base) { bytes, byteCount in
      // `byteCount` bytes are readable for the call.
      let input = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: byteCount))
      _ = unsafe fuzzed?.refusal(of: input)
      return 0
    }
  }
}

let words = Array(CommandLine.arguments.dropFirst())
switch words.first {
case "list":
  for target in FuzzTarget.all { print("\(target.name) \(target.maximumByteCount) \(target.purpose)") }
case "seeds" where words.count == 3:
  for (index, seed) in try target(Array(words.dropFirst())).seeds().enumerated() {
    try Data(seed).write(to: URL(filePath: "\(words[2])/seed-\(index)"))
  }
case "replay" where words.count > 2:
  let target = target(Array(words.dropFirst()))
  for path in words.dropFirst(2) {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    print("\(path): \(target.refusal(of: bytes) ?? "accepted")")
  }
case "run" where words.count > 1: exit(run(target(Array(words.dropFirst())), Array(words.dropFirst(2))))
default: fail("list, seeds TARGET DIRECTORY, replay TARGET FILE..., run TARGET [libFuzzer's arguments]")
}
