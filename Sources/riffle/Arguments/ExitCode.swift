/// How a command ended, after `sysexits.h`, so that scripts can tell what to do next.
enum ExitCode: Int32, CaseIterable {
  case success = 0
  case usage = 64
  case badData = 65
  case cannotOpenInput = 66
  case unavailable = 69
  case ourBug = 70
  case cannotCreate = 73
  case inputOutput = 74

  /// What the code means, as help prints it.
  var meaning: String {
    switch self {
    case .success: "done"
    case .usage: "the command line or the configuration is wrong"
    case .badData: "the data is damaged or does not add up"
    case .cannotOpenInput: "an input file is missing or cannot be read"
    case .unavailable: "something that is needed does not answer"
    case .ourBug: "an error of Riffle itself; please report it"
    case .cannotCreate: "an output file cannot be created"
    case .inputOutput: "reading or writing failed"
    }
  }
}
