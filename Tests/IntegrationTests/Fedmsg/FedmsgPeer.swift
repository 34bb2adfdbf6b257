import Foundation

/// The Python that has fedmsg, and a folder of certificates and keys for one test.
struct FedmsgPeer {
    /// Certificates, keys and revocation lists, as `pki.py` names them.
    let pki: URL

    private static let peers = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Peers")
        .standardized

    /// `FEDMSG_BRIDGE_FEDMSG_PYTHON`, else the virtual environment at the repository's root.
    private static var python: URL {
        if let python = ProcessInfo.processInfo.environment["FEDMSG_BRIDGE_FEDMSG_PYTHON"] {
            return URL(filePath: python)
        }
        return peers.appending(path: "../../../.venv-fedmsg/bin/python").standardized
    }

    /// Makes the keys, and takes them away afterwards.
    static func with<Result>(_ body: (FedmsgPeer) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let peer = FedmsgPeer(pki: folder)
        _ = try await peer.lines("pki.py", folder.path)
        return try await body(peer)
    }

    func path(_ name: String) -> String { pki.appending(path: name).path }

    /// Runs a script to its end.
    func lines(_ script: String, _ arguments: String...) async throws -> [Data] {
        let arguments = ["-B", "-W", "ignore", Self.peers.appending(path: script).path] + arguments
        return try await ChildProcess.with(Self.python, arguments) { process in
            // As long as the longest test: the environment may ask for many cases.
            guard try await process.awaitEnd(within: .seconds(600)) == .code(0) else {
                throw HarnessError("\(script): \(process.lastWords)")
            }
            return process.output.lines.map { Data($0.utf8) }
        }
    }
}
