extension AMQPReply {
    /// What the broker's text says beyond the code, as far as RabbitMQ's wording is known.
    public enum Cause: Sendable, Hashable {
        /// Topic authorisation: this user may not publish or bind with that routing key. The message's own fault.
        case topicRefused
        /// No right on the exchange: no message's fault.
        case exchangeRefused(String)
        /// No right on the queue.
        case queueRefused(String)
        /// The exchange is not there.
        case exchangeMissing(String)
        /// The queue is not there.
        case queueMissing(String)
        /// The queue is there, but the node that has it is down; it may come back.
        case queueDown(String)
        /// Another connection has the queue exclusively.
        case queueLocked(String)
        /// Another consumer has the queue exclusively.
        case queueInExclusiveUse(String)
        /// Declared before with another type, durability or argument.
        case declaredOtherwise
        /// The body is over the broker's max_message_size.
        case messageTooLarge
        /// A delivery was held for longer than the broker's consumer_timeout.
        case deliveryHeldTooLong
        /// Wrong user name, password or certificate.
        case loginRefused
        /// The virtual host is not there.
        case virtualHostMissing
        /// The user may not enter the virtual host.
        case virtualHostRefused
        /// The user, the virtual host or the node has as many connections or channels as it may.
        case limitReached
        /// The broker, or an operator, ended the connection.
        case forced
        /// None of the above.
        case other
    }

    /// What the reply means, read off RabbitMQ's wording (3.10 to 4.x).
    ///
    /// Only the text's beginning decides: what follows may hold names that a stranger chose, and be cut.
    public var cause: Cause {
        switch code {
        case .accessRefused: refusal
        case .notFound: absence
        case .resourceLocked: .queueLocked(text.quoted(after: "queue '") ?? "")
        case .preconditionFailed: failedPrecondition
        case .notAllowed: prohibition
        case .connectionForced: .forced
        default: .other
        }
    }

    private var refusal: Cause {
        guard let rest = words.dropping(upTo: "access to ", within: 12) else {
            if words.hasPrefix("Login was refused") { return .loginRefused }
            guard words.hasPrefix("queue '"), words.hasSuffix("in exclusive use") else { return .other }
            return .queueInExclusiveUse(words.quoted(after: "queue '") ?? "")
        }
        if rest.hasPrefix("topic ") { return .topicRefused }
        if let name = rest.quoted(after: "exchange '") { return .exchangeRefused(name) }
        if let name = rest.quoted(after: "queue '") { return .queueRefused(name) }
        return .other
    }

    private var absence: Cause {
        if words.hasPrefix("no exchange '") { return .exchangeMissing(words.quoted(after: "no exchange '") ?? "") }
        if words.hasPrefix("no queue '") { return .queueMissing(words.quoted(after: "no queue '") ?? "") }
        let mentionsNode = words.hasPrefix("home node ") || words.hasPrefix("failed to perform operation on queue ")
        if mentionsNode || words.hasPrefix("queue '") { return .queueDown(words.quoted(after: "queue '") ?? "") }
        return .other
    }

    private var failedPrecondition: Cause {
        if words.hasPrefix("inequivalent arg") || words.hasPrefix("invalid arg") { return .declaredOtherwise }
        if words.hasPrefix("message size ") { return .messageTooLarge }
        if words.hasPrefix("delivery acknowledgement on channel ") { return .deliveryHeldTooLong }
        return .other
    }

    private var prohibition: Cause {
        // Before it stand the names of the user and the virtual host alone, which are no stranger's.
        let isOverLimit = words.hasPrefix("number of channels ") || words.firstRange(of: "connection limit ") != nil
        if isOverLimit { return .limitReached }
        if words.hasPrefix("access to vhost ") { return .virtualHostRefused }
        return words.hasPrefix("vhost ") ? .virtualHostMissing : .other
    }

    /// The text without the `NOT_FOUND - ` that RabbitMQ puts before it.
    private var words: Substring {
        let prefix = "\(code.name) - "
        return text.hasPrefix(prefix) ? text.dropFirst(prefix.count) : text[...]
    }
}

extension StringProtocol where SubSequence == Substring {
    /// What follows `marker`, where it begins within the first `limit` characters.
    fileprivate func dropping(upTo marker: String, within limit: Int) -> Substring? {
        var rest = self[...]
        for _ in 0...limit {
            if rest.hasPrefix(marker) { return rest.dropFirst(marker.count) }
            guard rest.popFirst() != nil else { return nil }
        }
        return nil
    }

    /// The name in quotes after `opening`, up to RabbitMQ's `' in vhost '`; whole, where the text is cut.
    fileprivate func quoted(after opening: String) -> String? {
        guard let start = firstRange(of: opening)?.upperBound else { return nil }
        let rest = self[start...]
        let end = rest.firstRange(of: "' in vhost '")?.lowerBound ?? rest.firstIndex(of: "'") ?? rest.endIndex
        return String(rest[..<end])
    }

    fileprivate func firstRange(of other: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
            formIndex(after: &start)
        }
        return nil
    }
}
