import Foundation

/// Where the project's own files are, seen from this one.
enum Project {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let peers = root.appending(path: "Tests/IntegrationTests/Peers")
    static let rabbitMQ = root.appending(path: "scripts/rabbitmq")

    /// 337 fedmsgs as they crossed the bus, one envelope a line.
    static let fedmsgs = root.appending(path: "Tests/FedmsgTests/Fixtures/fedmsgs.jsonl")

    /// The daemon that was built together with these tests, in the same folder.
    static var bridge: URL {
        get throws {
            let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            let bridge = tests.deletingLastPathComponent().appending(path: "fedmsg-bridge")
            guard FileManager.default.isExecutableFile(atPath: bridge.path) else {
                throw HarnessError("no executable at \(bridge.path)")
            }
            return bridge
        }
    }

    /// Python with fedora-messaging, pika and pyzmq, with fedmsg, or with the first bridge: `make setup` puts them there.
    enum Python: String {
        case fedoraMessaging = ".venv"
        case fedmsg = ".venv-fedmsg"
        case firstBridge = ".venv-first-bridge"

        var executable: URL {
            get throws {
                let other = self == .firstBridge ? TestRun.firstBridge : nil
                let python = (other ?? Project.root.appending(path: rawValue)).appending(path: "bin/python")
                guard FileManager.default.isExecutableFile(atPath: python.path) else {
                    throw HarnessError("no \(python.path): run make setup")
                }
                return python
            }
        }
    }
}
