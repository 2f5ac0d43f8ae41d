import Testing

@testable import riffle

@Suite struct ArgumentParserTests {
  @Test func valuesFollowTheFlagOrAnEqualsSign() throws {
    let spaced = try ArgumentParser.parse(["export", "--table", "kpi_1m", "--output", "a=b"])
    let joined = try ArgumentParser.parse(["export", "--table=kpi_1m", "--output=a=b"])
    for arguments in [spaced, joined] {
      #expect(arguments.command.identity == .export)
      #expect(arguments.text("table") == "kpi_1m")
      #expect(arguments.text("output") == "a=b")
      #expect(arguments.text("format") == "ndjson")
      #expect(arguments.given("format") == nil)
      #expect(!arguments.has("raw"))
    }
  }

  @Test func flagsAndOperandsMixUntilTwoDashes() throws {
    let arguments = try ArgumentParser.parse(["backfill", "a", "--data", "d", "b", "-", "--", "--config", "c"])
    #expect(arguments.operands == ["a", "b", "-", "--config", "c"])
    #expect(arguments.text("data") == "d")
    #expect(!arguments.has("config"))
  }

  @Test func aRepeatableFlagKeepsItsOrder() throws {
    let arguments = try ArgumentParser.parse(["backfill", "f", "--set", "a=1", "--set=b=2"])
    #expect(arguments.texts("set") == ["a=1", "b=2"])
  }

  @Test func produceTakesSeveralFilesAndTypedValues() throws {
    let words = ["produce", "--to", "a", "b", "--events=12", "--to", "c", "--disorder", "2 min", "--malformed", "0.5"]
    let arguments = try ArgumentParser.parse(words)
    #expect(arguments.texts("to") + arguments.operands == ["a", "c", "b"])
    #expect(arguments.integer("events") == 12)
    #expect(arguments.integer("seed") == 1)
    #expect(arguments.durationMilliseconds("disorder") == 120_000)
    #expect(arguments.durationMilliseconds("span") == 7_200_000)
    #expect(arguments.ratio("malformed") == 0.5)
    #expect(arguments.time("start") == nil)
  }

  @Test func aCommandOfTwoWordsIsFound() throws {
    #expect(try ArgumentParser.parse(["config", "check", "--json"]).command.identity == .configCheck)
  }

  @Test(arguments: [
    (["--help"], ParsedArguments.Action.help(nil)),
    (["help"], .help(nil)),
    (["help", "config", "check"], .help("config check")),
    (["export", "--help"], .help("export")),
    (["config", "check", "-h"], .help("config check")),
    (["--version"], .version),
  ])
  func helpNeedsNothingElse(_ words: [String], _ action: ParsedArguments.Action) throws {
    #expect(try ArgumentParser.parse(words).action == action)
  }

  @Test(arguments: [
    ([], "a command is missing"),
    (["bakfill", "x"], "unknown command 'bakfill'; did you mean 'backfill'?"),
    (["frobnicate"], "unknown command 'frobnicate'; see 'riffle --help'"),
    (["help", "exprot"], "unknown command 'exprot'; did you mean 'export'?"),
    (["config"], "'config' needs one of: config check"),
    (["config", "chekc"], "did you mean 'config check'?"),
    (["--data", "x"], "a command comes before '--data'"),
    (["--versoin"], "did you mean '--version'?"),
    (["backfill"], "backfill: needs FILE..."),
    (["backfill", "f", "--dta", "x"], "backfill: unknown flag '--dta'; did you mean '--data'?"),
    (["backfill", "f", "-d"], "backfill: unknown flag '-d'"),
    (["backfill", "f", "--data"], "--data needs a value: --data DIR"),
    (["backfill", "f", "--data="], "--data must be a DIR, not ''"),
    (["backfill", "f", "--data", "a", "--data", "b"], "--data is given twice: 'a' and 'b'"),
    (["export"], "export: --table NAME is required"),
    (["export", "--table", "x", "y"], "export: takes no 'y'"),
    (["export", "--table", "x", "--raw=1"], "--raw takes no value, but has '1'"),
    (["export", "--table", "x", "--format", "cvs"], "must be ndjson, csv or parquet, not 'cvs'; did you mean 'csv'?"),
    (["produce", "--to", "f", "--events", "many"], "--events must be a whole number from 1"),
    (["produce", "--to", "f", "--duplicates", "2"], "--duplicates must be a number from 0 to 1"),
    (["produce", "--to", "f", "--span", "5"], "--span must be a duration from 10 ms to 36500 d"),
    (["produce", "--to", "f", "--start", "today"], "--start must be a date in UTC or a time"),
  ])
  func aMistakeIsNamedWithTheWayOut(_ words: [String], _ sentence: String) {
    let error = #expect(throws: CommandError.self) { try ArgumentParser.parse(words) }
    #expect(error?.code == .usage)
    #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "")")
  }
}
