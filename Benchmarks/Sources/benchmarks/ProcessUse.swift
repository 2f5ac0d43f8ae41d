import Foundation

/// What a running process uses, as the kernel tells it.
struct ProcessUse {
  let residentMegabytes: Double
  /// User and system time of all its threads.
  let cpuSeconds: Double

  init(_ identifier: pid_t) throws {
    guard let memory = try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8),
      let state = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8),
      let name = state.lastIndex(of: ")")
    else { throw BenchmarkError("process \(identifier) is gone", exitCode: 69) }
    let pages = memory.split(separator: " ").compactMap { Double($0) }
    residentMegabytes = (pages.count > 1 ? pages[1] : 0) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
    // Behind the name, which may hold anything: the 12th and 13th are ticks in user and system mode.
    let numbers = state[state.index(after: name)...].split(separator: " ")
    let ticks = numbers.count > 12 ? (Double(numbers[11]) ?? 0) + (Double(numbers[12]) ?? 0) : 0
    cpuSeconds = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}

/// What the files under a directory take.
enum DiskUse {
  static func megabytes(of directory: String) -> Double {
    let names = FileManager.default.enumerator(atPath: directory)
    var bytes = 0.0
    while let name = names?.nextObject() as? String {
      // A file may be gone by now.
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
      if attributes?[.type] as? FileAttributeType == .typeRegular {
        bytes += (attributes?[.size] as? NSNumber)?.doubleValue ?? 0
      }
    }
    return bytes / 1e6
  }
}
