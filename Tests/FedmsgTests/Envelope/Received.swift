import Fedmsg

/// An envelope with the bytes that it points into.
struct Received {
    let bytes: [UInt8]
    let envelope: Envelope

    init(_ text: String) throws {
        bytes = Array(text.utf8)
        envelope = try Envelope(bytes)
    }

    /// The JSON text of a key's value.
    func json(_ key: Envelope.Key) -> String? {
        envelope[key].map { json($0.range) }
    }

    func json(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }
}
