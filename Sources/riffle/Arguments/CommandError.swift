/// Why a command failed: one sentence for a person, one code for a script.
struct CommandError: Error, Equatable {
  let code: ExitCode
  /// What went wrong, where, and what to do about it.
  let message: String

  static func usage(_ message: String) -> CommandError { CommandError(code: .usage, message: message) }
  static func badData(_ message: String) -> CommandError { CommandError(code: .badData, message: message) }
  static func cannotOpenInput(_ message: String) -> CommandError {
    CommandError(code: .cannotOpenInput, message: message)
  }
  static func unavailable(_ message: String) -> CommandError { CommandError(code: .unavailable, message: message) }
  static func ourBug(_ message: String) -> CommandError { CommandError(code: .ourBug, message: message) }
  static func cannotCreate(_ message: String) -> CommandError { CommandError(code: .cannotCreate, message: message) }
  static func inputOutput(_ message: String) -> CommandError { CommandError(code: .inputOutput, message: message) }
}
