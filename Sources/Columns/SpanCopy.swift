extension [UInt8] {
  /// A copy of `bytes`, which outlives the memory that they are viewed in.
  public init(copying bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }
}
