/// Growing bytes that string columns point into by offset.
///
/// The arena of a decoded batch starts as the raw messages themselves; what is not in them verbatim (unescaped text)
/// is appended. Offsets stay valid when the memory moves. At most 4 GiB, since views hold 32-bit offsets.
///
/// `@unchecked Sendable`: its filler has it alone until the batch that holds it is published; nobody writes
/// afterwards.
@safe public final class ByteArena: @unchecked Sendable {
  /// Readable bytes behind `count`, so that word-wise scans may run over the end.
  public static let padding = 64

  /// Where the bytes lie.
  @unsafe @usableFromInline struct Memory {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var count: Int
    @usableFromInline var capacity: Int
  }

  /// Nobody reads while the one filler writes: checks of exclusive access, one for each cell read, would find
  /// nothing.
  @exclusivity(unchecked) @usableFromInline var memory: Memory

  /// The first byte; moves when the arena grows. Invariant of every use: offsets stay below `count + padding`.
  @unsafe @inlinable public var base: UnsafeMutablePointer<UInt8> { unsafe memory.base }
  @inlinable public var count: Int { unsafe memory.count }
  @inlinable public var capacity: Int { unsafe memory.capacity }

  public init(capacity: Int = 0) {
    unsafe memory = Memory(base: .allocate(capacity: capacity + ByteArena.padding), count: 0, capacity: capacity)
    // What lies behind `count` is never looked at but by word-wise scans, which drop it again: only the end is
    // cleared.
    unsafe (base + capacity).initialize(repeating: 0, count: ByteArena.padding)
  }

  public convenience init(_ bytes: [UInt8]) {
    self.init(capacity: bytes.count)
    append(bytes.span)
  }

  deinit { unsafe base.deallocate() }

  /// Makes room for `additional` more bytes; amortized O(1) per byte.
  public func reserve(_ additional: Int) {
    guard count + additional > capacity else { return }
    let grown = max(count + additional, capacity * 2, 256)
    precondition(grown <= Int(UInt32.max), "an arena cannot pass 4 GiB")
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: grown + ByteArena.padding)
    unsafe moved.update(from: base, count: count)
    unsafe (moved + grown).initialize(repeating: 0, count: ByteArena.padding)
    unsafe base.deallocate()
    unsafe memory.base = moved
    unsafe memory.capacity = grown
  }

  /// Appends `bytes` and returns where they begin.
  @discardableResult
  public func append(_ bytes: Span<UInt8>) -> Int {
    reserve(bytes.count)
    let start = count
    unsafe bytes.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { unsafe (base + start).update(from: first, count: source.count) }
    }
    unsafe memory.count += bytes.count
    return start
  }

  /// Appends `length` bytes at `source`, which stays valid for the call, and returns where they begin.
  @unsafe @discardableResult
  public func append(_ source: UnsafePointer<UInt8>, length: Int) -> Int {
    reserve(length)
    let start = count
    unsafe (base + start).update(from: source, count: length)
    unsafe memory.count += length
    return start
  }

  /// Appends the bytes that `view` has in `source` and returns where they lie here; most are short.
  public func append(_ view: StringView, of source: ByteArena) -> StringView {
    let length = Int(view.length)
    precondition(Int(view.offset) + length <= source.count, "a string view points outside its arena")
    reserve(length)
    let start = count
    // Sixteen bytes a step: reads run into the padding of `source`, writes into that of this arena.
    let from = unsafe UnsafeRawPointer(source.base + Int(view.offset))
    let to = unsafe UnsafeMutableRawPointer(base + start)
    var copied = 0
    while copied < length {
      let step = unsafe from.loadUnaligned(fromByteOffset: copied, as: SIMD16<UInt8>.self)
      unsafe to.storeBytes(of: step, toByteOffset: copied, as: SIMD16<UInt8>.self)
      copied += 16
    }
    unsafe memory.count += length
    return StringView(offset: UInt32(start), length: view.length)
  }

  /// Declares that a reader filled `length` bytes behind `count` by itself (`read(2)` into `base + count`).
  public func extend(by length: Int) {
    precondition(count + length <= capacity, "an arena was extended past its capacity")
    unsafe memory.count += length
  }

  /// Forgets the bytes from `count` on.
  public func truncate(to count: Int) {
    precondition(count >= 0 && count <= self.count, "an arena of \(self.count) bytes cannot be cut to \(count)")
    unsafe memory.count = count
  }

  /// All bytes. O(1).
  public var span: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let span = unsafe Span(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }
}
