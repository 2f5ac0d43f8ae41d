extension Schema {
  /// Why rows stored with the columns of `older` cannot be read with these; nil where they can: a column that is new
  /// reads as null in them, and the order of columns does not matter. O(columns²).
  public func problem(reading older: Schema) -> String? {
    for field in older.fields {
      guard let index = index(of: field.name) else { return "column \(field.name) is there no more" }
      let type = fields[index].type
      guard type == field.type else { return "column \(field.name) is \(type) instead of \(field.type)" }
    }
    return nil
  }
}
