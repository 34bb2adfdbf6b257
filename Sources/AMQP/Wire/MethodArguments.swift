import NIOCore

/// What the generated methods have in common: arguments that are read from the wire and written to it.
protocol MethodArguments: Sendable, Equatable {
    static var id: MethodID { get }
    /// Reads the arguments, which follow the method's two numbers.
    init(reading bytes: Span<UInt8>, at cursor: inout FieldCursor) throws(WireError)
    /// Writes the arguments, without the method's two numbers.
    func write(to buffer: inout ByteBuffer) throws(WireError)
}

extension MethodArguments {
    static var classID: UInt16 { id.classID }
    static var methodID: UInt16 { id.methodID }
}

extension Method {
    /// Reads a method frame's whole payload.
    init(decoding payload: Span<UInt8>) throws(WireError) {
        var cursor = FieldCursor()
        let id = MethodID(classID: try cursor.short(payload), methodID: try cursor.short(payload))
        self = try Method(id, reading: payload, at: &cursor)
        guard cursor.offset == payload.count else { throw .trailingBytes(payload.count - cursor.offset) }
    }
}
