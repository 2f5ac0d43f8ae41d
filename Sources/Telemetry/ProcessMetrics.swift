internal import Glibc

/// What Prometheus' own client libraries tell of every process, under their names (`process_…`, without our prefix), so
/// that common dashboards find it. Read from the kernel at each scrape.
public enum ProcessMetrics {
  public static func register(in registry: MetricRegistry) {
    let start = startSeconds()
    registry.standard("process_start_time_seconds", "When the process started, in seconds since 1970.") { start }
    registry.standard("process_cpu_seconds_total", "Time of processors used, by the program and for it.", .counter) {
      cpuSeconds()
    }
    registry.standard("process_resident_memory_bytes", "Memory that is held in RAM.") { pages(1) }
    registry.standard("process_virtual_memory_bytes", "Memory that is addressed.") { pages(0) }
    registry.standard("process_open_fds", "Open files, sockets among them.") { openFileCount() }
    registry.standard("process_max_fds", "The most files that may be open.") { openFileLimit() }
  }

  private static func cpuSeconds() -> Double? {
    var usage = rusage()
    // The call fills `usage` and keeps nothing.
    guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// Bytes of a field of `/proc/self/statm`.
  private static func pages(_ field: Int) -> Double? {
    let fields = text("/proc/self/statm")?.split(separator: " ") ?? []
    guard field < fields.count, let count = Double(fields[field]) else { return nil }
    return count * Double(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// When the process started: now, less what the machine has been up since then.
  private static func startSeconds() -> Double? {
    // The second field is the program's name in parentheses, which may hold anything.
    guard let status = text("/proc/self/stat"), let parenthesis = status.lastIndex(of: ")") else { return nil }
    let fields = status[parenthesis...].split(separator: " ")
    guard fields.count > 20, let ticks = Double(fields[20]),
      let uptime = text("/proc/uptime")?.split(separator: " ").first.flatMap({ Double($0) })
    else { return nil }
    let age = uptime - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    return Double(WallClock.nowMilliseconds()) / 1000 - age
  }

  private static func openFileCount() -> Double? {
    // `directory` is open until the end of the function, and an entry is only asked whether it is there.
    guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
    defer { unsafe closedir(directory) }
    var count = 0
    while unsafe readdir(directory) != nil { count += 1 }
    // Without `.`, `..` and the directory itself.
    return Double(max(0, count - 3))
  }

  private static func openFileLimit() -> Double? {
    var limit = rlimit()
    // The call fills `limit` and keeps nothing.
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
    return Double(limit.rlim_cur)
  }

  /// A short file of the kernel's; nil where there is none.
  private static func text(_ path: String) -> String? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    // Within the array, whose count is given.
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
  }
}
