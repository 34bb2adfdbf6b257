import Foundation

/// Turns what `fedmsg-config` prints into a file of ours: `config import`.
public enum FedmsgImport {
    /// What fedmsg fetches where the keys are not there at all; None is none.
    private static let fetched = [
        "ca_cert_location": "https://fedoraproject.org/fedmsg/ca.crt",
        "crl_location": "https://fedoraproject.org/fedmsg/crl.pem",
    ]

    /// The TOML that says what `json` said, as far as the bridge has it; a comment for each key that has no
    /// counterpart. Passwords are not copied.
    ///
    /// - Throws: ``ConfigurationError`` where it is not a JSON object.
    public static func toml(from json: String) throws(ConfigurationError) -> String {
        let root: [String: JSONValue]
        do {
            root = try JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8))
        } catch {
            throw ConfigurationError([
                ConfigurationDiagnostic(
                    .error,
                    .syntax,
                    at: .path("fedmsg-config"),
                    key: nil,
                    "expected a JSON object, as fedmsg-config prints it without --query"
                )
            ])
        }
        var source = root.compactMapValues(\.value)
        if source["validate_signatures"] != false {
            for (key, location) in fetched where root[key] == nil { source[key] = .string(location) }
        }
        var translation = FedmsgTranslation(source)
        return translation.toml()
    }
}

/// A JSON value; nil for null, which is Python's None: not set.
private struct JSONValue: Decodable {
    let value: ConfigurationValue?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            value = nil
        } else if let flag = try? container.decode(Bool.self) {
            value = .bool(flag)
        } else if let number = try? container.decode(Int.self) {
            value = .int(number)
        } else if let number = try? container.decode(Double.self) {
            value = .double(number)
        } else if let text = try? container.decode(String.self) {
            value = .string(text)
        } else if let elements = try? container.decode([JSONValue].self) {
            value = .array(elements.compactMap(\.value))
        } else {
            // Here None is a value: a rule of a policy that lets nobody pass.
            value = .table(try container.decode([String: JSONValue].self).mapValues { $0.value ?? .array([]) })
        }
    }
}
