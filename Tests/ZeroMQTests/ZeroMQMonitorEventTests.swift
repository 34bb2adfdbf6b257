import Testing

@testable import ZeroMQ

@Suite("ZeroMQMonitorEvent")
struct ZeroMQMonitorEventTests {
    private static func parse(_ frame: [UInt8], endpoint: String = "tcp://a:1") -> ZeroMQMonitorEvent? {
        frame.withUnsafeBytes { frame in
            Array(endpoint.utf8).withUnsafeBytes { ZeroMQMonitorEvent(event: frame, endpoint: $0) }
        }
    }

    private static func frame(_ event: UInt16, _ value: UInt32) -> [UInt8] {
        withUnsafeBytes(of: event) { Array($0) } + withUnsafeBytes(of: value) { Array($0) }
    }

    @Test(
        "reads each event of version 1",
        arguments: [
            (0x0001, 5, .connected(descriptor: 5)), (0x0002, 115, .connectDelayed),
            (0x0004, 1000, .connectRetried(interval: .seconds(1))), (0x0008, 5, .listening(descriptor: 5)),
            (0x0010, 98, .unknown(event: 0x0010, value: 98)), (0x0020, 5, .accepted(descriptor: 5)),
            (0x0040, 24, .acceptFailed(.tooManySockets)), (0x0080, 5, .closed(descriptor: 5)),
            (0x0100, 13, .closeFailed(.accessDenied)), (0x0200, 5, .disconnected(descriptor: 5)),
            (0x0400, 0, .monitorStopped), (0x0800, 88, .handshakeFailed(.closed)), (0x1000, 0, .handshakeSucceeded),
            (0x2000, 0x1100_0002, .handshakeFailedProtocol(0x1100_0002)),
            (0x4000, 400, .handshakeFailedAuth(status: 400)),
            (0x8000, 7, .unknown(event: 0x8000, value: 7)), (0, 0, .unknown(event: 0, value: 0)),
            (0x0200, .max, .disconnected(descriptor: -1)),
        ] as [(UInt16, UInt32, ZeroMQMonitorEvent.Kind)]
    )
    func kinds(event: UInt16, value: UInt32, kind: ZeroMQMonitorEvent.Kind) {
        #expect(Self.parse(Self.frame(event, value)) == ZeroMQMonitorEvent(kind, endpoint: "tcp://a:1"))
    }

    @Test("takes any endpoint", arguments: ["", "tcp://[::1]:9940", "ipc:///tmp/é"])
    func endpoints(endpoint: String) {
        #expect(Self.parse(Self.frame(0x1000, 0), endpoint: endpoint)?.endpoint == endpoint)
    }

    @Test("refuses a frame of another size", arguments: [0, 1, 5, 7, 8])
    func sizes(size: Int) {
        #expect(Self.parse(Array(repeating: 0, count: size)) == nil)
    }
}
