import CYaml

/// Reads YAML by libyaml into `YamlNode`s: a tree of text, since only the settings table knows what a text means.
enum YamlReader {
  /// What is wrong with a text, and on which line.
  struct Failure: Error, Equatable {
    let line: Int
    let message: String
  }

  /// Enough for any settings file; a deeper one is a mistake or an attack.
  static let maximumDepth = 16

  /// The version of the libyaml that is linked.
  static var libraryVersion: String {
    // A constant of the library.
    unsafe String(cString: yaml_get_version_string())
  }

  /// The first document of `text`; nil where there is none.
  static func read(_ text: String) throws(Failure) -> YamlNode? {
    let bytes = Array(text.utf8)
    let result: Result<YamlNode?, Failure> = unsafe bytes.withUnsafeBufferPointer { buffer in
      // The parser reads `buffer` and lives within this closure.
      do throws(Failure) {
        return .success(try unsafe load(buffer))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func load(_ bytes: UnsafeBufferPointer<UInt8>) throws(Failure) -> YamlNode? {
    // Invariant: parser and document are deleted exactly once, after the last use of their memory.
    var parser = unsafe yaml_parser_t()
    guard unsafe yaml_parser_initialize(&parser) == 1 else { throw Failure(line: 1, message: "out of memory") }
    defer { unsafe yaml_parser_delete(&parser) }
    unsafe yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
    var document = unsafe yaml_document_t()
    guard unsafe yaml_parser_load(&parser, &document) == 1 else { throw unsafe failure(parser) }
    defer { unsafe yaml_document_delete(&document) }
    // The tree builder keeps the pointer only within this call.
    return try unsafe withUnsafeMutablePointer(to: &document) { pointer -> Result<YamlNode?, Failure> in
      do throws(Failure) {
        var tree = unsafe YamlTree(document: pointer)
        return .success(try tree.root())
      } catch {
        return .failure(error)
      }
    }.get()
  }

  private static func failure(_ parser: yaml_parser_t) -> Failure {
    // The problem is a constant text of the library, or null.
    let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "not readable as YAML"
    return unsafe Failure(line: Int(parser.problem_mark.line) + 1, message: problem)
  }
}
