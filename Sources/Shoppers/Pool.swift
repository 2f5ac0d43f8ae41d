/// Elements at indices that stay theirs until they are removed; indices are used again. O(1) per operation.
struct Pool<Element: Sendable>: Sendable {
  private var elements: [Element?] = []
  private var free: [Int] = []

  mutating func insert(_ element: Element) -> Int {
    if let index = free.popLast() {
      elements[index] = element
      return index
    }
    elements.append(element)
    return elements.count - 1
  }

  /// The element at `index`, which is in use.
  subscript(index: Int) -> Element {
    get {
      guard let element = elements[index] else { preconditionFailure("index \(index) of a pool is not in use") }
      return element
    }
    set { elements[index] = newValue }
  }

  mutating func remove(_ index: Int) -> Element {
    let element = self[index]
    elements[index] = nil
    free.append(index)
    return element
  }
}
