import FoundationEssentials
import Glibc

let code = Riffle.main(Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)
exit(code.rawValue)
