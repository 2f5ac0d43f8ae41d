/// A fixed-capacity, contiguous buffer of trivial values: the memory of a column.
///
/// Filled once by one owner, then shared read-only between operators, so that a batch travels through the graph without
/// being copied. Reading is by `Span` (bounds-checked, as fast as a pointer in a straight loop); decoders that fill
/// many columns at once write through `base`.
///
/// `@unchecked Sendable`: its filler has it alone until the batch that holds it is published; nobody writes afterwards.
@safe public final class ColumnBuffer<Value: BitwiseCopyable & Sendable>: @unchecked Sendable {
  /// The first element. Invariant of every use: indices stay below `capacity`, and nobody writes once `self` is shared.
  @unsafe public let base: UnsafeMutablePointer<Value>
  /// The number of values that fit, in values.
  public let capacity: Int
  /// Set once, by `seal`, before the buffer is shared: a check of exclusive access would find nothing, and cost more
  /// than the read of a value that `count` guards.
  @exclusivity(unchecked) @usableFromInline var sealedCount: Int

  /// A buffer for `capacity` values, zeroed, of which none is readable yet.
  public init(capacity: Int) {
    precondition(capacity >= 0, "a buffer cannot hold \(capacity) values")
    unsafe base = .allocate(capacity: max(capacity, 1))
    // Zeroed, so that a reader of a null cell never sees another batch's bytes.
    unsafe UnsafeMutableRawPointer(base)
      .initializeMemory(as: UInt8.self, repeating: 0, count: max(capacity, 1) * MemoryLayout<Value>.stride)
    self.capacity = capacity
    unsafe sealedCount = 0
  }

  /// A buffer for `capacity` values whose filler writes every one that it seals: the memory is not cleared first.
  @unsafe public init(unclearedCapacity capacity: Int) {
    precondition(capacity >= 0, "a buffer cannot hold \(capacity) values")
    unsafe base = .allocate(capacity: max(capacity, 1))
    self.capacity = capacity
    unsafe sealedCount = 0
  }

  /// A buffer that holds a copy of `values`.
  public convenience init(_ values: [Value]) {
    unsafe self.init(unclearedCapacity: values.count)
    unsafe values.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { unsafe base.update(from: first, count: source.count) }
    }
    unsafe sealedCount = values.count
  }

  deinit { unsafe base.deallocate() }

  /// The number of values that readers may see.
  @inlinable public var count: Int { unsafe sealedCount }

  /// Makes the first `count` values readable; called by the filler when it is done.
  public func seal(count: Int) {
    precondition(count <= capacity, "\(count) values do not fit into a buffer of \(capacity)")
    unsafe sealedCount = count
  }

  /// The readable values. O(1).
  public var span: Span<Value> {
    @_lifetime(borrow self)
    @inlinable get {
      let span = unsafe Span(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The value at `index`, bounds-checked.
  @inlinable public subscript(index: Int) -> Value {
    precondition(index >= 0 && index < count, "index out of a column's range")
    return unsafe base[index]
  }
}
