public import ColdStore
internal import Columns
internal import Dispatch
internal import Synchronization
public import Telemetry

/// A file to which a line is added for each request that takes away tables, asks a query or changes the server, and of
/// which `AuditReport` tells whether it is as it was written (`AuditChain`).
///
/// Lines are written in the order of requests on a queue of their own, and are on the disk soon after. One that cannot
/// be written stands in the log, as all do.
///
/// `@unchecked Sendable`: what changes is used on `queue` alone.
public final class AuditTrail: @unchecked Sendable {
  /// No line is as long.
  static let lineBytesMax = 64 << 10

  private let path: String
  private let fileSystem: any FileSystem
  private let log: Log
  private let nowMilliseconds: @Sendable () -> Int64
  private let queue = DispatchQueue(label: "riffle.http.audit")
  private var chain: AuditChain
  /// Nil where writing has failed: what is in the file then is looked at first.
  private var file: (any WritableFile)?
  private var isDurable = true

  /// Goes on behind the last line of the file at `path`, which is made if there is none. A line that was cut off stays,
  /// on a line of its own.
  ///
  /// - Throws: `AuditError` where the file is something else, or its last line was changed; errors of the disk.
  public init(
    _ path: String, fileSystem: any FileSystem = LocalFileSystem(), log: Log = Log(),
    nowMilliseconds: @escaping @Sendable () -> Int64 = { WallClock.nowMilliseconds() }
  ) throws {
    self.path = path
    self.fileSystem = fileSystem
    self.log = log
    self.nowMilliseconds = nowMilliseconds
    (chain, file) = try AuditTrail.open(path, fileSystem)
  }

  /// Adds a line, later.
  func add(_ line: AuditLine) {
    let now = nowMilliseconds()
    queue.async { self.write(line, now) }
  }

  /// Returns when everything that was added is on the disk.
  public func finish() { queue.sync { synchronize() } }

  private func write(_ line: AuditLine, _ now: Int64) {
    do {
      if file == nil { (chain, file) = try AuditTrail.open(path, fileSystem) }
      let bytes = chain.link { json in
        json.field("time", time: now)
        line.write(to: &json)
      }
      try file?.append((bytes + [UInt8(ascii: "\n")]).span)
      // Once for all lines that wait behind this one.
      if isDurable { queue.async { self.synchronize() } }
      isDurable = false
    } catch {
      file = nil
      log.error("audit trail", ["problem": .text("a line could not be added: \(error)")])
    }
  }

  private func synchronize() {
    guard !isDurable else { return }
    isDurable = true
    do {
      try file?.synchronize()
    } catch {
      log.error("audit trail", ["problem": .text("\(error)")])
    }
  }

  private static func open(_ path: String, _ fileSystem: any FileSystem) throws -> (AuditChain, any WritableFile) {
    var chain = AuditChain()
    guard fileSystem.exists(path) else {
      let file = try fileSystem.createFile(path)
      try fileSystem.synchronizeDirectory(FileName.directory(of: path))
      return (chain, file)
    }
    let (last, isCut) = try lastLine(path, fileSystem)
    if let last, !chain.goOn(behind: last[...]) {
      throw AuditError(
        "\(path) ends with a line that is no line of an audit trail, or was changed: keep the file elsewhere, see what "
          + "'riffle audit verify' says of it, and start with a new one")
    }
    let file = try fileSystem.appendToFile(path)
    let lineFeed: [UInt8] = [UInt8(ascii: "\n")]
    if isCut { try file.append(lineFeed.span) }
    return (chain, file)
  }

  /// The last whole line, and whether something is behind it.
  private static func lastLine(_ path: String, _ fileSystem: any FileSystem) throws -> ([UInt8]?, isCut: Bool) {
    let file = try fileSystem.openFile(path)
    let count = try file.byteCount()
    let start = max(0, count - 2 * lineBytesMax)
    let bytes = try file.read(at: start, count: count - start)
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    let isCut = bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false
    // What a crash has cut off has no hash; one that lacks the line feed alone is of the chain.
    let last = lines.last(where: AuditChain.isWhole)
    guard last != nil || lines.count <= 1 else { throw AuditError("\(path) is no audit trail: name another file") }
    return (last.map { Array($0) }, isCut)
  }
}

/// Why a file is no audit trail to go on with.
public struct AuditError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
