import Columns
import Testing

@Suite struct SchemaEvolutionTests {
  private let stored = Schema([Field("at", .time), Field("name", .string)])

  @Test func columnsMayBeAddedAndMoved() {
    #expect(stored.problem(reading: stored) == nil && stored.problem(reading: Schema([])) == nil)
    let wider = Schema([Field("name", .string), Field("price", .decimal), Field("at", .time)])
    #expect(wider.problem(reading: stored) == nil)
  }

  @Test func whatIsStoredStaysWhatItIs() {
    #expect(Schema([Field("at", .time)]).problem(reading: stored) == "column name is there no more")
    let changed = Schema([Field("at", .integer), Field("name", .string)])
    #expect(changed.problem(reading: stored) == "column at is integer instead of time")
  }
}
