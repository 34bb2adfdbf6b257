import Testing

@testable import AMQP

/// A method, and the bytes that it is on the wire according to somebody else.
struct MethodSample: Sendable, CustomTestStringConvertible {
    let method: Method
    let bytes: String

    init(_ method: Method, bytes: String) {
        self.method = method
        self.bytes = bytes
    }

    static let all = connection + channel + exchange + queue + basic + tx + confirm

    var testDescription: String { "\(type(of: method.arguments).id)" }
}
