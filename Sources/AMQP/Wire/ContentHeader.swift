import NIOCore

/// The frame between a method that carries content and the content's body.
struct ContentHeader: Sendable, Equatable {
    /// The bytes of body that follow; any 64 bits, as the peer sent them.
    var bodySize: UInt64
    /// Property flags and list as they came, not looked at yet: nothing in them can fail the connection.
    var encodedProperties: ByteBuffer

    /// The properties, decoded now. Never fails: what can't be read is in `malformed`.
    var properties: AMQPBasicProperties { AMQPBasicProperties(decoding: encodedProperties) }
}

extension ContentHeader {
    static let classID: UInt16 = 60
    /// Behind class and weight.
    static let bodySizeOffset = 4
    /// Class, weight and the size of the body.
    static let sizeBeforeProperties = 12

    init(decoding payload: ByteBuffer) throws(WireError) {
        var payload = payload
        guard let (classID, weight, bodySize) = payload.readMultipleIntegers(as: (UInt16, UInt16, UInt64).self) else {
            throw .truncated
        }
        guard classID == Self.classID else { throw .unknownContentClass(classID) }
        guard weight == 0 else { throw .contentWeight(weight) }
        self.init(bodySize: bodySize, encodedProperties: payload)
    }
}
