import Testing
import ZeroMQ

@Suite("ZeroMQPeers")
struct ZeroMQPeersTests {
    private typealias Kind = ZeroMQMonitorEvent.Kind

    private static let failed = Kind.handshakeFailed(.closed)

    @Test(
        "counts peers that are through",
        arguments: [
            ([], 0),
            ([.listening(descriptor: 3), .closed(descriptor: 3), .monitorStopped], 0),
            ([.accepted(descriptor: 4)], 0),
            ([.accepted(descriptor: 4), .handshakeSucceeded], 1),
            ([.connectDelayed, .connected(descriptor: 4), .handshakeSucceeded], 1),
            ([.accepted(descriptor: 4), .handshakeSucceeded, .disconnected(descriptor: 4)], 0),
            ([.accepted(descriptor: 4), .accepted(descriptor: 5), .handshakeSucceeded, .handshakeSucceeded], 2),
            // One fails while another is through.
            (
                [
                    .accepted(descriptor: 4), .handshakeSucceeded, .accepted(descriptor: 5), failed,
                    .disconnected(descriptor: 5),
                ], 1
            ),
            (
                [
                    .accepted(descriptor: 4), .handshakeSucceeded, .accepted(descriptor: 5),
                    .handshakeFailedProtocol(0x1000_0000), .disconnected(descriptor: 5), .disconnected(descriptor: 4),
                ], 0
            ),
            (
                [
                    .accepted(descriptor: 4), .accepted(descriptor: 5), .handshakeFailedAuth(status: 400),
                    .handshakeSucceeded, .disconnected(descriptor: 5),
                ], 1
            ),
            // A failure told twice does not hide the end of one that was through.
            (
                [
                    .accepted(descriptor: 4), .handshakeSucceeded, .accepted(descriptor: 5), failed, failed,
                    .disconnected(descriptor: 5), .disconnected(descriptor: 4),
                ], 0
            ),
            (
                [
                    .accepted(descriptor: 4), .handshakeSucceeded, .accepted(descriptor: 5), .handshakeSucceeded,
                    .accepted(descriptor: 6), failed, failed, .disconnected(descriptor: 6), .accepted(descriptor: 7),
                    .disconnected(descriptor: 4), failed, .disconnected(descriptor: 7),
                ], 1
            ),
            // Of a peer of the wrong type the end is told, and no failure.
            (
                [
                    .accepted(descriptor: 4), .handshakeSucceeded, .accepted(descriptor: 5), .handshakeSucceeded,
                    .accepted(descriptor: 6), .disconnected(descriptor: 6), .accepted(descriptor: 6),
                    .disconnected(descriptor: 6),
                ], 2
            ),
            // One of the wrong type was taken for the one that got through.
            (
                [
                    .accepted(descriptor: 4), .accepted(descriptor: 5), .handshakeSucceeded,
                    .disconnected(descriptor: 4),
                ], 1
            ),
            // The one that fails was taken for the one that got through.
            (
                [
                    .accepted(descriptor: 4), .accepted(descriptor: 5), .handshakeSucceeded, failed,
                    .disconnected(descriptor: 4),
                ], 1
            ),
            (
                [
                    .accepted(descriptor: 4), .accepted(descriptor: 5), .handshakeSucceeded, failed,
                    .disconnected(descriptor: 4), .disconnected(descriptor: 5),
                ], 0
            ),
            // The end of the one before it was not told.
            (
                [
                    .accepted(descriptor: 4), .handshakeSucceeded, .accepted(descriptor: 4), .handshakeSucceeded,
                    .disconnected(descriptor: 4),
                ], 0
            ),
            // The descriptor comes again.
            (
                [
                    .accepted(descriptor: 4), .handshakeSucceeded, .disconnected(descriptor: 4),
                    .accepted(descriptor: 4), .handshakeSucceeded,
                ], 1
            ),
            // Events of a time before the count began.
            ([.disconnected(descriptor: 4)], 0),
            ([.handshakeSucceeded], 0),
            ([.disconnected(descriptor: 4), .accepted(descriptor: 4), .handshakeSucceeded], 1),
            ([.unknown(event: 0x8000, value: 1)], 0),
        ] as [([ZeroMQMonitorEvent.Kind], Int)]
    )
    func counts(kinds: [ZeroMQMonitorEvent.Kind], count: Int) {
        var peers = ZeroMQPeers()
        for kind in kinds { peers.apply(ZeroMQMonitorEvent(kind, endpoint: "tcp://a:1")) }
        #expect(peers.count == count)
        #expect(peers.count(at: "tcp://a:1") == count)
    }

    @Test(
        "knows an endpoint that is not tried again",
        arguments: [
            ([.connected(descriptor: 4)], false),
            ([.connected(descriptor: 4), .handshakeSucceeded, .disconnected(descriptor: 4)], true),
            ([.connected(descriptor: 4), .handshakeFailedProtocol(0), .disconnected(descriptor: 4)], true),
            ([.connected(descriptor: 4), .disconnected(descriptor: 4), .connectRetried(interval: .seconds(1))], false),
            ([.connected(descriptor: 4), .disconnected(descriptor: 4), .connectDelayed], false),
            ([.connected(descriptor: 4), .disconnected(descriptor: 4), .connected(descriptor: 4)], false),
            // A peer that came to us comes again by itself.
            ([.accepted(descriptor: 4), .handshakeSucceeded, .disconnected(descriptor: 4)], false),
        ] as [([ZeroMQMonitorEvent.Kind], Bool)]
    )
    func abandoned(kinds: [ZeroMQMonitorEvent.Kind], isAbandoned: Bool) {
        var peers = ZeroMQPeers()
        for kind in kinds { peers.apply(ZeroMQMonitorEvent(kind, endpoint: "tcp://a:1")) }
        #expect(peers.abandonedEndpoints == (isAbandoned ? ["tcp://a:1"] : []))
        peers.remove("tcp://a:1")
        #expect(peers.abandonedEndpoints == [])
    }

    @Test("counts each endpoint apart, and forgets one")
    func endpoints() {
        var peers = ZeroMQPeers()
        for (index, endpoint) in ["tcp://a:1", "tcp://a:1", "tcp://b:1"].enumerated() {
            peers.apply(ZeroMQMonitorEvent(.connected(descriptor: Int32(index)), endpoint: endpoint))
            peers.apply(ZeroMQMonitorEvent(.handshakeSucceeded, endpoint: endpoint))
        }
        #expect(peers.count == 3)
        #expect(peers.count(at: "tcp://a:1") == 2)
        peers.remove("tcp://a:1")
        #expect(peers.count == 1)
        #expect(peers.count(at: "tcp://a:1") == 0)
    }
}
