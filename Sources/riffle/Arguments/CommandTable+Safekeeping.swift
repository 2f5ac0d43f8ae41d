extension CommandTable {
  /// Commands that keep a data directory, or make it anew.
  static let safekeeping: [CommandSpecification] = [backup, restore, rebuild, compact]

  private static let backup = CommandSpecification(
    identity: .backup,
    name: "backup",
    purpose: "Copy the newest good commit of a data directory, while an engine may be writing it",
    details: """
      The backup is a data directory itself, with MANIFEST.json: the size and CRC32C of each file. Segments are
      hard-linked where both are on one file system, so backups beside each other share what they have in common. It is
      complete or not there at all. Every page is checked on the way.
      """,
    operands: .none,
    flags: [
      data,
      FlagSpecification(
        name: "output", kind: .text("DIR"), isRequired: true, summary: "The backup, a new or an empty directory"),
    ],
    example: "riffle backup --data data --output backups/monday",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .ourBug, .cannotCreate, .inputOutput])

  private static let restore = CommandSpecification(
    identity: .restore,
    name: "restore",
    purpose: "Make a data directory of a backup",
    details: """
      Checks every file against the manifest before anything is written, copies them all, and ends with the checks of
      'riffle verify', for which the configuration must be that of the backup. 'riffle run' then goes on from the
      offsets of the backup's commit: Kafka must still have them.
      """,
    operands: .none,
    flags: [
      FlagSpecification(name: "from", kind: .text("DIR"), isRequired: true, summary: "The backup"),
      FlagSpecification(
        name: "data", kind: .text("DIR"), defaultText: "data",
        summary: "The data directory, a new or an empty directory"),
      json, config, set,
    ],
    example: "riffle restore --from backups/monday --data data",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .ourBug, .cannotCreate, .inputOutput])

  private static let rebuild = CommandSpecification(
    identity: .rebuild,
    name: "rebuild",
    purpose: "Compute sessions and KPIs once more from the stored events",
    details: """
      For a changed rollup, session rule or event type, or as a check: with the definitions of before, exports stay the
      same byte for byte. Events, dead letters, offsets and counters are kept, and so are open windows and sessions, so
      that 'riffle run' and 'riffle backfill' go on. All in one commit. With --output the data directory stays as it is
      and may be in use; without it no engine may be running.
      """,
    operands: .none,
    flags: [
      data,
      FlagSpecification(
        name: "output", kind: .text("DIR"),
        summary: "Where the result goes, a new or an empty directory (default: the data directory)"),
      config, set,
    ],
    example: "riffle rebuild --data data --config riffle.yaml",
    exitCodes: [
      .success, .usage, .badData, .cannotOpenInput, .unavailable, .ourBug, .cannotCreate, .inputOutput,
    ])
  private static let compact = CommandSpecification(
    identity: .compact,
    name: "compact",
    purpose: "Merge the segments of a data directory into few, sorted and well compressed ones",
    details: """
      For a directory that no engine runs on; 'riffle run' and 'riffle demo' do so by the way. Deleted rows and days
      that are no longer kept (retention.*) go. Exports stay the same byte for byte. Ends by printing files, rows and
      bytes of each table before and after as one line of JSON; the files of before are removed when no commit that is
      kept names them any more. A second run changes nothing.
      """,
    operands: .none,
    flags: [data, config, set],
    example: "riffle compact --data data",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .unavailable, .ourBug, .cannotCreate, .inputOutput])
}
