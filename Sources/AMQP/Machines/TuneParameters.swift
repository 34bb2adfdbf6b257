/// The limits of a connection, as the two peers agree on them (connection.tune and tune-ok).
struct TuneParameters: Equatable, Sendable {
    /// The highest channel number that may be opened.
    var channelMax: UInt16
    /// The largest frame in bytes, its 8 bytes of header and end included.
    var frameMax: UInt32
    /// Seconds between heartbeats; 0 means none.
    var heartbeat: UInt16

    /// The specification's frame-min-size: no peer may ask for less.
    static let leastFrameMax: UInt32 = 4096
    /// RabbitMQ's own default, and the bound that holds when neither side names one.
    static let defaultFrameMax: UInt32 = 131_072

    /// The least of the values that are not 0, for each limit. RabbitMQ drops the socket without a word
    /// when a client answers 0, or more than it offered; but no heartbeats are the client's to choose.
    ///
    /// Returns nil when the agreed frame size is under the 4096 bytes that the specification guarantees.
    static func negotiated(offered: TuneParameters, wanted: TuneParameters) -> TuneParameters? {
        let frameMax = leastNonZero(offered.frameMax, wanted.frameMax) ?? defaultFrameMax
        guard frameMax >= leastFrameMax else { return nil }
        return TuneParameters(
            channelMax: leastNonZero(offered.channelMax, wanted.channelMax) ?? .max,
            frameMax: frameMax,
            heartbeat: wanted.heartbeat == 0 ? 0 : leastNonZero(offered.heartbeat, wanted.heartbeat) ?? 0
        )
    }

    private static func leastNonZero<Value: FixedWidthInteger>(_ one: Value, _ other: Value) -> Value? {
        switch (one, other) {
        case (0, 0): nil
        case (0, let value), (let value, 0): value
        default: min(one, other)
        }
    }
}
