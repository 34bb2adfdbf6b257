extension OutgoingEnvelope {
    /// How many bytes `write` appends for a body of so many.
    public func byteCount(bodyByteCount: Int) -> Int {
        let members = members
        var count = 2
        for place in members.indices {
            guard let member = members[place] else { continue }
            // Two quotes, a colon, and a comma before all but the first, which is why there is one to spare.
            count += member.key.utf8CodeUnitCount + 4
            switch member.value {
            case .text(let text): count += text.utf8Span.span.bytes.escapedByteCount
            case .json(let text): count += text.utf8.count
            case .integer(let number): count += number.decimalDigitCount
            case .body: count += bodyByteCount
            }
        }
        return count - 1
    }

    /// Appends the envelope with the body spliced in.
    ///
    /// - Parameters:
    ///   - body: JSON that `MessageBody` has checked; it goes in byte for byte.
    ///   - output: with room for `byteCount(bodyByteCount:)`; less traps.
    public func write(body: RawSpan, into output: inout OutputRawSpan) {
        let members = members
        var separator = UInt8(ascii: "{")
        for place in members.indices {
            guard let member = members[place] else { continue }
            output.append(separator)
            separator = UInt8(ascii: ",")
            output.append(UInt8(ascii: "\""))
            output.append(member.key)
            output.append(UInt8(ascii: "\""))
            output.append(UInt8(ascii: ":"))
            switch member.value {
            case .text(let text): output.appendString(text.utf8Span.span.bytes)
            case .json(let text): output.append(contentsOf: text.utf8Span.span.bytes)
            case .integer(let number): output.append(decimal: number)
            case .body: output.append(contentsOf: body)
            }
        }
        output.append(UInt8(ascii: "}"))
    }

    /// Appends the envelope with the body spliced in.
    public func write(body: RawSpan, to output: inout [UInt8]) {
        output.append(capacity: byteCount(bodyByteCount: body.byteCount)) { write(body: body, into: &$0) }
    }

    private struct Member {
        enum Value {
            case text(String)
            case json(String)
            case integer(Int64)
            case body
        }

        let key: StaticString
        let value: Value

        init?(_ key: StaticString, _ value: Value?) {
            guard let value else { return nil }
            self.key = key
            self.value = value
        }
    }

    /// In the order of their keys.
    private var members: InlineArray<10, Member?> {
        var certificateText: String?
        var signatureText: String?
        var crypto: String?
        switch credentials {
        case .none: break
        case .awaited: crypto = "x509"
        case .x509(let certificate, let signature):
            (certificateText, signatureText) = (certificate, signature)
            crypto = "x509"
        }
        let time: Member.Value? =
            switch timestamp {
            case .seconds(let seconds): .integer(seconds)
            case .json(let text): .json(text)
            case nil: nil
            }
        return [
            Member("certificate", certificateText.map(Member.Value.text)),
            Member("crypto", crypto.map(Member.Value.text)),
            Member("headers", headers.map(Member.Value.json)),
            Member("i", i.map(Member.Value.integer)),
            Member("msg", .body),
            Member("msg_id", .text(messageID)),
            Member("signature", signatureText.map(Member.Value.text)),
            Member("timestamp", time),
            Member("topic", .text(topic)),
            Member("username", username.map(Member.Value.text)),
        ]
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
