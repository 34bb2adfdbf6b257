import NIOCore

/// The frame between a method that carries content and the content's body.
struct ContentHeader: Sendable, Equatable {
    /// The bytes of body that follow; any 64 bits, as the peer sent them.
    var bodySize: UInt64
    /// Property flags and list as they came, not looked at yet: nothing in them can fail the connection.
    var encodedProperties: ByteBuffer
}

extension ContentHeader {
    static let classID: UInt16 = 60
    /// Behind class and weight.
    static let bodySizeOffset = 4
    /// Class, weight and the size of the body.
    static let sizeBeforeProperties = 12

    /// - Parameter bytes: those of the payload.
    init(_ payload: ByteBuffer, _ bytes: Span<UInt8>) throws(WireError) {
        var cursor = FieldCursor()
        let (classID, weight) = (try cursor.short(bytes), try cursor.short(bytes))
        let bodySize = try cursor.longlong(bytes)
        guard classID == Self.classID else { throw .unknownContentClass(classID) }
        guard weight == 0 else { throw .contentWeight(weight) }
        var properties = payload
        properties.moveReaderIndex(forwardBy: cursor.offset)
        self.init(bodySize: bodySize, encodedProperties: properties)
    }
}
