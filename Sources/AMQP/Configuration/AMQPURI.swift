/// The parts of an `amqp://` or `amqps://` URI, percent-decoded (RabbitMQ's AMQP URI specification).
///
/// No error quotes what may be part of a password: with one that was not percent-encoded, host, port and
/// virtual host may be.
struct AMQPURI {
    struct Parameter {
        var name: String
        var value: String
    }

    var usesTLS: Bool
    var username: String?
    var password: String?
    /// Empty where the URI names none.
    var host: String
    var port: Int?
    /// Nil where there is no slash; empty where nothing follows it.
    var virtualHost: String?
    var parameters: [Parameter]

    init(_ text: String) throws(AMQPError) {
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f }) else {
            throw .uri("whole", "it holds a space or a control character; write it percent-encoded, a space as %20")
        }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw .uri("scheme", "it does not begin with amqp:// or amqps://")
        }
        switch text[..<colon].lowercased() {
        case "amqp": usesTLS = false
        case "amqps": usesTLS = true
        default: throw .uri("scheme", "it is neither amqp nor amqps")
        }
        var rest = text[colon...].dropFirst(3)
        guard !rest.contains("#") else {
            throw .uri("fragment", "a '#' has no meaning here; as part of a name or password write it %23")
        }
        let authority = rest.takePrefix(upToAnyOf: "/?")
        guard !rest.contains("@") else {
            throw .uri(
                "host",
                "an '@' follows it: '/', '?' and '@' in a user name or password are written %2F, %3F and %40, "
                    + "and an '@' in a virtual host or parameter %40"
            )
        }
        let path = rest.takePrefix(upToAnyOf: "?")
        (username, password, host, port) = try Self.parse(authority: authority)
        virtualHost = try Self.parse(path: path)
        parameters = try Self.parse(query: rest.dropFirst())
    }

    private static func parse(
        authority: Substring
    ) throws(AMQPError) -> (username: String?, password: String?, host: String, port: Int?) {
        var address = authority
        var username: String?
        var password: String?
        if let at = authority.lastIndex(of: "@") {
            address = authority[authority.index(after: at)...]
            let userinfo = authority[..<at]
            guard !userinfo.contains("@") else {
                throw .uri("user name and password", "an '@' in them is written %40")
            }
            let parts = userinfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            username = try parts[0].decoded("user name")
            password = parts.count > 1 ? try parts[1].decoded("password") : nil
        }
        let (host, port) = try parse(address: address)
        return (username, password, host, port)
    }

    private static func parse(address: Substring) throws(AMQPError) -> (host: String, port: Int?) {
        let host: Substring
        var rest: Substring
        let isLiteral = address.hasPrefix("[")
        if isLiteral {
            guard let end = address.firstIndex(of: "]") else {
                throw .uri("host", "the '[' of its IPv6 address has no ']'")
            }
            host = address[..<end].dropFirst()
            rest = address[end...].dropFirst()
            guard host.contains(":"), host.utf8.allSatisfy(\.isPartOfIPv6Address) else {
                throw .uri("host", "what stands between '[' and ']' is no IPv6 address")
            }
        } else {
            rest = address
            host = rest.takePrefix(upToAnyOf: ":")
        }
        let name = try host.decoded("host")
        guard isLiteral || name.utf8.allSatisfy(\.isPartOfHostName) else {
            throw .uri("host", "it holds a character that no host's name has")
        }
        guard !rest.isEmpty else { return (name, nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", !digits.contains(":") || isLiteral else {
            throw .uri("host", "an IPv6 address is written in brackets, as in [::1]:5672")
        }
        if digits.isEmpty { return (name, nil) }
        guard digits.utf8.allSatisfy(\.isDigit), let port = Int(digits), (1...65535).contains(port) else {
            throw .uri(
                "port",
                "it is no number from 1 to 65535 ('/', '?', '#' and '@' in a password are percent-encoded)"
            )
        }
        return (name, port)
    }

    private static func parse(path: Substring) throws(AMQPError) -> String? {
        guard path.first == "/" else { return nil }
        let segment = path.dropFirst()
        guard !segment.contains("/") else {
            throw .uri("virtual host", "a '/' in its name is written %2F, as in amqp://host/%2Fname")
        }
        return try segment.decoded("virtual host")
    }

    private static func parse(query: Substring) throws(AMQPError) -> [Parameter] {
        var parameters: [Parameter] = []
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try parts[0].decoded("parameters")
            guard parts.count == 2, !name.isEmpty else {
                throw .uri("parameters", "each has to be written name=value")
            }
            parameters.append(Parameter(name: name, value: try parts[1].decoded("parameter \(name)")))
        }
        return parameters
    }
}

extension AMQPError {
    static func uri(_ part: String, _ message: String) -> AMQPError {
        AMQPError(.invalidURI, message, subject: .uriPart(part))
    }
}

extension Substring {
    fileprivate mutating func takePrefix(upToAnyOf delimiters: String) -> Substring {
        let end = firstIndex { delimiters.contains($0) } ?? endIndex
        defer { self = self[end...] }
        return self[..<end]
    }

    fileprivate func decoded(_ part: String) throws(AMQPError) -> String {
        guard let decoded = percentDecoded else {
            throw .uri(part, "a '%' is followed by two hexadecimal digits of UTF-8; itself it is written %25")
        }
        guard !decoded.unicodeScalars.contains("\0") else { throw .uri(part, "it holds a zero byte") }
        return decoded
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    fileprivate var isPartOfHostName: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: isDigit
        }
    }

    fileprivate var isPartOfIPv6Address: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"),
            UInt8(ascii: "."):
            true
        default: isDigit
        }
    }
}
