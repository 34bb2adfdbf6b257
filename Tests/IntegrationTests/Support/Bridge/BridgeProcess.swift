import Foundation

@testable import Monitoring

/// The real daemon, `fedmsg-bridge run`, with a configuration and a spool of its own.
struct BridgeProcess {
    /// What `/ready` answers.
    struct Readiness: Decodable {
        struct Reason: Decodable {
            let code: String
            let text: String
        }

        let status: String
        let reasons: [Reason]
        let warnings: [Reason]
        let consuming: Bool
    }

    let process: ChildProcess
    /// Its configuration file.
    let configuration: URL
    /// The URL of its monitoring endpoint.
    let monitoring: String
    private let settings: BridgeSettings
    /// As systemd runs it: without any capability, for good.
    private static let dropPrivileges = ["/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all"]

    var monitoringPort: Substring { monitoring.split(separator: ":").last ?? "" }

    /// Runs the daemon for the length of `body`; it is killed after that unless it ended before.
    ///
    /// - Parameters:
    ///   - files: more files of its configuration, which win over the settings.
    ///   - isPrivileged: with what root may do, where the tests run as root.
    ///   - waiting: return only once `/ready` says that everything is connected.
    static func with<Result>(
        _ settings: BridgeSettings,
        and files: [URL] = [],
        isPrivileged: Bool = true,
        waiting: Bool = true,
        _ body: (BridgeProcess) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryDirectory { folder in
            var settings = settings
            settings["spool", "path"] = settings["spool", "path"] ?? "\"\(folder.path)/spool/spool.sqlite\""
            try FileManager.default.createDirectory(
                at: folder.appending(path: "spool"),
                withIntermediateDirectories: true
            )
            let configuration = folder.appending(path: "bridge.toml")
            try Data(settings.toml.utf8).write(to: configuration)
            let options = ([configuration] + files).flatMap { ["--config", $0.path] }
            return try await run(["run"] + options, isPrivileged: isPrivileged, environment: settings.environment) {
                process in
                let bridge = BridgeProcess(
                    process: process,
                    configuration: configuration,
                    monitoring: "http://127.0.0.1:\(settings.monitoringPort)",
                    settings: settings
                )
                if waiting { try await bridge.untilReady() }
                return try await body(bridge)
            }
        }
    }

    /// Runs the executable with any arguments, in an environment without settings for it.
    static func run<Result>(
        _ arguments: [String],
        isPrivileged: Bool = true,
        environment: [String: String] = [:],
        _ body: (ChildProcess) async throws -> Result
    ) async throws -> Result {
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("FEDMSG_BRIDGE_") }
        let command = (isPrivileged || getuid() != 0 ? [] : dropPrivileges) + [try Project.bridge.path] + arguments
        return try await ChildProcess.with(
            URL(filePath: command[0]),
            Array(command.dropFirst()),
            environment: inherited.merging(environment) { $1 },
            body
        )
    }

    /// Waits until `/ready` answers 200.
    func untilReady(within limit: Duration = .seconds(60)) async throws {
        try await eventually("the bridge is ready", within: limit, detail: { process.lastWords }) {
            guard process.exit == nil else { throw HarnessError("the bridge ended. \(process.lastWords)") }
            return try await get("/ready")?.status == 200
        }
    }

    /// Waits until `/ready` gives this reason for not being it.
    func untilNotReady(because code: String, within limit: Duration = .seconds(60)) async throws {
        try await eventually("/ready says \(code)", within: limit, detail: { process.lastWords }) {
            guard process.exit == nil else { throw HarnessError("the bridge ended. \(process.lastWords)") }
            return try await readiness()?.reasons.contains { $0.code == code } ?? false
        }
    }

    /// What `/ready` says now; `nil` while nothing answers there.
    func readiness() async throws -> Readiness? {
        guard let body = try await get("/ready")?.body else { return nil }
        return try JSONDecoder().decode(Readiness.self, from: body)
    }

    /// The value of a metric, named as in the text format with its labels in order; `nil` where there is none.
    func metric(_ name: String) async throws -> Double? {
        guard let body = try await get("/metrics")?.body else { return nil }
        let line = String(decoding: body, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    /// Waits until a metric has a value.
    func until(_ name: String, is value: Double, within limit: Duration = .seconds(60)) async throws {
        var last: Double?
        try await eventually("\(name) is \(value)", within: limit, detail: { "it is \(String(describing: last))" }) {
            last = try await metric(name)
            return last == value
        }
    }

    /// Changes the configuration that it was started with, has it read that again, and waits for its verdict.
    func reload(_ change: (inout BridgeSettings) throws -> Void) async throws {
        let verdicts = {
            process.errors.lines.count { $0.contains("configuration read again") || $0.contains("not reloaded") }
        }
        let before = verdicts()
        try startReload(change)
        try await eventually("it has reloaded", detail: { process.lastWords }) { verdicts() > before }
    }

    /// Changes the configuration that it was started with, and has it read that again.
    func startReload(_ change: (inout BridgeSettings) throws -> Void) throws {
        var settings = settings
        try change(&settings)
        try Data(settings.toml.utf8).write(to: configuration)
        process.send(SIGHUP)
    }

    /// Waits for a line of its log that contains `text`, and returns it.
    func logged(_ text: String, within limit: Duration = .seconds(60)) async throws -> String {
        try await eventually("the bridge logs \(text)", within: limit, detail: { process.lastWords }) {
            process.errors.lines.first { $0.contains(text) }
        }
    }

    /// Asks it to stop, as a service manager does, and waits for its end.
    func terminate(within limit: Duration = .seconds(30)) async throws -> ChildProcess.Exit {
        process.send(SIGTERM)
        return try await process.awaitEnd(within: limit)
    }

    /// Answers of the monitoring endpoint; `nil` while nothing listens there.
    func get(_ path: String) async throws -> (status: Int, body: Data)? {
        // Not Foundation's session, which now and then ends the process in Dispatch, as its sockets go.
        guard let client = URL(string: monitoring).flatMap(HTTPGet.init) else {
            throw HarnessError("no URL: \(monitoring)")
        }
        return try await withThrowingTaskGroup(of: HTTPGet.Answer?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                do {
                    return try await client.get(path)
                } catch HTTPGet.Failure.cannotConnect {
                    return nil
                }
            }
            group.addTask {
                // No expectation: beside builds and two other tests the machine may be busy for long.
                try await Task.sleep(for: .seconds(30))
                throw HarnessError("no answer to \(path) within 30 s")
            }
            return try await group.next()?.map { ($0.status, Data($0.body.utf8)) }
        }
    }
}
