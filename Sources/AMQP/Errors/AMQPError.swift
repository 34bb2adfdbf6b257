internal import NIOCore

/// What went wrong, where, and in whose words.
///
/// ``PublishError`` and ``AMQPRequestError`` tell what became of a message, and hold one of these where there is a cause; what
/// is wrong with a table alone is an ``AMQPCodingError``.
///
/// It never holds a password or a message body, and its ``description`` is a single line safe to log: control
/// characters in what the broker said are escaped.
public struct AMQPError: Error, Sendable {
    /// What kind of failure it is; the thing to switch on.
    public var code: Code
    /// What happened, in a sentence for a person.
    public var message: String
    /// The broker's own words, where it gave any: from connection.close, channel.close or basic.return.
    public var reply: AMQPReply?
    /// What it happened to.
    public var subject: AMQPSubject?
    /// The address of the broker, where one was in play.
    public var endpoint: String?
    /// The error beneath, of another library or of this one.
    public var underlying: (any Error)?

    /// Creates an error; only code and message are always there.
    public init(
        _ code: Code,
        _ message: String,
        reply: AMQPReply? = nil,
        subject: AMQPSubject? = nil,
        endpoint: String? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.reply = reply
        self.subject = subject
        self.endpoint = endpoint
        self.underlying = underlying
    }
}

extension AMQPError {
    /// The same error, with what it happened to filled in where it was not known deeper down.
    public func about(_ subject: AMQPSubject) -> AMQPError {
        var error = self
        error.subject = error.subject ?? subject
        return error
    }

    /// The same error, with the broker's address filled in where it was not known deeper down.
    public func at(endpoint: String) -> AMQPError {
        var error = self
        error.endpoint = error.endpoint ?? endpoint
        return error
    }
}

extension AMQPError: CustomStringConvertible {
    /// One line: code, sentence, what it happened to, the broker's words, the error beneath.
    public var description: String {
        var text = "\(code): \(message)"
        if let subject { text += " [\(subject)]" }
        if let endpoint { text += " at \(endpoint)" }
        if let reply { text += ": \(reply)" }
        let cause = (underlying as? IOError)?.systemText ?? underlying.map { "\($0)" }
        if let cause { text += " (\(cause))" }
        return text.escapingControlCharacters
    }
}
