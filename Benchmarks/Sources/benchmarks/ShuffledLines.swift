import Ingest

extension Lines {
  /// The same lines with the members of the outer and the inner objects in a seeded random order; lines that are no
  /// object stay as they are.
  func shuffled() -> Lines {
    var random = LinearCongruence(state: 42)
    var shuffled: [UInt8] = []
    shuffled.reserveCapacity(bytes.count)
    for range in ranges {
      let line = text(range)
      if line.first == 0x7B, line.last == 0x7D {
        Lines.appendShuffled(line, to: &shuffled, &random)
      } else {
        shuffled += line
      }
      shuffled.append(0x0A)
    }
    return Lines(shuffled)
  }

  private static func appendShuffled(
    _ object: ArraySlice<UInt8>, to output: inout [UInt8], _ random: inout LinearCongruence
  ) {
    var parts = members(object.dropFirst().dropLast())
    for index in parts.indices.reversed() { parts.swapAt(index, random.next(below: index + 1)) }
    output.append(0x7B)
    for (index, member) in parts.enumerated() {
      if index > 0 { output.append(0x2C) }
      if member.last == 0x7D, let brace = member.firstIndex(of: 0x7B) {
        output += member[..<brace]
        appendShuffled(member[brace...], to: &output, &random)
      } else {
        output += member
      }
    }
    output.append(0x7D)
  }

  /// The members between the braces of an object.
  private static func members(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var (parts, depth, isText, isEscaped, start) = ([ArraySlice<UInt8>](), 0, false, false, text.startIndex)
    for (index, byte) in zip(text.indices, text) {
      if isEscaped {
        isEscaped = false
        continue
      }
      switch byte {
      case 0x5C: isEscaped = true
      case 0x22: isText.toggle()
      case 0x7B where !isText: depth += 1
      case 0x7D where !isText: depth -= 1
      case 0x2C where !isText && depth == 0:
        parts.append(text[start..<index])
        start = index + 1
      default: break
      }
    }
    return parts + [text[start...]]
  }
}

/// Knuth's generator: enough to shuffle with.
struct LinearCongruence {
  var state: UInt64

  mutating func next(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }
}
