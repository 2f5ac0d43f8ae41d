/// The names in one directory: those that processes see, and those that the disk has.
///
/// What was done since the last synchronization may be lost, each change by itself: a name can come without one that
/// was made before it.
struct SimulatedDirectory {
  enum Node {
    case file(SimulatedInode)
    case directory
  }

  private enum Change {
    case link(String, Node)
    case unlink(String)
    case rename(String, to: String, Node)
  }

  private(set) var names: [String: Node] = [:]
  private var durable: [String: Node] = [:]
  private var pending: [Change] = []

  mutating func link(_ name: String, _ node: Node) { make(.link(name, node)) }
  mutating func unlink(_ name: String) { make(.unlink(name)) }

  mutating func rename(_ name: String, to target: String) {
    if let node = names[name] { make(.rename(name, to: target, node)) }
  }

  private mutating func make(_ change: Change) {
    SimulatedDirectory.apply(change, to: &names)
    pending.append(change)
  }

  private static func apply(_ change: Change, to names: inout [String: Node]) {
    switch change {
    case .link(let name, let node): names[name] = node
    case .unlink(let name): names[name] = nil
    case .rename(let name, let target, let node):
      names[name] = nil
      names[target] = node
    }
  }

  mutating func synchronize() {
    durable = names
    pending = []
  }

  /// What a power cut leaves: every change that was synchronized, and of the others some.
  mutating func losePower(_ survives: () -> Bool) {
    for change in pending where survives() { SimulatedDirectory.apply(change, to: &durable) }
    names = durable
    pending = []
  }
}
