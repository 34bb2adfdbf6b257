extension AMQPError {
    /// The kind of an ``AMQPError``. Kinds may be added, so a switch needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case invalidURI
            case invalidConfiguration
            case invalidArgument
            case nameResolutionFailed
            case connectFailed
            case connectTimedOut
            case tlsConfigurationFailed
            case tlsHandshakeFailed
            case protocolNotSupported
            case handshakeTimedOut
            case tokenUnavailable
            case noCommonMechanism
            case authenticationRefused
            case virtualHostRefused
            case negotiationFailed
            case connectionLost
            case heartbeatMissed
            case connectionClosedByBroker
            case connectionClosed
            case protocolViolation
            case limitExceeded
            case channelLimitReached
            case channelClosedByBroker
            case channelClosed
            case replyTimedOut
            case outcomeUnknown
            case cancelled
            case consumerCancelledByBroker
            case consumerCancelled
            case staleDelivery
            case deliveryAlreadySettled
            case topologyFailed
            case shutDown
        }

        private let value: Value

        private init(_ value: Value) {
            self.value = value
        }

        /// The name of the kind, as its static member is called.
        public var description: String { value.rawValue }

        /// A URI that can't be read; nothing was tried.
        public static let invalidURI = Self(.invalidURI)
        /// A setting that makes no sense, or a call on a client that was made without the connection for it; nothing was tried.
        public static let invalidConfiguration = Self(.invalidConfiguration)
        /// A value that AMQP can't carry, as a name over 255 bytes; nothing was sent.
        public static let invalidArgument = Self(.invalidArgument)
        /// The host's name has no address.
        public static let nameResolutionFailed = Self(.nameResolutionFailed)
        /// TCP: refused, unreachable.
        public static let connectFailed = Self(.connectFailed)
        /// TCP: no answer in time.
        public static let connectTimedOut = Self(.connectTimedOut)
        /// A certificate or key file is missing, unreadable or unfit; the message names it.
        public static let tlsConfigurationFailed = Self(.tlsConfigurationFailed)
        /// TLS: a certificate was not accepted, by us or by the broker; the message says which and why.
        public static let tlsHandshakeFailed = Self(.tlsHandshakeFailed)
        /// The peer doesn't speak AMQP 0-9-1.
        public static let protocolNotSupported = Self(.protocolNotSupported)
        /// The connection was not open in time.
        public static let handshakeTimedOut = Self(.handshakeTimedOut)
        /// The provider of tokens failed, or gave none in time.
        public static let tokenUnavailable = Self(.tokenUnavailable)
        /// The broker offers none of the SASL mechanisms that are configured.
        public static let noCommonMechanism = Self(.noCommonMechanism)
        /// Wrong user name, password or certificate (403).
        public static let authenticationRefused = Self(.authenticationRefused)
        /// The virtual host is not there, or not this user's (530).
        public static let virtualHostRefused = Self(.virtualHostRefused)
        /// The peers could not agree on frame size, channels or heartbeat.
        public static let negotiationFailed = Self(.negotiationFailed)
        /// The socket ended or failed without a close.
        public static let connectionLost = Self(.connectionLost)
        /// Nothing came from the broker for two heartbeat intervals.
        public static let heartbeatMissed = Self(.heartbeatMissed)
        /// The broker sent connection.close; ``AMQPError/reply`` has its words.
        public static let connectionClosedByBroker = Self(.connectionClosedByBroker)
        /// The connection was closed from this side.
        public static let connectionClosed = Self(.connectionClosed)
        /// The broker broke the protocol; the connection is gone.
        public static let protocolViolation = Self(.protocolViolation)
        /// The broker sent more than the configured limits allow.
        public static let limitExceeded = Self(.limitExceeded)
        /// As many channels are open as channel_max allows.
        public static let channelLimitReached = Self(.channelLimitReached)
        /// The broker sent channel.close; ``AMQPError/reply`` has its words.
        public static let channelClosedByBroker = Self(.channelClosedByBroker)
        /// The channel was closed from this side, or with its connection.
        public static let channelClosed = Self(.channelClosed)
        /// A synchronous method had no reply in time.
        public static let replyTimedOut = Self(.replyTimedOut)
        /// What was asked for went out, and the answer was lost: it may have been done, or not.
        public static let outcomeUnknown = Self(.outcomeUnknown)
        /// The task that waited was cancelled.
        public static let cancelled = Self(.cancelled)
        /// The broker sent basic.cancel, as when the queue was deleted or, from RabbitMQ 4.3 on, a delivery was held for
        /// too long.
        public static let consumerCancelledByBroker = Self(.consumerCancelledByBroker)
        /// The consumer was cancelled from this side.
        public static let consumerCancelled = Self(.consumerCancelled)
        /// The delivery came over a channel that is gone; nothing was sent, the broker delivers it again.
        public static let staleDelivery = Self(.staleDelivery)
        /// The delivery was acknowledged or rejected before; nothing was sent.
        public static let deliveryAlreadySettled = Self(.deliveryAlreadySettled)
        /// An exchange, queue or binding could not be declared.
        public static let topologyFailed = Self(.topologyFailed)
        /// The client was shut down.
        public static let shutDown = Self(.shutDown)
    }
}
