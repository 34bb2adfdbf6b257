import Foundation
import Testing

/// Runs what the pages give to a shell, beside a daemon at work.
@Suite("The commands of the documentation")
struct CommandTests {
    /// What is tried elsewhere: building and packaging by themselves and `scripts/release-check`, units by systemd's own
    /// checks there, what they are called by `scripts/check-docs`.
    private static let triedElsewhere = [
        "make", ".ci/run", ".venv/bin/python", "$(swift", "git", "cd", "deploy/package", "apt", "promtool", "systemctl",
        "journalctl",
    ]

    @Test("do what they say", .timeLimit(.minutes(4)), arguments: try Page.all())
    func run(_ page: Page) async throws {
        let commands = page.commands().filter { command in
            !Self.triedElsewhere.contains { command.hasPrefix($0 + " ") || command == $0 } && !isOutput(command)
        }
        guard !commands.isEmpty else { return }
        try await withTemporaryDirectory { folder in
            let spool = folder.appending(path: "spool.sqlite").path
            try await FedmsgToAMQP.with({ settings in
                settings["spool", "path"] = "\"\(spool)\""
                try settings.toFedmsg()
            }) { scene in
                try await prepare(folder, scene)
                try await scene.publisher.publishNumbered(perSecond: 50) {
                    for command in commands {
                        if command.hasPrefix("rabbitmqctl ") {
                            try await ctl(command.replacing("-p VHOST ", with: ""), scene.host)
                        } else {
                            try await sh(Self.adapted(command, scene, spool), in: folder, scene)
                        }
                    }
                }
            }
        }
    }

    private func ctl(_ command: String, _ host: VirtualHost) async throws {
        let words = command.words.dropFirst()
        do {
            try await host.broker.ctl(words.prefix(1) + ["--vhost", host.name] + words.dropFirst())
        } catch let error as HarnessError where "\(error)".contains("-1 is not a valid delivery limit") {
            // RabbitMQ 3 has no limit of its own, nor a way to say so.
        }
    }

    /// The files that commands name without a path, and a fedmsg.d.
    private func prepare(_ folder: URL, _ scene: FedmsgToAMQP) async throws {
        let lines = try String(contentsOf: Project.fedmsgs, encoding: .utf8).split(separator: "\n").prefix(20)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: "capture.jsonl"))
        let fedmsg = folder.appending(path: "fedmsg.d")
        try FileManager.default.createDirectory(at: fedmsg, withIntermediateDirectories: false)
        try Data("config = {'endpoints': {'bodhi.host': ['tcp://127.0.0.1:3000']}}\n".utf8)
            .write(to: fedmsg.appending(path: "endpoints.py"))
        try await sh("fedmsg-bridge replay --dry-run capture.jsonl > messages.jsonl", in: folder, scene)
    }

    /// The command with this machine's places in it, and with an end where it has none.
    private static func adapted(_ command: String, _ scene: FedmsgToAMQP, _ spool: String) -> String {
        var command = command
        for (theirs, ours) in [
            ("/etc/fedmsg-bridge/bridge.d/70-fedmsg.toml", "70-fedmsg.toml"),
            ("/etc/fedmsg-bridge/bridge.d", scene.bridge.configuration.path),
            ("/var/lib/fedmsg-bridge/spool.sqlite", spool),
            ("http://127.0.0.1:9949", scene.bridge.monitoring),
            ("'org.fedoraproject.*.bodhi.#'", "'org.fedoraproject.#'"),
        ] { command = command.replacing(theirs, with: ours) }
        command = command.replacing(/--for \d+( --window \d+)?/, with: "--for 1 --window 20")
        if command.contains("verify"), !command.contains("--for") { command += " --for 1 --window 20" }
        // One message is enough of what has no end; the end of its reader is that of `tail`.
        return command.replacing(/fedmsg-bridge tail [^|]*/) { $0.output + " | head -n 1" }
    }

    private func sh(_ command: String, in folder: URL, _ scene: FedmsgToAMQP) async throws {
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("FEDMSG_BRIDGE_") }
        environment["FEDMSG_BRIDGE_CONFIG"] = scene.bridge.configuration.path
        let folders = [try Project.bridge, try Project.Python.fedmsg.executable].map { $0.deletingLastPathComponent() }
        environment["PATH"] = (folders.map(\.path) + [environment["PATH"] ?? ""]).joined(separator: ":")
        let words = ["-o", "pipefail", "-c", "cd '\(folder.path)'; \(command)"]
        try await ChildProcess.with(URL(filePath: "/bin/bash"), words, environment: environment) { process in
            let exit = try await process.awaitEnd(within: .seconds(60))
            // `tail` ends with its reader; `verify` may find what was published while it began.
            let allowed: [ChildProcess.Exit] = command.contains("verify") ? [.code(0), .code(2)] : [.code(0)]
            #expect(allowed.contains(exit), "\(command): \(process.lastWords)")
        }
    }

    /// What a page shows of a command's output.
    private func isOutput(_ line: String) -> Bool { line.hasPrefix("FEDMSG-BRIDGE ") }
}

extension StringProtocol {
    /// Its words as a shell takes them apart that knows single quotes only.
    fileprivate var words: [String] {
        components(separatedBy: "'").enumerated().flatMap { index, part in
            index % 2 == 1 ? [part] : part.components(separatedBy: " ").filter { !$0.isEmpty }
        }
    }
}
