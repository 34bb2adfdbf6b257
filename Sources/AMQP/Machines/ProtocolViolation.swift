/// What the peer did wrong, with the code to tell it.
struct ProtocolViolation: Error, Equatable {
    /// How much of the connection is lost by it.
    enum Scope {
        case channel
        case connection
    }

    var scope = Scope.connection
    var code: AMQPReplyCode
    var message: String
    /// Whether it is our limits that were broken, and not the protocol.
    var isLimit = false
    var method: MethodID?
}

extension ProtocolViolation {
    /// A method that nobody waits for.
    static func unexpected(_ method: Method, channel: UInt16) -> Self {
        let id = type(of: method.arguments).id
        return Self(code: .commandInvalid, message: "unexpected \(id) on channel \(channel)", method: id)
    }

    static func unexpectedFrame(_ what: String, channel: UInt16) -> Self {
        Self(code: .unexpectedFrame, message: "\(what) on channel \(channel)")
    }

    init(_ error: WireError) {
        self.init(code: error.replyCode ?? .internalError, message: "\(error)")
    }

    var error: AMQPError {
        AMQPError(isLimit ? .limitExceeded : .protocolViolation, "\(message) (\(code))")
    }
}
