/// A named, typed column of a table.
public struct Field: Sendable, Equatable {
  public let name: String
  public let type: ColumnType

  public init(_ name: String, _ type: ColumnType) {
    self.name = name
    self.type = type
  }
}

/// The columns of a table, in order. Names are flat snake_case and unique.
public struct Schema: Sendable, Equatable {
  public let fields: [Field]

  public init(_ fields: [Field]) {
    precondition(Set(fields.map(\.name)).count == fields.count, "a schema names a column twice")
    self.fields = fields
  }

  /// The position of the column called `name`. O(columns): resolve once, not per row.
  public func index(of name: String) -> Int? { fields.firstIndex { $0.name == name } }
}
