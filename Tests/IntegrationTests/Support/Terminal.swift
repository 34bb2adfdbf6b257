import Foundation

/// A command whose standard error, or standard output too, is a terminal.
struct Terminal {
    struct Ended: Decodable {
        let status: Int32
        /// All that the terminal got.
        let text: String
    }

    private struct Wrote: Decodable { let text: String }

    private let peer: PythonPeer

    /// Runs a command for the length of `body`.
    static func with<Result>(
        _ command: [String],
        both: Bool = false,
        _ body: (Terminal) async throws -> Result
    ) async throws -> Result {
        // A variable that the command does not know would be a warning.
        let clean = ["/usr/bin/env"] + unset.flatMap { ["-u", $0] }
        return try await PythonPeer.with("terminal", [both ? "both" : "error"] + clean + command) {
            try await body(Terminal(peer: $0))
        }
    }

    private static var unset: [String] {
        ProcessInfo.processInfo.environment.keys.filter { $0.hasPrefix("FEDMSG_BRIDGE_") || $0 == "NO_COLOR" }
    }

    /// What the terminal got, once that contains `end`.
    func text(until end: String) async throws -> String {
        var text = ""
        while !text.contains(end) { text += try await peer.next("wrote", as: Wrote.self).text }
        return text
    }

    /// Types Control-C.
    func interrupt() throws {
        try peer.send(["do": "interrupt"])
    }

    /// Waits for the command's end.
    func ended() async throws -> Ended {
        try await peer.next("ended", as: Ended.self)
    }
}
