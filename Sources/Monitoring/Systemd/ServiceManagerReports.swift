public import Bridge
public import ServiceLifecycle

/// Keeps the service manager informed: a status line, and that the bridge is alive, by the checks of `/live`.
public struct ServiceManagerReports: Service {
    /// Between status lines where no watchdog asks for more.
    private static let interval = Duration.seconds(10)

    private let manager: ServiceManager
    private let isLive: @Sendable () -> Bool
    private let snapshot: @Sendable () -> StatusBoard.Snapshot

    /// Reports to a manager.
    public init(
        to manager: ServiceManager,
        isLive: @escaping @Sendable () -> Bool,
        snapshot: @escaping @Sendable () -> StatusBoard.Snapshot
    ) {
        self.manager = manager
        self.isLive = isLive
        self.snapshot = snapshot
    }

    /// Reports until the service group has shut the bridge down: one that takes its time to stop is alive.
    public func run() async throws {
        let interval = min(Self.interval, manager.watchdogInterval ?? Self.interval)
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // A bridge that hangs is left to the watchdog.
                if isLive() {
                    // Apart, so that whatever becomes of the status, the watchdog is fed.
                    manager.notify(.watchdog)
                    manager.notify(.status(snapshot().line))
                }
                try? await Task.sleep(for: interval)
            }
        }
    }
}

extension StatusBoard.Snapshot {
    /// The state in one line, for people.
    public var line: String {
        let state =
            if !reasons.isEmpty {
                "critical: " + reasons.map { "\($0.code), \($0.text)" }.joined(separator: "; ")
            } else if !warnings.isEmpty {
                "warning: " + warnings.map { "\($0.code), \($0.text)" }.joined(separator: "; ")
            } else {
                "ok"
            }
        let counts = [("AMQP", toAMQP), ("fedmsg", toFedmsg)].filter(\.1.enabled).map { "\($1.forwarded) to \($0)" }
        return ([state] + counts).joined(separator: "; ")
    }
}
