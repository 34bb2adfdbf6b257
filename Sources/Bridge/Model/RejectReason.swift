/// Why a message can't be bridged. Raw values are the `reason` labels of
/// `fedmsg_bridge_rejected_total`, and the reasons of dead letters.
public enum RejectReason: String, CaseIterable, Sendable {
    /// Not two frames.
    case badFrames = "bad_frames"
    /// Not what Python's `json.loads` reads.
    case badJSON = "bad_json"
    /// JSON, but no object.
    case notAnObject = "not_an_object"
    /// An envelope without `msg`.
    case noMsg = "no_msg"
    /// A `msg`, or an AMQP body, that is no object.
    case bodyNotAnObject = "body_not_an_object"
    /// A routing key of more than 255 bytes.
    case topicTooLong = "topic_too_long"
    /// A topic that is empty or not UTF-8.
    case badTopic = "bad_topic"
    /// The envelope's `topic` is not the frame's.
    case topicMismatch = "topic_mismatch"
    /// Headers that don't fit in a frame, or can't be read.
    case badHeaders = "bad_headers"
    /// A body whose `content_encoding` is unknown, or not true.
    case badEncoding = "bad_encoding"
    /// No signature, or no certificate.
    case unsigned
    /// A signature that does not belong to the message.
    case badSignature = "bad_signature"
    /// A certificate that is none, or that no CA of ours vouches for.
    case badCertificate = "bad_certificate"
    /// A certificate on the revocation list.
    case revoked
    /// A certificate that may not send this topic.
    case policy
    /// No queue was bound for it, and publishing was mandatory.
    case unroutable
    /// The broker would not take it.
    case refused
    /// An AMQP message without an id.
    case noID = "no_id"
}
