import Testing

/// What a reviewer should not have to say.
@Suite struct TidyTests {
  @Test func theTreeIsFound() {
    #expect(SourceTree.swiftFiles.count > 20)
    #expect(SourceTree.targets.contains("Columns"))
  }

  @Test func linesFitTheScreen() {
    eachLine(of: SourceTree.swiftFiles + SourceTree.otherFiles) { line in
      line.count <= 120 ? nil : "longer than 120 characters"
    }
  }

  @Test func nothingIsLeftForLater() {
    let marks = ["FIX" + "ME", "TO" + "DO", "XX" + "X", "HA" + "CK"]
    eachLine(of: SourceTree.swiftFiles + SourceTree.otherFiles) { line in
      marks.first(where: line.contains).map { "finish it instead of marking it \($0)" }
    }
  }

  @Test func noFileReachesOutsideTheRepository() {
    // Written in two parts, so that this file passes its own test.
    let outside = ["/wo" + "rk/", "/ho" + "me/", "/Us" + "ers/", "../../" + ".."]
    eachLine(of: SourceTree.swiftFiles + SourceTree.otherFiles) { line in
      outside.first(where: line.contains).map { "'\($0)' is outside the repository" }
    }
  }

  @Test(arguments: BannedCall.all) func bannedCallsStayOut(_ call: BannedCall) {
    let files = SourceTree.swiftFiles.filter { $0.path.hasPrefix("Sources/") || call.isBannedInTests }
    eachLine(of: files) { line in
      !isComment(line) && call.isMade(in: line) ? "'\(call.text)' is banned: \(call.instead)" : nil
    }
  }

  @Test func everyTargetSaysWhatItIs() {
    for target in SourceTree.targets where !SystemLibrary.isName(target) {
      let path = "Sources/\(target)/README.md"
      #expect(SourceTree.exists(path), "write \(path): what the target is and where to start reading")
    }
  }

  @Test func noTargetIsEmpty() {
    for target in SourceTree.targets where !SystemLibrary.isName(target) {
      #expect(SourceTree.swiftFiles.contains { $0.path.hasPrefix("Sources/\(target)/") }, "\(target)")
    }
  }

  @Test func filesEndWithOneNewline() {
    for file in SourceTree.swiftFiles + SourceTree.otherFiles {
      let end = file.lines.suffix(2)
      #expect(end.last == "" && end.first != "", "\(file.path) must end with exactly one newline")
    }
  }
}

/// A call that must not appear, and what to do instead.
struct BannedCall: Sendable, CustomTestStringConvertible {
  let text: String
  let instead: String
  var isBannedInTests = false

  var testDescription: String { text }

  static let all = [
    BannedCall(text: "try" + "!", instead: "throw, or handle the error", isBannedInTests: true),
    BannedCall(text: "as" + "! ", instead: "use as? and say what is wrong", isBannedInTests: true),
    BannedCall(text: "Thread.sl" + "eep", instead: "wait for the event itself", isBannedInTests: true),
    BannedCall(text: "usl" + "eep(", instead: "wait for the event itself", isBannedInTests: true),
    BannedCall(text: "Task.sl" + "eep", instead: "wait for the event itself", isBannedInTests: true),
    BannedCall(text: "fatalError" + "()", instead: "say in a sentence what is impossible and why"),
    BannedCall(text: "preconditionFailure" + "()", instead: "say in a sentence what is impossible and why"),
    BannedCall(text: "print" + "(", instead: "write results and notes through Terminal"),
  ]

  /// Whether `line` has the call as a whole word.
  func isMade(in line: Substring) -> Bool {
    line.ranges(of: text).contains { range in
      let before = line[..<range.lowerBound].last
      let after = line[range.upperBound...].first
      let startsWord = before.map { !$0.isLetter && $0 != "." && $0 != "\"" } ?? true
      let endsWord = text.last?.isLetter != true || after.map { !$0.isLetter } ?? true
      return startsWord && endsWord
    }
  }
}

private func isComment(_ line: Substring) -> Bool { line.drop { $0 == " " }.hasPrefix("//") }

/// Checks each line of `files`; `problem` says what is wrong with one.
private func eachLine(of files: [SourceTree.File], _ problem: (Substring) -> String?) {
  for file in files {
    for (index, line) in file.lines.enumerated() {
      if let problem = problem(line) { Issue.record("\(file.path):\(index + 1): \(problem)") }
    }
  }
}
