/// A TOML value with its type kept: what an AMQP table is made from.
///
/// TOML's dates and times are left out: no key of the configuration takes one.
public enum ConfigurationValue: Sendable, Equatable, Hashable {
    /// Text.
    case string(String)
    /// An integer of 64 bits.
    case int(Int)
    /// A floating-point number.
    case double(Double)
    /// `true` or `false`.
    case bool(Bool)
    /// A list, of mixed types where need be.
    case array([ConfigurationValue])
    /// A table.
    case table([String: ConfigurationValue])
}

extension ConfigurationValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// A floating-point number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A list.
    public init(arrayLiteral elements: ConfigurationValue...) { self = .array(elements) }
    /// A table; of a key written twice the last counts.
    public init(dictionaryLiteral elements: (String, ConfigurationValue)...) {
        self = .table(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}
