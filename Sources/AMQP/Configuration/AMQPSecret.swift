/// A password. It prints as asterisks, however it is printed; read ``value`` to use it.
public struct AMQPSecret: Sendable, Hashable {
    /// The password itself.
    public let value: String

    /// Wraps a password.
    public init(_ value: String) {
        self.value = value
    }
}

extension AMQPSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always the same asterisks.
    public var description: String { "********" }
    /// Always the same asterisks.
    public var debugDescription: String { description }
    /// Without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
