/// Why bytes are no message. `reason` is the word that metrics and dead letters use.
public enum EnvelopeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not what Python's `json.loads` reads.
    case badJSON(JSONError)
    /// JSON, but the whole is no object.
    case notAnObject(JSONValue.Kind)
    /// An envelope without the key `msg`.
    case noBody
    /// A `msg`, or an AMQP body, that is no object.
    case bodyNotAnObject(JSONValue.Kind)
    /// A `topic` with a lone surrogate, which no topic frame can hold.
    case badTopic
    /// A stored `timestamp` that was no number before it was stored, so that no signature can fit.
    case badTimestamp

    /// `bad_json`, `not_an_object`, `no_msg`, `body_not_an_object`, `bad_topic` or `bad_signature`.
    public var reason: String {
        switch self {
        case .badJSON: "bad_json"
        case .notAnObject: "not_an_object"
        case .noBody: "no_msg"
        case .bodyNotAnObject: "body_not_an_object"
        case .badTopic: "bad_topic"
        case .badTimestamp: "bad_signature"
        }
    }

    /// What a person needs to find the fault, without the reason's name and without bytes of the message.
    public var detail: String {
        switch self {
        case .badJSON(let error): error.description
        case .notAnObject(let kind): "the envelope is \(kind.name), expected an object"
        case .noBody: "the envelope has no msg"
        case .bodyNotAnObject(let kind): "the body is \(kind.name), expected an object"
        case .badTopic: "the topic has a lone surrogate"
        case .badTimestamp: "the stored timestamp is no number"
        }
    }

    /// For example "bad_json: byte 12: expected a value".
    public var description: String { "\(reason): \(detail)" }
}

extension JSONValue.Kind {
    /// With its article, for a sentence.
    var name: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .text: "text"
        case .integer: "an integer"
        case .float: "a float"
        case .bool: "a boolean"
        case .null: "null"
        }
    }
}
