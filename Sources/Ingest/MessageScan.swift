/// One look at all bytes of a message before it is parsed, so that its strings need not be checked one by one.
struct MessageScan {
  /// Whether any byte is not ASCII: only then the message has to be validated as UTF-8.
  var hasNonASCII = false
  /// Whether any byte is below 0x20: allowed between tokens, not in strings.
  var hasControls = false

  /// Looks at `length` bytes at `bytes`, 32 a step.
  @unsafe init(_ bytes: UnsafePointer<UInt8>, _ length: Int) {
    let raw = unsafe UnsafeRawPointer(bytes)
    let none = SIMD16<UInt8>(repeating: 0)
    let highBits = SIMD16<UInt8>(repeating: 0xE0)
    var all = none
    var controls = SIMDMask<SIMD16<Int8>>(repeating: false)
    var i = 0
    while i + 32 <= length {
      let a = unsafe raw.loadUnaligned(fromByteOffset: i, as: SIMD16<UInt8>.self)
      let b = unsafe raw.loadUnaligned(fromByteOffset: i + 16, as: SIMD16<UInt8>.self)
      all = all | a | b
      controls = controls .| ((a & highBits) .== none) .| ((b & highBits) .== none)
      i += 32
    }
    var rest: UInt8 = 0
    while i < length {
      let byte = unsafe bytes[i]
      rest |= byte
      hasControls = hasControls || byte < 0x20
      i += 1
    }
    let seen = unsafe unsafeBitCast(all, to: SIMD2<UInt64>.self)
    hasNonASCII = (seen[0] | seen[1]) & 0x8080_8080_8080_8080 != 0 || rest >= 0x80
    let found = unsafe unsafeBitCast(controls, to: SIMD2<UInt64>.self)
    hasControls = hasControls || found[0] | found[1] != 0
  }
}
