internal import Foundation
internal import Glibc

/// A program that a test runs to its end.
enum Command {
  /// Throws what it wrote if it fails.
  static func run(_ path: String, _ words: [String], in directory: URL) throws {
    let log = directory.appending(path: "command.log")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    let output = try FileHandle(forWritingTo: log)
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = words
    process.currentDirectoryURL = directory
    process.standardOutput = output
    process.standardError = output
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let text = try String(contentsOf: log, encoding: .utf8)
      throw TestBroker.Failure(description: "\(path) \(words.joined(separator: " ")) failed:\n\(text)")
    }
  }
}

/// A certificate authority and a server certificate of its own for 127.0.0.1, made with openssl.
enum TestCertificates {
  /// Writes `ca.pem` for clients to trust, and `server.pem` (key and certificate) for the broker.
  static func make(in directory: URL) throws {
    func openssl(_ words: String) throws {
      try Command.run("/usr/bin/env", ["openssl"] + words.split(separator: " ").map(String.init), in: directory)
    }
    try "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
      .write(to: directory.appending(path: "extensions"), atomically: true, encoding: .utf8)
    try openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem")
    try openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out request.pem")
    try openssl(
      "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions "
        + "-out certificate.pem")
    try openssl("pkcs8 -topk8 -nocrypt -in key.pem -out server.pem")
    let key = try String(contentsOf: directory.appending(path: "server.pem"), encoding: .utf8)
    let certificate = try String(contentsOf: directory.appending(path: "certificate.pem"), encoding: .utf8)
    try (key + certificate).write(to: directory.appending(path: "server.pem"), atomically: true, encoding: .utf8)
  }
}

/// TCP ports of loopback that nobody listens on; until they are used another process might take them.
enum FreePort {
  /// Two of them, which differ: both are held until the second is found, since the system may give a port that was let
  /// go a second time.
  static func findTwo() throws -> (Int, Int) {
    let first = try bound()
    defer { close(first.socket) }
    let second = try bound()
    defer { close(second.socket) }
    return (first.port, second.port)
  }

  private static func bound() throws -> (socket: Int32, port: Int) {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw TestBroker.Failure(description: "no socket: errno \(errno)") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var count = socklen_t(MemoryLayout<sockaddr_in>.size)
    // The system calls read and write one address of `count` bytes, which is what `address` is.
    let code = unsafe withUnsafeMutableBytes(of: &address) { bytes in
      guard let pointer = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return Int32(-1) }
      guard unsafe bind(socket, pointer, count) == 0 else { return -1 }
      return unsafe getsockname(socket, pointer, &count)
    }
    guard code == 0 else {
      close(socket)
      throw TestBroker.Failure(description: "no free port: errno \(errno)")
    }
    return (socket, Int(UInt16(bigEndian: address.sin_port)))
  }
}
