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

/// The texts of a column whose rows share them, and which of them each row has: whoever looks at texts looks at each
/// once.
public struct DistinctTexts: Sendable {
  /// The number of a null.
  public static let none = UInt32.max

  /// The texts, in the arena of their column. None is null; a damaged page may hold equal ones.
  public let views: ColumnBuffer<StringView>
  /// For each row the position of its text in `views`, or `none`.
  public let codes: ColumnBuffer<UInt32>

  public init(views: ColumnBuffer<StringView>, codes: ColumnBuffer<UInt32>) {
    self.views = views
    self.codes = codes
  }

  public var count: Int { views.count }
}

/// A column of text or bytes: views into a shared arena, so that decoding copies nothing.
public struct StringColumn: Sendable {
  public let views: ColumnBuffer<StringView>
  public let arena: ByteArena
  /// Known where the column was stored with each text once.
  public let distinct: DistinctTexts?

  public init(views: ColumnBuffer<StringView>, arena: ByteArena, distinct: DistinctTexts? = nil) {
    self.views = views
    self.arena = arena
    self.distinct = distinct
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
