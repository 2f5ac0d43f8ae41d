internal import Checkpoints
internal import ColdStore

/// The files of one commit, put into another directory: that directory then holds the same commit.
///
/// Segments never change after they are written, so both directories share them where the file system allows it.
/// Tails grow and are copied to their committed length.
struct CommitFiles {
  let commit: Commit
  let directory: String
  let fileSystem: any FileSystem

  /// The files, relative to the data directory.
  var paths: [String] { [CommitLog.fileName(commit.epoch)] + commit.paths }

  /// Puts all files into `target`. Names are durable after `synchronizeTree`. Returns how many are shared.
  ///
  /// Throws where an engine that goes on has swept one of them meanwhile.
  func put(into target: String) throws -> Int {
    var sharedCount = 0
    for folder in Set(paths.map(FileName.directory)) { try fileSystem.createDirectory("\(target)/\(folder)") }
    // First what a sweep may take away soon: links are made in no time.
    for segment in commit.tables.flatMap(\.segments) {
      let isShared = try fileSystem.linkOrCopy("\(directory)/\(segment.path)", to: "\(target)/\(segment.path)")
      if isShared { sharedCount += 1 }
    }
    for tail in commit.tables.compactMap(\.tail) {
      try fileSystem.copy("\(directory)/\(tail.path)", to: "\(target)/\(tail.path)", byteCount: tail.validLength)
    }
    for path in Set(commit.operatorStates.values.joined().map(\.path)).sorted() + [CommitLog.fileName(commit.epoch)] {
      try fileSystem.copy("\(directory)/\(path)", to: "\(target)/\(path)")
    }
    return sharedCount
  }
}
