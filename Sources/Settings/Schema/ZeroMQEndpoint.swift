/// ZeroMQ endpoints, as far as configuration looks into them.
package enum ZeroMQEndpoint {
    /// Bytes that the path of a Unix socket may have, which ends in a zero.
    private static let maxPathBytes = 107

    /// What is wrong with `text` as an endpoint; nil where nothing is.
    package static func fault(in text: String) -> String? {
        guard let separator = text.firstRange(of: "://") else {
            return "expected an endpoint like tcp://host:9940, ipc:///path or inproc://name"
        }
        if text.unicodeScalars.contains(where: { $0.value <= 32 || $0.value == 127 }) {
            return "an endpoint has no spaces or control characters"
        }
        let address = text[separator.upperBound...]
        switch text[..<separator.lowerBound] {
        case "tcp": return tcpFault(address)
        case "ipc" where address == "@": return "a name must follow @"
        case "ipc" where address.utf8.count > maxPathBytes: return "a path has at most \(maxPathBytes) bytes"
        case "ipc", "inproc": return address.isEmpty ? "a path or name must follow ://" : nil
        default: return "expected tcp://, ipc:// or inproc://"
        }
    }

    private static func tcpFault(_ address: Substring) -> String? {
        // libzmq takes `source;destination` to connect from an address of its own.
        for part in address.split(separator: ";", omittingEmptySubsequences: false) {
            guard let colon = part.lastIndex(of: ":"), colon != part.startIndex else {
                return "a port must follow the host, as in tcp://host:9940"
            }
            let host = part[..<colon]
            let port = part[part.index(after: colon)...]
            guard port == "*" || UInt16(port) != nil else { return "the port must be a number from 0 to 65535" }
            if host.contains(":") && !(host.hasPrefix("[") && host.hasSuffix("]")) {
                return "an IPv6 address stands in brackets, as in tcp://[::1]:9940"
            }
        }
        // libzmq looks at all of it at once, before it looks a name up.
        let isAnyAddress = address.hasPrefix("*:") && !address.contains(";")
        return isAnyAddress || isConnectable(address)
            ? nil : "a host begins with a letter or digit (or [), and has only these and . - _ : %"
    }

    /// Whether `zmq_connect` takes these bytes.
    private static func isConnectable(_ address: Substring) -> Bool {
        guard let first = address.utf8.first, isAlphanumeric(first) || first == UInt8(ascii: "[") else { return false }
        return address.utf8.allSatisfy { isAlphanumeric($0) || ".-_:;%*[]".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    /// Whether one can only listen there, not connect: any address (`*`, 0.0.0.0) or any port (`*`, 0).
    static func isForListening(_ text: String) -> Bool {
        guard text.hasPrefix("tcp://"), let colon = text.lastIndex(of: ":") else { return false }
        let host = text.dropFirst("tcp://".count)[..<colon]
        let port = text[text.index(after: colon)...]
        return host == "*" || host == "0.0.0.0" || host == "[::]" || port == "*" || port == "0"
    }
}

extension ConfigurationType<String> {
    /// A ZeroMQ endpoint.
    static var endpoint: Self {
        let name = "an endpoint like tcp://host:9940"
        return Self(
            name: name,
            syntax: .text,
            read: { value, reader in
                guard case .string(let text) = value else { return reader.mistake(name, value) }
                guard let fault = ZeroMQEndpoint.fault(in: text) else { return text }
                reader.report(.badValue, "\(fault), found \(value.summary)")
                return nil
            },
            write: { .string($0) }
        )
    }
}
