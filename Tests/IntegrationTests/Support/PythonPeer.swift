import Foundation
import Synchronization

/// A real peer: one of the scripts of `Peers`, which speaks JSON lines with the test.
final class PythonPeer: Sendable {
    private struct Mailbox {
        var position = 0
        var unread: [(name: String, line: String)] = []
    }

    private struct Named: Decodable {
        let event: String
    }

    let process: ChildProcess
    private let script: String
    private let mailbox = Mutex(Mailbox())

    private init(_ script: String, _ process: ChildProcess) {
        self.script = script
        self.process = process
    }

    /// Runs `Peers/<script>.py` for the length of `body`.
    static func with<Result>(
        _ script: String,
        _ arguments: [String] = [],
        in python: Project.Python = .fedoraMessaging,
        _ body: (PythonPeer) async throws -> Result
    ) async throws -> Result {
        let file = Project.peers.appending(path: script + ".py").path
        var environment = ProcessInfo.processInfo.environment
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        environment["PYTHONWARNINGS"] = "ignore"
        return try await ChildProcess.with(
            try python.executable,
            [file] + arguments,
            environment: environment
        ) { process in
            try await body(PythonPeer(script, process))
        }
    }

    /// Gives the peer a command.
    func send(_ command: some Encodable) throws {
        try process.write(line: String(decoding: JSONEncoder().encode(command), as: UTF8.self))
    }

    /// The first event of that name which has not been taken yet, waited for.
    func next<Event: Decodable>(
        _ name: String,
        as type: Event.Type,
        within limit: Duration = .seconds(60)
    ) async throws -> Event {
        let line = try await eventually("\(script) says \(name)", within: limit, detail: { process.lastWords }) {
            // Asked first: what it wrote before its end may come between the two.
            let hasEnded = process.exit != nil
            if let line = try take(name) { return line }
            guard !hasEnded else { throw HarnessError("\(script) ended. \(process.lastWords)") }
            return nil
        }
        return try decode(line)
    }

    /// As above, for an event that has nothing else to say.
    func next(_ name: String, within limit: Duration = .seconds(60)) async throws {
        _ = try await next(name, as: Named.self, within: limit)
    }

    /// The events of that name which are here and have not been taken yet.
    func taken<Event: Decodable>(_ name: String, as type: Event.Type) throws -> [Event] {
        var events: [Event] = []
        while let line = try take(name) { events.append(try decode(line)) }
        return events
    }

    private func take(_ name: String) throws -> String? {
        try mailbox.withLock { mailbox in
            let lines = process.output.lines(from: mailbox.position)
            mailbox.position += lines.count
            mailbox.unread += try lines.map { (try decode($0, as: Named.self).event, $0) }
            return mailbox.unread.firstIndex { $0.name == name }.map { mailbox.unread.remove(at: $0).line }
        }
    }

    private func decode<Event: Decodable>(_ line: String, as type: Event.Type = Event.self) throws -> Event {
        do {
            return try JSONDecoder().decode(Event.self, from: Data(line.utf8))
        } catch {
            throw HarnessError("\(script) said \(line): \(error)")
        }
    }
}
