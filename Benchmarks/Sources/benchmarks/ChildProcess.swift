import Foundation

/// A program run to its end, and what it used.
struct ChildProcess {
  let exitCode: Int32
  let wallSeconds: Double
  /// User and system time of all its threads.
  let cpuSeconds: Double
  /// The largest resident set. On Linux a child starts with that of the process that spawned it: stay small.
  let peakMegabytes: Double
  let output: String

  /// Runs `command`, a path or a name of PATH and its arguments; standard output is kept, standard error is passed on
  /// unless `isQuiet`.
  static func run(_ command: [String], isQuiet: Bool = false) throws -> ChildProcess {
    try RunningProcess(command, errors: isQuiet ? "/dev/null" : nil).wait()
  }

  /// The same of a program that has to succeed.
  static func succeed(_ command: [String], isQuiet: Bool = false) throws -> ChildProcess {
    let ended = try run(command, isQuiet: isQuiet)
    guard ended.exitCode == 0 else {
      throw BenchmarkError("'\(command.joined(separator: " "))' ended with exit code \(ended.exitCode)", exitCode: 69)
    }
    return ended
  }
}

/// A program that runs meanwhile. It is stopped with the last reference.
final class RunningProcess {
  let identifier: pid_t
  private let command: [String]
  /// The file of its standard output.
  private let capture: String
  private let start = ContinuousClock.now
  private var ended: ChildProcess?

  /// Starts `command`, a path or a name of PATH and its arguments.
  ///
  /// - Parameter errors: the file for its standard error; nil passes it on.
  init(_ command: [String], errors: String? = nil) throws {
    self.command = command
    capture = FileManager.default.temporaryDirectory.appending(path: "benchmarks-\(UUID().uuidString)").path
    identifier = try RunningProcess.spawn(command, output: capture, errors: errors)
  }

  deinit {
    guard ended == nil else { return }
    stop()
    _ = try? wait()
  }

  /// Asks it to end.
  func stop() { if ended == nil { kill(identifier, SIGTERM) } }

  /// What it used, once it has ended.
  func wait() throws -> ChildProcess {
    if let ended { return ended }
    defer { try? FileManager.default.removeItem(atPath: capture) }
    var (status, usage) = (Int32(0), rusage())
    while unsafe wait4(identifier, &status, 0, &usage) < 0 {
      guard errno == EINTR else { throw RunningProcess.failure(command, errno) }
    }
    let wall = ContinuousClock.now - start
    let result = ChildProcess(
      exitCode: status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F,
      wallSeconds: wall / .seconds(1),
      cpuSeconds: RunningProcess.seconds(usage.ru_utime) + RunningProcess.seconds(usage.ru_stime),
      peakMegabytes: Double(usage.ru_maxrss) * 1024 / 1e6,
      output: (try? String(contentsOfFile: capture, encoding: .utf8)) ?? "")
    ended = result
    return result
  }

  private static func spawn(_ command: [String], output: String, errors: String?) throws -> pid_t {
    // Invariant: `actions` is initialized between init and destroy; every argument is copied and freed here, and the
    // array ends with nil.
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    unsafe posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
    if let errors { unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600) }
    var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let error = unsafe posix_spawnp(&process, command[0], &actions, nil, &arguments, environ)
    if error != 0 { throw failure(command, error) }
    return process
  }

  private static func failure(_ command: [String], _ error: Int32) -> BenchmarkError {
    let reason = unsafe String(cString: strerror(error))
    return BenchmarkError("cannot run \(command.first ?? "nothing"): \(reason)", exitCode: 69)
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}

/// The median of each number of several runs of one program.
struct RunMedians {
  let wallSeconds: Double
  let cpuSeconds: Double
  let peakMegabytes: Double

  init(_ runs: [ChildProcess]) {
    wallSeconds = runs.map(\.wallSeconds).median
    cpuSeconds = runs.map(\.cpuSeconds).median
    peakMegabytes = runs.map(\.peakMegabytes).median
  }
}
