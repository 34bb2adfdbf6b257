internal import CZeroMQ

/// Something that happened to a socket's connections, seen by libzmq's I/O threads.
///
/// That an endpoint could not be bound is an error of ``ZeroMQSocket/bind(_:)``, not an event.
public struct ZeroMQMonitorEvent: Hashable, Sendable {
    /// What happened. Descriptors are the process's own, to tell one connection from another.
    public enum Kind: Hashable, Sendable {
        /// TCP is connected; the handshake begins.
        case connected(descriptor: Int32)
        /// Connecting did not succeed at once and goes on: the usual first event.
        case connectDelayed
        /// Connecting will be tried again after `interval`.
        case connectRetried(interval: Duration)
        /// Bound.
        case listening(descriptor: Int32)
        /// A peer's TCP connection is there; the handshake begins.
        case accepted(descriptor: Int32)
        /// A peer's connection could not be taken, the process's limit of files for one.
        case acceptFailed(ZeroMQError.Code)
        /// A listener or a connection attempt is closed.
        case closed(descriptor: Int32)
        /// A descriptor could not be closed.
        case closeFailed(ZeroMQError.Code)
        /// A connection is over. ``connectRetried(interval:)`` follows where libzmq tries again, which it does not after
        /// a peer's breach of the protocol or of ``ZeroMQOption/maxMsgSize``: see ``ZeroMQPeers/abandonedEndpoints``.
        case disconnected(descriptor: Int32)
        /// The last event.
        case monitorStopped
        /// The peer speaks ZMTP, and messages can flow.
        case handshakeSucceeded
        /// The peer went, or took too long. ``disconnected(descriptor:)`` follows, as it does after the next two.
        case handshakeFailed(ZeroMQError.Code)
        /// The peer breaks the protocol: libzmq's `ZMQ_PROTOCOL_ERROR_*`.
        case handshakeFailedProtocol(UInt32)
        /// The authenticator refused: its status.
        case handshakeFailedAuth(status: UInt32)
        /// An event of a newer libzmq.
        case unknown(event: UInt16, value: UInt32)
    }

    /// What happened.
    public let kind: Kind
    /// Whose: the endpoint that ``ZeroMQSocket/connect(_:)`` answered, or the address of ours that the peer came in by; empty
    /// for the last event.
    public let endpoint: String

    /// An event of a given kind.
    public init(_ kind: Kind, endpoint: String) {
        self.kind = kind
        self.endpoint = endpoint
    }
}

extension ZeroMQMonitorEvent {
    /// Reads the two frames of an event, version 1: a `uint16_t` and a `uint32_t` in the host's order; the endpoint.
    ///
    /// Nil when they are not that.
    init?(event frame: UnsafeRawBufferPointer, endpoint: UnsafeRawBufferPointer) {
        guard frame.count == 6 else { return nil }
        let event = frame.loadUnaligned(as: UInt16.self)
        let value = frame.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
        self.init(Kind(event: event, value: value), endpoint: String(decoding: endpoint, as: UTF8.self))
    }
}

extension ZeroMQMonitorEvent.Kind {
    init(event: UInt16, value: UInt32) {
        let signed = Int32(bitPattern: value)
        self =
            switch Int32(event) {
            case ZMQ_EVENT_CONNECTED: .connected(descriptor: signed)
            case ZMQ_EVENT_CONNECT_DELAYED: .connectDelayed
            case ZMQ_EVENT_CONNECT_RETRIED: .connectRetried(interval: .milliseconds(signed))
            case ZMQ_EVENT_LISTENING: .listening(descriptor: signed)
            case ZMQ_EVENT_ACCEPTED: .accepted(descriptor: signed)
            case ZMQ_EVENT_ACCEPT_FAILED: .acceptFailed(.init(rawValue: signed))
            case ZMQ_EVENT_CLOSED: .closed(descriptor: signed)
            case ZMQ_EVENT_CLOSE_FAILED: .closeFailed(.init(rawValue: signed))
            case ZMQ_EVENT_DISCONNECTED: .disconnected(descriptor: signed)
            case ZMQ_EVENT_MONITOR_STOPPED: .monitorStopped
            case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .handshakeSucceeded
            case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: .handshakeFailed(.init(rawValue: signed))
            case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: .handshakeFailedProtocol(value)
            case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: .handshakeFailedAuth(status: value)
            default: .unknown(event: event, value: value)
            }
    }
}
