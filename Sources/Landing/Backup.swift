internal import Checkpoints
public import ColdStore
internal import Encodings

/// Takes a backup of a data directory: the newest commit that verifies, in a directory that is a data directory, too.
///
/// An engine may be running meanwhile: nothing is locked. Segments are hard-linked where that is possible, so that a
/// backup costs little, and backups in the same file system share what is common to them. All files are read once, for
/// their checksums.
public enum Backup {
  /// What was backed up.
  public struct Outcome: Sendable {
    public let manifest: BackupManifest
    /// Files that backup and data directory share.
    public let sharedCount: Int
    /// Why newer commits were passed over.
    public let skipped: [String]
  }

  /// Backs up `directory` as `target`, which is complete or not there at all.
  ///
  /// Throws `OccupiedDirectoryError` where `target` holds anything, `CorruptionError` naming what is damaged: every
  /// page is checked, since a backup of damage is none.
  public static func run(_ directory: String, to target: String, fileSystem: any FileSystem) throws -> Outcome {
    try DirectoryCopy.run(directory, to: target, suffix: "backup", fileSystem: fileSystem) { aside, source in
      let commit = try CommitLog(directory: aside, fileSystem: fileSystem).read(source.epoch)
      for state in commit.tables {
        let reader = TableReader(state: state, directory: aside, fileSystem: fileSystem)
        for (_, file) in try reader.files() { try file.verify() }
      }
      let manifest = try BackupManifest(
        epoch: source.epoch, paths: source.paths, in: aside, fileSystem: fileSystem)
      try fileSystem.writeWhole("\(aside)/\(BackupManifest.fileName)", manifest.encoded())
      return Outcome(manifest: manifest, sharedCount: source.sharedCount, skipped: source.skipped)
    }
  }
}

/// Puts a backup back.
public enum Restore {
  /// Makes `directory` the data directory that was backed up as `backup`, complete or not at all. They share no file.
  ///
  /// Throws before anything is written: `DataDirectoryError` where `backup` is none, `CorruptionError` where it is
  /// damaged, `OccupiedDirectoryError` where `directory` holds anything, and what `check` throws, which is called when
  /// the files are those of the manifest.
  public static func run(
    _ backup: String, to directory: String, fileSystem: any FileSystem, check: () throws -> Void = {}
  ) throws -> BackupManifest {
    let manifestPath = "\(backup)/\(BackupManifest.fileName)"
    guard fileSystem.exists(manifestPath) else {
      throw DataDirectoryError("\(backup) is no backup: it has no \(BackupManifest.fileName)")
    }
    let manifest: BackupManifest
    do {
      manifest = try BackupManifest(try fileSystem.readAll(manifestPath))
    } catch let error as CorruptionError { throw CorruptionError(error.what, path: manifestPath) }
    guard try fileSystem.isVacant(directory) else { throw OccupiedDirectoryError(path: directory) }
    try manifest.check(backup, fileSystem: fileSystem)
    try check()
    let aside = directory + ".restore" + FileName.asideSuffix
    try fileSystem.removeTree(aside)
    for folder in Set(manifest.files.map { FileName.directory(of: "\(aside)/\($0.path)") }) {
      try fileSystem.createDirectory(folder)
    }
    for file in manifest.files { try fileSystem.copy("\(backup)/\(file.path)", to: "\(aside)/\(file.path)") }
    try fileSystem.synchronizeTree(aside)
    try fileSystem.rename(aside, to: directory)
    try fileSystem.synchronizeDirectory(FileName.directory(of: directory))
    return manifest
  }
}
