/// An envelope about to be written round a body whose bytes stay as they are: keys in order, no spaces, as fedmsg
/// writes it.
public struct OutgoingEnvelope: Sendable {
    /// What an envelope says of its signature.
    public enum Credentials: Sendable {
        /// Nothing: the envelope is not signed.
        case none
        /// `crypto` alone: the canonical form of this is what is signed.
        case awaited
        /// `crypto`, and both texts in lines, as fedmsg has them in base64.
        case x509(certificate: String, signature: String)
    }

    /// When the message was sent.
    public enum Timestamp: Sendable {
        /// Whole seconds since 1970.
        case seconds(Int64)
        /// JSON text of another envelope's, to be given back as it was.
        case json(String)
    }

    /// The publisher's counter; nil leaves the key out, here and below.
    public var i: Int64?
    /// With its year.
    public var messageID: String
    /// When it was sent.
    public var timestamp: Timestamp?
    /// As in the topic frame.
    public var topic: String
    /// Who published it.
    public var username: String?
    /// JSON text of another envelope's `headers`.
    public var headers: String?
    /// What it says of its signature.
    public var credentials: Credentials

    /// An envelope; what is nil is left out.
    public init(
        i: Int64?,
        messageID: String,
        timestamp: Timestamp?,
        topic: String,
        username: String?,
        headers: String? = nil,
        credentials: Credentials = .none
    ) {
        self.i = i
        self.messageID = messageID
        self.timestamp = timestamp
        self.topic = topic
        self.username = username
        self.headers = headers
        self.credentials = credentials
    }
}
