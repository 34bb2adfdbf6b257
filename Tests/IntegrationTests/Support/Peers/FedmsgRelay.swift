import Foundation

/// A real `fedmsg-relay`: publishers connect to one endpoint of it, subscribers to the other.
struct FedmsgRelay {
    let inbound: String
    let outbound: String

    static func with<Result>(_ body: (FedmsgRelay) async throws -> Result) async throws -> Result {
        try await withTemporaryDirectory { folder in
            let relay = FedmsgRelay(
                inbound: "tcp://127.0.0.1:\(try freePort())",
                outbound: "tcp://127.0.0.1:\(try freePort())"
            )
            let configuration = folder.appending(path: "relay.py")
            try Data(relay.configuration.utf8).write(to: configuration)
            let python = try Project.Python.fedmsg.executable
            let command = python.deletingLastPathComponent().appending(path: "fedmsg-relay").path
            return try await ChildProcess.with(
                python,
                ["-W", "ignore", command, "--config-filename", configuration.path]
            ) { _ in
                // Whoever connects to it before it binds tries again by itself.
                try await body(relay)
            }
        }
    }

    private var configuration: String {
        """
        config = {
            "endpoints": {"relay_outbound": ["\(outbound)"]},
            "relay_inbound": ["\(inbound)"],
            "zmq_enabled": True,
            "validate_signatures": False,
            "sign_messages": False,
        }
        """
    }
}
