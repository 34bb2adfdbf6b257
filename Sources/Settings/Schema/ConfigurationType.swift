/// What a key takes: how it is called, read from TOML, and written again.
struct ConfigurationType<Value: Sendable>: Sendable {
    /// Completes "expected …".
    let name: String
    /// How an environment variable writes it.
    var syntax = ConfigurationSyntax.toml
    /// The value, or nil after having reported what is wrong.
    let read: @Sendable (ConfigurationValue, inout ConfigurationReader) -> Value?
    /// The value as TOML; nil where there is nothing to write.
    let write: @Sendable (Value) -> ConfigurationValue?
    /// What a later file's value makes of an earlier one's; nil where it replaces it.
    var merge: (@Sendable (_ earlier: Value, _ later: Value) -> Value)?
}

extension ConfigurationType<Bool> {
    static var bool: Self {
        Self(
            name: "true or false",
            read: { value, reader in
                if case .bool(let flag) = value { return flag }
                return reader.mistake("true or false", value)
            },
            write: { .bool($0) }
        )
    }
}

extension ConfigurationType where Value: FixedWidthInteger {
    /// An integer in `range`, or `other`.
    static func integer(in range: ClosedRange<Value>, or other: Value? = nil, unit: String = "") -> Self {
        let bounds =
            Int(range.upperBound) == .max
            ? "of at least \(range.lowerBound)"
            : "from \(range.lowerBound) to \(range.upperBound)"
        let name = "an integer \(bounds)" + (unit.isEmpty ? "" : " (\(unit))") + (other.map { ", or \($0)" } ?? "")
        return Self(
            name: name,
            read: { value, reader in
                if case .int(let number) = value, let exact = Value(exactly: number),
                    range.contains(exact) || exact == other
                {
                    return exact
                }
                return reader.mistake(name, value)
            },
            write: { .int(Int($0)) }
        )
    }
}

extension ConfigurationType {
    /// A value that may be absent.
    static func optional<Wrapped>(_ type: ConfigurationType<Wrapped>) -> Self where Value == Wrapped? {
        Self(
            name: type.name,
            syntax: type.syntax,
            read: { value, reader in type.read(value, &reader).map { .some($0) } },
            write: { $0.flatMap(type.write) }
        )
    }
}

extension ConfigurationType<String> {
    /// Text that satisfies `accept`; `name` says what it accepts.
    static func text(_ name: String = "text", where accept: @escaping @Sendable (String) -> Bool = { _ in true })
        -> Self
    {
        Self(
            name: name,
            syntax: .text,
            read: { value, reader in
                if case .string(let text) = value, accept(text) { return text }
                return reader.mistake(name, value)
            },
            write: { .string($0) }
        )
    }

    /// A file that may be absent: its path, or empty text.
    static var file: Self { text("a path, or empty") }

    /// A name that AMQP carries: 1 to 255 bytes.
    static var amqpName: Self { text("a name of 1 to 255 bytes", where: ConfigurationReader.isAMQPName) }
}

extension ConfigurationType where Value: CaseIterable & RawRepresentable<String> {
    /// One of the type's cases, by its name.
    static var choice: Self {
        let name = Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
        return Self(
            name: name,
            syntax: .text,
            read: { value, reader in
                if case .string(let text) = value, let choice = Value(rawValue: text) { return choice }
                return reader.mistake(name, value, nearest: Value.allCases.map(\.rawValue))
            },
            write: { .string($0.rawValue) }
        )
    }
}

extension ConfigurationType<Duration> {
    /// Seconds, whole or not, in `range`.
    static func seconds(in range: ClosedRange<Double>) -> Self {
        let name = "seconds from \(TOMLText.short(range.lowerBound)) to \(TOMLText.short(range.upperBound))"
        return Self(
            name: name,
            read: { value, reader in
                switch value {
                case .int(let number) where range.contains(Double(number)): return .seconds(number)
                case .double(let number) where range.contains(number): return .seconds(number)
                default: return reader.mistake(name, value)
                }
            },
            write: { duration in
                let (seconds, attoseconds) = duration.components
                return attoseconds == 0 ? .int(Int(seconds)) : .double(duration / .seconds(1))
            }
        )
    }
}
