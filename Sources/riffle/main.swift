import FoundationEssentials
import Glibc

ProcessMemory.keepFreedPages()
let code = Riffle.main(Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)
exit(code.rawValue)
