import Foundation

/// AMQP URLs, as far as configuration looks into them: a first check, and the password hidden.
enum BrokerURL {
    /// What is wrong with `text` as the URL of a broker; nil where nothing is.
    static func fault(in text: String) -> String? {
        guard let scheme = text.firstRange(of: "://"),
            ["amqp", "amqps"].contains(text[..<scheme.lowerBound].lowercased())
        else { return "expected a URL that begins with amqp:// or amqps://" }
        if text.unicodeScalars.contains(where: { $0.value <= 32 || $0.value == 127 }) {
            return "a URL has no spaces or control characters; write %20 for a space"
        }
        if hasBrokenEscape(text) { return "% must be followed by two hexadecimal digits; write %25 for itself" }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        let path = rest[authority.endIndex...].prefix { !"?#".contains($0) }
        if path.dropFirst().contains("/") { return "a / in the virtual host is written %2F" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return hostFault(host)
    }

    private static func hostFault(_ host: Substring) -> String? {
        var port = Substring()
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return "the address lacks its ]" }
            port = host[host.index(after: end)...]
            guard port.isEmpty || port.hasPrefix(":") else { return "only a port may follow the address" }
        } else if let colon = host.firstIndex(of: ":") {
            port = host[colon...]
        }
        guard port.count > 1 else { return nil }
        guard let number = UInt16(port.dropFirst()), number > 0 else {
            return "the port must be a number from 1 to 65535"
        }
        return nil
    }

    private static func hasBrokenEscape(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.contains { index in
            bytes[index] == UInt8(ascii: "%")
                && !(index + 2 < bytes.count
                    && UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16) != nil)
        }
    }

    /// Whether it holds a password worth hiding: RabbitMQ's well-known `guest` is none.
    static func holdsSecret(_ text: String) -> Bool {
        guard keyPassword(in: text) == nil else { return true }
        guard let password = passwordRange(of: text) else { return false }
        return !password.isEmpty && text[password] != "guest"
    }

    /// The URL with `***` for its passwords, its user's and its TLS key's, if it has any.
    static func masked(_ text: String) -> String {
        // The key's first: an @ in it ends no user's.
        let (text, end) = withoutKeyPassword(text)
        guard let password = passwordRange(of: text), !password.isEmpty else { return text + end }
        return text[..<password.lowerBound] + "***" + text[password.upperBound...] + end
    }

    /// What should be a URL and may be none: without a scheme in front nothing before its last `@` is shown.
    static func hidden(_ text: String) -> String {
        let (rest, masked) = withoutKeyPassword(text)
        guard let end = rest.lastIndex(of: "@") else { return rest + masked }
        if let scheme = text.firstRange(of: "://"), !text[..<scheme.lowerBound].contains(where: { ":@".contains($0) }) {
            return self.masked(text)
        }
        return "***" + rest[end...] + masked
    }

    /// The URL up to the password of a TLS key, and `***` for that and all behind it; an empty text where there is none.
    private static func withoutKeyPassword(_ text: String) -> (String, String) {
        keyPassword(in: text).map { (String(text[..<$0]), "***") } ?? (text, "")
    }

    /// Where the value of the parameter `password` begins. Where it ends nobody can tell: a `&` in it may be unescaped.
    private static func keyPassword(in text: String) -> String.Index? {
        guard let query = text.firstIndex(of: "?") else { return nil }
        return text[query...].split(whereSeparator: { "?&".contains($0) }).lazy.compactMap { parameter in
            guard let equals = parameter.firstIndex(of: "="), equals < parameter.index(before: parameter.endIndex),
                String(parameter[..<equals]).removingPercentEncoding?.lowercased() == "password"
            else { return nil }
            return parameter.index(after: equals)
        }.first
    }

    /// From the first colon after the scheme to the last `@`: more rather than less, whatever is unescaped in it.
    private static func passwordRange(of text: String) -> Range<String.Index>? {
        guard let scheme = text.firstRange(of: "://"), let end = text[scheme.upperBound...].lastIndex(of: "@"),
            let colon = text[scheme.upperBound..<end].firstIndex(of: ":")
        else { return nil }
        return text.index(after: colon)..<end
    }
}

extension ConfigurationType<String> {
    /// The URL of an AMQP broker.
    static var brokerURL: Self {
        Self(
            name: "an amqp:// or amqps:// URL",
            syntax: .text,
            read: { value, reader in
                guard case .string(let text) = value else { return reader.mistake("an amqp:// or amqps:// URL", value) }
                guard let fault = BrokerURL.fault(in: text) else { return text }
                reader.report(.badValue, "\(fault), found \(ConfigurationValue.string(BrokerURL.hidden(text)).summary)")
                return nil
            },
            write: { .string($0) }
        )
    }
}
