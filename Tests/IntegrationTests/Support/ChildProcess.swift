import Foundation
import Synchronization

/// A process that a test started: its lines, its input, its end.
final class ChildProcess: Sendable {
    /// How a process ended.
    enum Exit: Equatable {
        case code(Int32)
        case signal(Int32)
    }

    let identifier: pid_t
    let output: LineLog
    let errors: LineLog

    private let name: String
    private let input: Int32
    private let takesInput = Mutex(true)
    private let state = Mutex<Exit?>(nil)

    /// How it ended, once all is here that it and those wrote which it left its output to; `nil` until then.
    var exit: Exit? { output.ended && errors.ended ? state.withLock { $0 } : nil }

    /// Its last words, for the message of a test that fails.
    var lastWords: String { "\(name) wrote:\n" + errors.lines.suffix(20).joined(separator: "\n") }

    /// Starts `executable`, lets `body` work with it and ends it, whatever happens, before returning.
    static func with<Result>(
        _ executable: URL,
        _ arguments: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment,
        _ body: (ChildProcess) async throws -> Result
    ) async throws -> Result {
        let child = try ChildProcess(executable, arguments, environment)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(child))
        } catch {
            result = .failure(error)
        }
        // A thread waits for the end, so this waits no longer than a killed process takes.
        child.send(SIGKILL)
        child.waiter.wait()
        child.closeInput()
        return try result.get()
    }

    private let waiter = DispatchGroup()

    private init(_ executable: URL, _ arguments: [String], _ environment: [String: String]) throws {
        // Sockets, since a write to a process that has ended must be an error and not a signal. Close-on-exec, since the
        // end of this process must be the end of its children's input: no sibling may hold that open.
        let (ourInput, theirInput) = try Self.socketPair()
        let (ourOutput, theirOutput) = try Self.socketPair()
        let (ourErrors, theirErrors) = try Self.socketPair()
        defer { for descriptor in [theirInput, theirOutput, theirErrors] { close(descriptor) } }
        name = ([executable.lastPathComponent] + arguments.prefix(1)).joined(separator: " ")
        input = ourInput
        output = LineLog(reading: ourOutput)
        errors = LineLog(reading: ourErrors)
        identifier = try Self.spawn(
            [executable.path] + arguments,
            environment,
            standard: [theirInput, theirOutput, theirErrors]
        )
        waiter.enter()
        Thread.detachNewThread { [self] in awaitExit() }
    }

    /// Writes one line to its standard input. It may block for as long as the process does not read.
    func write(line: String) throws {
        try takesInput.withLock { takesInput in
            // Its descriptor may be another's by now.
            guard takesInput else { throw HarnessError("\(name) is over") }
            var rest = Array((line + "\n").utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { throw HarnessError("\(name) takes no input: \(lastWords)") }
                rest = rest.dropFirst(count)
            }
        }
    }

    private func closeInput() {
        // Ends a write that waits for room.
        shutdown(input, Int32(SHUT_RDWR))
        takesInput.withLock { takesInput in
            takesInput = false
            close(input)
        }
    }

    /// Sends a signal, unless the process has ended.
    func send(_ signal: Int32) {
        state.withLock { if $0 == nil { _ = kill(identifier, signal) } }
    }

    /// The most memory that it had resident so far, in MiB.
    func peakMemory() throws -> Int { try kibibytes("VmHWM") / 1024 }

    /// What memory it has resident, in KiB.
    func residentMemory() throws -> Int { try kibibytes("VmRSS") }

    /// Whether it has a handler for a signal.
    func catches(_ signal: Int32) throws -> Bool {
        guard let mask = UInt64(try status("SigCgt"), radix: 16) else { throw HarnessError("no signals of \(name)") }
        return mask >> UInt64(signal - 1) & 1 == 1
    }

    private func kibibytes(_ field: String) throws -> Int {
        guard let kibibytes = Int(try status(field).filter(\.isNumber)) else {
            throw HarnessError("no \(field) of \(name)")
        }
        return kibibytes
    }

    private func status(_ field: String) throws -> String {
        let status = try String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(field + ":") }) else {
            throw HarnessError("no \(field) of \(name)")
        }
        return line.dropFirst(field.count + 1).trimmingCharacters(in: .whitespaces)
    }

    /// Waits until it has ended and all that it wrote is here.
    func awaitEnd(within limit: Duration = .seconds(30)) async throws -> Exit {
        try await eventually("\(name) ends, and what it writes", within: limit, detail: { lastWords }) { exit }
    }

    private func awaitExit() {
        var information = siginfo_t()
        // The process stays a zombie until its end is noted, so that no signal ever reaches a successor of its id.
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        state.withLock { exit in
            var status: Int32 = 0
            waitpid(identifier, &status, 0)
            let signal = status & 0x7f
            exit = signal == 0 ? .code((status >> 8) & 0xff) : .signal(signal)
        }
        waiter.leave()
    }

    private static func socketPair() throws -> (Int32, Int32) {
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw HarnessError("socketpair: \(errno)")
        }
        return (pair[0], pair[1])
    }

    private typealias AddCloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

    /// glibc's from 2.34 on; Swift's module of it leaves it out.
    private static let addCloseFrom = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map {
        unsafeBitCast($0, to: AddCloseFrom.self)
    }

    private static func spawn(
        _ arguments: [String],
        _ environment: [String: String],
        standard: [Int32]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in standard.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
        }
        // NIO's sockets are not close-on-exec: a connection that a test closes would stay open in every child.
        guard addCloseFrom?(&actions, Int32(standard.count)) == 0 else {
            throw HarnessError("glibc has no posix_spawn_file_actions_addclosefrom_np")
        }
        // Threads of Dispatch block every signal, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var argumentPointers = arguments.map { strdup($0) } + [nil]
        var environmentPointers = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
        var identifier: pid_t = 0
        let code = posix_spawn(
            &identifier,
            arguments[0],
            &actions,
            &attributes,
            &argumentPointers,
            &environmentPointers
        )
        guard code == 0 else { throw HarnessError("cannot start \(arguments[0]): error \(code)") }
        return identifier
    }
}
