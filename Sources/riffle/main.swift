import FoundationEssentials
import Glibc

ProcessMemory.keepFreedMemory()
let code = Riffle.main(Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)
exit(code.rawValue)
