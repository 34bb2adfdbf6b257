internal import CZeroMQ

/// A whole-number option of a socket, under libzmq's name. Times are milliseconds unless said otherwise.
public struct ZeroMQOption: Hashable, Sendable {
    let number: Int32
    /// libzmq's name, such as `ZMQ_RCVHWM`.
    public let name: String
    /// Nearly all options are a C `int`.
    let isInt64: Bool

    private init(_ number: Int32, _ name: String, isInt64: Bool = false) {
        self.number = number
        self.name = name
        self.isInt64 = isInt64
    }

    /// Messages that a peer's inbound queue holds before TCP slows the peer; 0: no limit.
    public static let rcvhwm = ZeroMQOption(ZMQ_RCVHWM, "ZMQ_RCVHWM")
    /// Messages that a peer's outbound queue holds; 0: no limit.
    public static let sndhwm = ZeroMQOption(ZMQ_SNDHWM, "ZMQ_SNDHWM")
    /// How long a closed socket goes on sending; -1: until all is sent.
    public static let linger = ZeroMQOption(ZMQ_LINGER, "ZMQ_LINGER")
    /// The wait before a connection is tried again; -1: it is not.
    public static let reconnectIvl = ZeroMQOption(ZMQ_RECONNECT_IVL, "ZMQ_RECONNECT_IVL")
    /// What the wait doubles up to; 0: it does not grow.
    public static let reconnectIvlMax = ZeroMQOption(ZMQ_RECONNECT_IVL_MAX, "ZMQ_RECONNECT_IVL_MAX")
    /// 1, 0, or -1 for the system's default.
    public static let tcpKeepalive = ZeroMQOption(ZMQ_TCP_KEEPALIVE, "ZMQ_TCP_KEEPALIVE")
    /// Probes without an answer that end a connection; -1: the system's default.
    public static let tcpKeepaliveCnt = ZeroMQOption(ZMQ_TCP_KEEPALIVE_CNT, "ZMQ_TCP_KEEPALIVE_CNT")
    /// Seconds of silence before the first probe; -1: the system's default.
    public static let tcpKeepaliveIdle = ZeroMQOption(ZMQ_TCP_KEEPALIVE_IDLE, "ZMQ_TCP_KEEPALIVE_IDLE")
    /// Seconds between probes; -1: the system's default.
    public static let tcpKeepaliveIntvl = ZeroMQOption(ZMQ_TCP_KEEPALIVE_INTVL, "ZMQ_TCP_KEEPALIVE_INTVL")
    /// Bytes of one frame above which the peer is disconnected; -1: no limit.
    ///
    /// libzmq counts such a peer as broken: a socket that connected to it does not connect again by itself, see
    /// ``ZeroMQPeers/abandonedEndpoints``.
    public static let maxMsgSize = ZeroMQOption(ZMQ_MAXMSGSIZE, "ZMQ_MAXMSGSIZE", isInt64: true)
    /// A mask of the I/O threads that may carry what is bound or connected to; 0: any. Each bind and connect sets it.
    static let affinity = ZeroMQOption(ZMQ_AFFINITY, "ZMQ_AFFINITY", isInt64: true)
    /// 1: IPv6 addresses besides IPv4.
    public static let ipv6 = ZeroMQOption(ZMQ_IPV6, "ZMQ_IPV6")
    /// How long a peer may take for the handshake; 0: as long as it likes.
    public static let handshakeIvl = ZeroMQOption(ZMQ_HANDSHAKE_IVL, "ZMQ_HANDSHAKE_IVL")
    /// 1: a PUB or XPUB socket whose subscriber lags answers `EAGAIN` instead of dropping. Cannot be read back.
    public static let xpubNodrop = ZeroMQOption(ZMQ_XPUB_NODROP, "ZMQ_XPUB_NODROP")
    /// 1: an XPUB socket receives every subscription, not only the first to a prefix. Cannot be read back.
    public static let xpubVerbose = ZeroMQOption(ZMQ_XPUB_VERBOSE, "ZMQ_XPUB_VERBOSE")
}
