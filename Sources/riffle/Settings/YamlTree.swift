import CYaml

/// Copies one libyaml document into `YamlNode`s.
///
/// Invariant of every unsafe use: `document` is loaded and outlives this value, and so do the nodes inside it.
@safe struct YamlTree {
  private let document: UnsafeMutablePointer<yaml_document_t>
  /// The nodes copied so far. A second visit means an alias, and aliases could make a small file an endless tree.
  private var seen: Set<Int32> = []

  init(document: UnsafeMutablePointer<yaml_document_t>) {
    unsafe self.document = document
  }

  /// The document's value; nil where it is empty.
  mutating func root() throws(YamlReader.Failure) -> YamlNode? {
    guard unsafe yaml_document_get_root_node(document) != nil else { return nil }
    // libyaml numbers nodes from 1, the root first.
    return try copy(1, referredOnLine: 1, depth: 0)
  }

  private mutating func copy(_ number: Int32, referredOnLine parentLine: Int, depth: Int)
    throws(YamlReader.Failure) -> YamlNode
  {
    guard let node = unsafe yaml_document_get_node(document, number) else {
      throw YamlReader.Failure(line: parentLine, message: "an empty node")
    }
    let line = unsafe Int(node.pointee.start_mark.line) + 1
    guard seen.insert(number).inserted else {
      throw YamlReader.Failure(line: parentLine, message: "aliases (*name) are not supported")
    }
    guard depth < YamlReader.maximumDepth else {
      throw YamlReader.Failure(line: line, message: "nested deeper than \(YamlReader.maximumDepth) levels")
    }
    switch unsafe node.pointee.type {
    case YAML_SCALAR_NODE: return YamlNode(line: line, content: .scalar(unsafe scalar(node)))
    case YAML_SEQUENCE_NODE:
      let items = unsafe node.pointee.data.sequence.items
      var elements: [YamlNode] = []
      for index in unsafe 0..<(items.top - items.start) {
        elements.append(try copy(unsafe items.start[index], referredOnLine: line, depth: depth + 1))
      }
      return YamlNode(line: line, content: .list(elements))
    case YAML_MAPPING_NODE:
      return YamlNode(line: line, content: .map(try unsafe entries(node, line: line, depth: depth)))
    default: throw YamlReader.Failure(line: line, message: "an empty node")
    }
  }

  private mutating func entries(_ map: UnsafeMutablePointer<yaml_node_t>, line: Int, depth: Int)
    throws(YamlReader.Failure) -> [YamlNode.Entry]
  {
    let pairs = unsafe map.pointee.data.mapping.pairs
    var entries: [YamlNode.Entry] = []
    var lines: [String: Int] = [:]
    for index in unsafe 0..<(pairs.top - pairs.start) {
      let key = try copy(unsafe pairs.start[index].key, referredOnLine: line, depth: depth + 1)
      guard case .scalar(let name) = key.content else {
        throw YamlReader.Failure(line: key.line, message: "a key must be a single word, not \(key.kindName)")
      }
      if let earlier = lines.updateValue(key.line, forKey: name) {
        throw YamlReader.Failure(line: key.line, message: "'\(name)' is already set on line \(earlier)")
      }
      let value = try copy(unsafe pairs.start[index].value, referredOnLine: key.line, depth: depth + 1)
      entries.append(YamlNode.Entry(key: name, line: key.line, value: value))
    }
    return entries
  }

  private func scalar(_ node: UnsafeMutablePointer<yaml_node_t>) -> String {
    let scalar = unsafe node.pointee.data.scalar
    let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: Int(scalar.length))
    let text = unsafe String(decoding: bytes, as: UTF8.self)
    let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
    return isPlain && (text == "~" || text == "null") ? "" : text
  }
}
