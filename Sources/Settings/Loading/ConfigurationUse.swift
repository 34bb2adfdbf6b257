/// What a command wants the configuration for. It is told of mistakes in the part that it uses only.
public enum ConfigurationUse: Sendable, CaseIterable {
    /// The daemon, and `config check`: everything.
    case run
    /// `config show`: everything, but only what a file says by itself, not whether it can run.
    case show
    /// `replay` to AMQP.
    case replayToAMQP
    /// `replay --direction to-fedmsg`.
    case replayToFedmsg
    /// `verify`.
    case verify
    /// `tail amqp`.
    case tailAMQP
    /// `tail fedmsg`.
    case tailFedmsg
    /// `spool` but `spool drain`.
    case spool
    /// `spool drain`.
    case drain
    /// `health`.
    case health

    private static let connection: Set<String> = ["amqp_url", "tls", "client_properties", "log"]
    private static let publishing: Set<String> =
        connection.union(["passive_declares", "topic_prefix", "publish_priority", "exchanges", "to_amqp"])

    /// The top-level keys it uses; nil for all.
    private var sections: Set<String>? {
        switch self {
        case .run, .show: nil
        case .replayToAMQP: Self.publishing.union(["crypto"])
        case .replayToFedmsg: ["to_fedmsg", "crypto", "log"]
        case .verify: Self.connection.union(["bindings", "queues", "to_amqp", "to_fedmsg", "topic_prefix"])
        case .tailAMQP: Self.connection.union(["bindings", "queues", "to_amqp"])
        case .tailFedmsg: ["to_amqp", "to_fedmsg", "crypto", "log"]
        case .spool: ["spool", "log"]
        case .drain: Self.publishing.union(["spool", "crypto", "to_fedmsg"])
        case .health: ["monitoring"]
        }
    }

    /// Whether something said of a key or file concerns it.
    ///
    /// An unknown top-level key may be any section misspelt, so it always does, and so does a file that could not be read;
    /// `health`, which has to answer whatever else is wrong, only where that may say where to ask.
    ///
    /// - Parameters:
    ///   - origins: Where each value in force came from.
    ///   - files: All that were to be read, in order.
    func isConcerned(
        with diagnostic: ConfigurationDiagnostic,
        in origins: ConfigurationOrigins,
        of files: [String]
    ) -> Bool {
        if self == .health, diagnostic.isOfUnreadFile {
            return Self.mayBeSet("monitoring.port", by: diagnostic.origin.file, origins, files)
        }
        guard let sections, let key = diagnostic.key, let section = key.firstKey else { return true }
        if sections.contains(ConfigurationSchema.section(section)) { return true }
        guard diagnostic.code == .unknownKey, key.components.count == 1 else { return false }
        guard self == .health, origins["monitoring.port"] != .builtIn else { return true }
        let nearest = diagnostic.nearest.flatMap { ConfigurationPath(dotted: $0).firstKey }
        return nearest.map { sections.contains($0) } ?? false
    }

    /// Whether a file or folder that could not be read may set `key`: not where a later source does.
    private static func mayBeSet(
        _ key: String,
        by unread: String?,
        _ origins: ConfigurationOrigins,
        _ files: [String]
    ) -> Bool {
        if case .environment = origins[key] { return false }
        let place = files.lastIndex { $0 == unread } ?? files.endIndex
        return !files[place...].contains { $0 == origins[key].file }
    }
}
