// Runs the simulation for seeds in a row: `simulate SEEDS [FIRST] [FLAW]`. Ends with 1 if one differs.
internal import Glibc
internal import Simulation
internal import TestSupport

/// Dictionaries are in one order in each process, unless this is set before it starts; seeds could not be repeated.
func restartWithFixedOrder() {
  guard unsafe getenv("SWIFT_DETERMINISTIC_HASHING") == nil else { return }
  unsafe setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
  // Ends with a null pointer, as the call wants it; the copies live until the process is another.
  var arguments = unsafe CommandLine.arguments.map { unsafe strdup($0) } + [nil]
  unsafe execv("/proc/self/exe", &arguments)
}

restartWithFixedOrder()
let arguments = CommandLine.arguments
let count = arguments.count > 1 ? UInt64(arguments[1]) ?? 1 : 500
let first = arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : 1
let flaw = arguments.count > 3 ? Simulation.Flaw.allCases.first { "\($0)" == arguments[3] } ?? .none : .none
let outcome = try SeedRun(first: first, count: count, flaw: flaw).run()
exit(outcome ? 0 : 1)
