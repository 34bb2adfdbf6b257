import ArgumentParser
import Foundation
import Settings
import Spool

/// Looks after what waits and what was refused, beside a running daemon or without one.
struct SpoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spool",
        abstract: "Counts what waits, publishes it, and lists, shows, retries and drops dead letters.",
        subcommands: [Status.self, List.self, Show.self, Retry.self, Drop.self, Drain.self]
    )

    /// Which spool.
    struct Source: ParsableArguments {
        @Option(
            name: .customLong("config"),
            help: ArgumentHelp("A TOML file, or a folder of them. May be repeated; later ones win.", valueName: "path")
        )
        var paths: [String] = []

        func open() throws -> Spool {
            let environment = ProcessInfo.processInfo.environment
            do {
                let loaded = try ConfigurationLoader.load(paths: paths, environment: environment, for: .spool)
                return try Spool(path: loaded.configuration.spool.path)
            } catch let error as ConfigurationError {
                throw ExitStatus.configuration.explained(by: error)
            } catch {
                throw ExitStatus.noInput.explained(by: error)
            }
        }
    }

    /// Which dead letters.
    struct Selection: ParsableArguments {
        @Argument(help: ArgumentHelp("Ids, as list shows them.", valueName: "id")) var ids: [Int64] = []
        @Flag(help: "Every dead letter.") var all = false
        @Option(help: "Those with this reason.") var reason: String?
        @Option(help: "Those rejected longer ago than this: 90s, 15m, 12h, 30d.") var olderThan: Age?

        func validate() throws {
            guard all || !ids.isEmpty || reason != nil || olderThan != nil else {
                throw ValidationError("Say which: ids, --all, --reason or --older-than.")
            }
        }

        var filter: DeadLetterFilter {
            DeadLetterFilter(
                ids: ids.isEmpty ? nil : ids,
                reason: reason,
                rejectedBefore: olderThan.map { SpoolCommand.now - $0.microseconds }
            )
        }
    }

    static var now: Int64 { Int64(Date.now.timeIntervalSince1970 * 1e6) }

    /// `spool status`
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Counts what waits and what was refused.")

        @OptionGroup var source: Source

        func run() async throws {
            let status = try source.open().status()
            try StandardOutput.print("waiting      \(status.messages) messages, \(status.bytes) bytes")
            if let oldest = status.oldestReceivedAt {
                try StandardOutput.print("oldest       \(SpoolCommand.time(oldest))")
            }
            if let last = status.lastReceivedAt { try StandardOutput.print("last         \(SpoolCommand.time(last))") }
            try StandardOutput.print("files        \(status.fileBytes) bytes")
            try StandardOutput.print("daemon       \(status.isHeld ? "running" : "not running")")
            try StandardOutput.print("dead letters \(status.deadLetters.reduce(0) { $0 + $1.letters })")
            for kind in status.deadLetters {
                try StandardOutput.print(
                    "  \(kind.direction.rawValue) \(kind.reason): \(kind.letters), \(kind.bytes) bytes"
                )
            }
        }
    }

    /// `spool retry`
    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Marks dead letters to be tried again: at once by a running daemon, else at its start."
        )

        @OptionGroup var source: Source
        @OptionGroup var selection: Selection

        func run() async throws {
            try StandardOutput.print(
                "\(source.open().retry(selection.filter, now: SpoolCommand.now)) to be tried again"
            )
        }
    }

    /// `spool drop`
    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes dead letters.")

        @OptionGroup var source: Source
        @OptionGroup var selection: Selection

        func run() async throws {
            try StandardOutput.print("\(source.open().drop(selection.filter)) deleted")
        }
    }

    static func time(_ microseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(microseconds) / 1e6).formatted(.iso8601)
    }
}
