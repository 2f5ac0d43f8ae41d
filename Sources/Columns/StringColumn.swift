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
