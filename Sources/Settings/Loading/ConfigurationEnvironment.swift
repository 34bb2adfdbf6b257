/// Environment variables that set keys.
enum ConfigurationEnvironment {
    /// What their names begin with.
    static let prefix = "FEDMSG_BRIDGE_"

    /// Names the files instead of setting a key.
    static let configVariable = "FEDMSG_BRIDGE_CONFIG"

    /// The value that the text of a variable is; nil where it is not what `syntax` wants.
    static func value(of text: String, _ syntax: ConfigurationSyntax) -> ConfigurationValue? {
        switch syntax {
        case .text: return .string(text)
        case .textOrArray where !text.drop(while: \.isWhitespace).hasPrefix("["): return .string(text)
        case .textOrArray, .toml:
            guard let document = try? TOMLDocument("value = " + text), document.root.count == 1 else { return nil }
            return document.root["value"]
        }
    }

    /// Warnings about variables that look like ours and set nothing.
    ///
    /// Container platforms inject such names, so they are no mistakes.
    static func unknown(in environment: [String: String]) -> [ConfigurationDiagnostic] {
        let known = Set(ConfigurationSchema.keys.map(\.variable) + [configVariable])
        return environment.keys.filter { $0.hasPrefix(prefix) && !known.contains($0) }.map { name in
            let nearest = Suggestion.nearest(to: name, among: known)
            let text = "unknown variable" + (nearest.map { "; did you mean \($0)?" } ?? "")
            return ConfigurationDiagnostic(
                .warning,
                .unknownKey,
                at: .environment(name),
                key: nil,
                text,
                nearest: nearest
            )
        }
    }
}
