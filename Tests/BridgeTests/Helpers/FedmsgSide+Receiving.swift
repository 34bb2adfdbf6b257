import Logging
import Metrics
import Settings
import Spool
import ZeroMQ

@testable import Bridge

extension BridgeConfiguration {
    /// One of a bridge that only receives fedmsgs.
    static func receiving(from endpoints: String...) -> BridgeConfiguration {
        var configuration = BridgeConfiguration()
        configuration.toFedmsg.enabled = false
        configuration.toAMQP.zmqEndpoints = endpoints
        return configuration
    }
}

extension FedmsgSide {
    /// On a thread of its own.
    init(
        in context: ZeroMQContext,
        _ configuration: BridgeConfiguration,
        board: StatusBoard = StatusBoard { 0 },
        clock: any Clocks = SystemClocks(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        receiveInterval: Duration = .milliseconds(1),
        received: @escaping @Sendable (ReceivedBatch) -> Void = { _ in },
        lost: @escaping @Sendable () -> Void = {}
    ) throws {
        self.init(
            thread: try ZeroMQThread(context: context, name: "test"),
            configuration: configuration,
            handlers: Handlers(received: received, lost: lost, taken: { _ in }, sendability: { _ in }),
            board: board,
            gauges: FedmsgGauges(factory: NOOPMetricsHandler.instance),
            clock: clock,
            logger: logger,
            receiveInterval: receiveInterval
        )
    }

    /// Closes its sockets, and ends its thread.
    func stop() async {
        close()
        await thread.stop()
    }
}
