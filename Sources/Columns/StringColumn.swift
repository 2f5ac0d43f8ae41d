/// Where one cell's UTF-8 bytes lie in a batch's arena; a negative length is a null.
@frozen public struct StringView: BitwiseCopyable, Sendable, Equatable {
  public var offset: UInt32
  public var length: Int32

  @inlinable public init(offset: UInt32, length: Int32) {
    self.offset = offset
    self.length = length
  }

  public static let null = StringView(offset: 0, length: -1)
  @inlinable public var isNull: Bool { length < 0 }
}

/// A column of text or bytes: views into a shared arena, so that decoding copies nothing.
public struct StringColumn: Sendable {
  public let views: ColumnBuffer<StringView>
  public let arena: ByteArena

  public init(views: ColumnBuffer<StringView>, arena: ByteArena) {
    self.views = views
    self.arena = arena
  }

  public var rowCount: Int { views.count }
  @inlinable public func isNull(_ row: Int) -> Bool { views[row].isNull }

  /// The bytes of `row`'s cell, empty for a null. O(1).
  @_lifetime(borrow self)
  @inlinable public func bytes(_ row: Int) -> Span<UInt8> {
    let view = views[row]
    let length = max(Int(view.length), 0)
    precondition(Int(view.offset) + length <= arena.count, "a string view points outside its arena")
    let span = unsafe Span(_unsafeStart: UnsafePointer(arena.base + Int(view.offset)), count: length)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// The text of `row`, or nil for a null; ill-formed UTF-8 is replaced. Allocates: for the control plane and exports.
  public func text(_ row: Int) -> String? {
    guard !isNull(row) else { return nil }
    return unsafe bytes(row).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

extension StringColumn {
  /// The same texts side by side in an arena of their own. O(bytes).
  public func compacted() -> StringColumn {
    let views = views.span
    var byteCount = 0
    for row in views.indices { byteCount += max(Int(views[row].length), 0) }
    let target = ByteArena(capacity: byteCount)
    let moved = ColumnBuffer<StringView>(capacity: views.count)
    for row in views.indices {
      let view = views[row]
      // Room for as many views as there are rows.
      unsafe moved.base[row] = view.isNull ? .null : target.append(view, of: arena)
    }
    moved.seal(count: views.count)
    return StringColumn(views: moved, arena: target)
  }
}

extension Batch {
  /// The same rows with their texts side by side, column by column: what travels on is smaller than the messages, and
  /// read in order. Done while the messages are in the processor's cache. O(bytes).
  public func compacted() -> Batch {
    let columns = columns.map { column -> Column in
      guard case .string(let text) = column else { return column }
      return .string(text.compacted())
    }
    return Batch(schema: schema, rowCount: rowCount, columns: columns)
  }
}
