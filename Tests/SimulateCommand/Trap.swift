internal import Glibc
internal import Synchronization

/// The seed that is being run.
let currentSeed = Atomic<UInt64>(0)

/// A precondition that fails ends the process at once: lets it say at which seed.
func sayWhereItTraps() {
  for number in [SIGILL, SIGTRAP, SIGSEGV] {
    signal(number) { number in
      // Only calls that are allowed in a signal's handler: no memory is taken.
      var digits: InlineArray<21, UInt8> = InlineArray(repeating: UInt8(ascii: "\n"))
      var (seed, position) = (currentSeed.load(ordering: .relaxed), 20)
      repeat {
        position -= 1
        digits[position] = UInt8(ascii: "0") + UInt8(seed % 10)
        seed /= 10
      } while seed > 0
      let text: StaticString = "trapped at seed "
      unsafe write(2, text.utf8Start, text.utf8CodeUnitCount)
      unsafe digits.span.withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress else { return }
        _ = unsafe write(2, base + position, bytes.count - position)
      }
      _exit(128 + number)
    }
  }
}
