import ColdStore
import Simulation
import Testing

/// The disk in memory keeps what was synchronized, and sooner or later loses all else.
@Suite struct SimulatedFileSystemTests {
  private static let seeds = 1...200 as ClosedRange<UInt64>

  @Test func whatWasSynchronizedStays() throws {
    for seed in Self.seeds {
      let disk = SimulatedFileSystem(root: "/disk", seed: seed)
      try disk.createDirectory("/disk/data")
      let bytes = (0..<2_000).map { UInt8(truncatingIfNeeded: $0) }
      try disk.writeWhole("/disk/data/a", bytes)
      let file = try disk.appendToFile("/disk/data/a")
      try file.append([1, 2, 3].span)
      disk.losePower()
      #expect(try disk.readAll("/disk/data/a").starts(with: bytes), "seed \(seed)")
      #expect(try disk.list("/disk/data") == ["a"], "seed \(seed)")
    }
  }

  @Test func bytesThatWereNotSynchronizedMayBeLostOrTorn() throws {
    let bytes = [UInt8](repeating: 7, count: 2_000)
    var outcomes: Set<[UInt8]> = []
    for seed in Self.seeds {
      let disk = SimulatedFileSystem(root: "/disk", seed: seed)
      let file = try disk.createFile("/disk/a")
      try disk.synchronizeDirectory("/disk")
      try file.append(bytes.span)
      #expect(try disk.readAll("/disk/a") == bytes)
      disk.losePower()
      outcomes.insert(try disk.readAll("/disk/a"))
    }
    #expect(outcomes.contains([]) && outcomes.contains(bytes))
    #expect(outcomes.contains { $0.count == bytes.count && $0.contains(0) && $0.contains(7) }, "a sector in between")
    #expect(outcomes.contains { $0.count % 512 != 0 && $0.count < bytes.count }, "any byte")
  }

  @Test func namesThatWereNotSynchronizedComeAndGoByThemselves() throws {
    var outcomes: Set<[String]> = []
    for seed in Self.seeds {
      let disk = SimulatedFileSystem(root: "/disk", seed: seed)
      for name in ["a", "b"] { try disk.createFile("/disk/\(name)").synchronize() }
      try disk.synchronizeDirectory("/disk")
      try disk.rename("/disk/a", to: "/disk/c")
      try disk.remove("/disk/b")
      disk.losePower()
      outcomes.insert(try disk.list("/disk"))
    }
    #expect(outcomes == [["a"], ["a", "b"], ["b", "c"], ["c"]])
  }

  @Test func aDirectoryThatIsLostTakesItsFilesAlong() throws {
    var outcomes: Set<[Bool]> = []
    for seed in Self.seeds {
      let disk = SimulatedFileSystem(root: "/disk", seed: seed, lie: .synchronizesDirectories)
      try disk.createDirectory("/disk/data")
      try disk.writeWhole("/disk/data/a", [1])
      disk.losePower()
      outcomes.insert([disk.exists("/disk/data"), disk.exists("/disk/data/a")])
      if !disk.exists("/disk/data") { #expect(throws: FileError.self) { try disk.createFile("/disk/data/b") } }
    }
    #expect(outcomes == [[false, false], [true, false], [true, true]])
  }
}
