extension Batch {
  /// Rows whose messages fit into the processor's first cache.
  private static let rowsAtOnce = 64

  /// The same rows with their texts side by side, column by column: what travels on is smaller than the messages, and
  /// read in order. O(bytes).
  ///
  /// All columns of a few messages are copied before the next messages: column by column, each message would be fetched
  /// from memory as often as it has texts.
  public func compacted() -> Batch {
    var copies = columns.map { column -> TextCopy? in
      guard case .string(let text) = column else { return nil }
      return TextCopy(text)
    }
    for start in stride(from: 0, to: rowCount, by: Batch.rowsAtOnce) {
      for index in copies.indices { copies[index]?.copy(start..<min(start + Batch.rowsAtOnce, rowCount)) }
    }
    return Batch(
      schema: schema, rowCount: rowCount,
      columns: zip(columns, copies).map { column, copy in copy.map { .string($0.copied) } ?? column })
  }
}

/// A column of text on its way into an arena of its own.
private struct TextCopy {
  private let source: StringColumn
  private let views: ColumnBuffer<StringView>
  private let arena: ByteArena

  init(_ source: StringColumn) {
    self.source = source
    let all = source.views.span
    var byteCount = 0
    for row in all.indices { byteCount += max(Int(all[row].length), 0) }
    views = unsafe ColumnBuffer(unclearedCapacity: all.count)
    arena = ByteArena(capacity: byteCount)
  }

  /// Copies the next rows, which follow those copied before.
  mutating func copy(_ rows: Range<Int>) {
    let all = source.views.span
    // `init` made room for the views and the bytes of all rows.
    let target = unsafe views.base
    for row in rows {
      let view = all[row]
      unsafe target[row] = view.isNull ? .null : arena.append(view, of: source.arena)
    }
  }

  /// The column after all rows were copied.
  var copied: StringColumn {
    views.seal(count: source.rowCount)
    return StringColumn(views: views, arena: arena)
  }
}
