import Fedmsg

/// What is found where, said shortly.
enum Verdict: Equatable, CustomStringConvertible {
    case json
    case fails(at: Int, JSONError.Expectation)

    /// A body that is JSON but no object is JSON all the same here.
    init(_ bytes: [UInt8]) {
        do throws(EnvelopeError) {
            try MessageBody.check(bytes.span.bytes)
            self = .json
        } catch .badJSON(let error) {
            self = .fails(at: error.offset, error.expected)
        } catch {
            self = .json
        }
    }

    init(_ text: String) { self.init(Array(text.utf8)) }

    var description: String {
        switch self {
        case .json: "json"
        case .fails(let offset, let expected): "byte \(offset): \(expected)"
        }
    }
}

extension [UInt8] {
    /// ASCII with bytes between, as a table of bad UTF-8 needs them.
    static func quoted(_ bytes: UInt8...) -> [UInt8] { [0x22] + bytes + [0x22] }
}
