extension OutgoingEnvelope {
    /// How many bytes `write` appends for a body of so many.
    public func byteCount(bodyByteCount: Int) -> Int {
        var count = #"{"msg":,"msg_id":,"topic":}"#.utf8.count + bodyByteCount
        count += messageID.utf8Span.span.bytes.escapedByteCount + topic.utf8Span.span.bytes.escapedByteCount
        switch credentials {
        case .none: break
        case .awaited: count += #""crypto":"x509","#.utf8.count
        case .x509(let certificate, let signature):
            count += #""certificate":,"crypto":"x509","signature":,"#.utf8.count
            count += certificate.utf8Span.span.bytes.escapedByteCount + signature.utf8Span.span.bytes.escapedByteCount
        }
        if let headers { count += #""headers":,"#.utf8.count + headers.utf8.count }
        if let i { count += #""i":,"#.utf8.count + i.decimalDigitCount }
        switch timestamp {
        case .seconds(let seconds): count += #","timestamp":"#.utf8.count + seconds.decimalDigitCount
        case .json(let text): count += #","timestamp":"#.utf8.count + text.utf8.count
        case nil: break
        }
        if let username { count += #","username":"#.utf8.count + username.utf8Span.span.bytes.escapedByteCount }
        return count
    }

    /// Appends the envelope with the body spliced in.
    ///
    /// - Parameters:
    ///   - body: JSON that `MessageBody` has checked; it goes in byte for byte.
    ///   - output: with room for `byteCount(bodyByteCount:)`; less traps.
    public func write(body: RawSpan, into output: inout OutputRawSpan) {
        // In the order of the keys. Before `msg`, which is always there, a comma stands behind a member, later before it.
        output.append("{")
        if case .x509(let certificate, _) = credentials {
            output.append(#""certificate":"#)
            output.appendString(certificate.utf8Span.span.bytes)
            output.append(",")
        }
        if case .none = credentials {} else { output.append(#""crypto":"x509","#) }
        if let headers {
            output.append(#""headers":"#)
            output.append(contentsOf: headers.utf8Span.span.bytes)
            output.append(",")
        }
        if let i {
            output.append(#""i":"#)
            output.append(decimal: i)
            output.append(",")
        }
        output.append(#""msg":"#)
        output.append(contentsOf: body)
        output.append(#","msg_id":"#)
        output.appendString(messageID.utf8Span.span.bytes)
        if case .x509(_, let signature) = credentials {
            output.append(#","signature":"#)
            output.appendString(signature.utf8Span.span.bytes)
        }
        switch timestamp {
        case .seconds(let seconds):
            output.append(#","timestamp":"#)
            output.append(decimal: seconds)
        case .json(let text):
            output.append(#","timestamp":"#)
            output.append(contentsOf: text.utf8Span.span.bytes)
        case nil: break
        }
        output.append(#","topic":"#)
        output.appendString(topic.utf8Span.span.bytes)
        if let username {
            output.append(#","username":"#)
            output.appendString(username.utf8Span.span.bytes)
        }
        output.append("}")
    }

    /// Appends the envelope with the body spliced in.
    public func write(body: RawSpan, to output: inout [UInt8]) {
        output.append(capacity: byteCount(bodyByteCount: body.byteCount)) { write(body: body, into: &$0) }
    }
}

extension Int64 {
    /// Characters of the number in decimal, a sign included.
    fileprivate var decimalDigitCount: Int {
        var count = self < 0 ? 2 : 1
        var rest = magnitude
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return count
    }
}
