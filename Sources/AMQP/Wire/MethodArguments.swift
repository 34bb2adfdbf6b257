import NIOCore

/// What the generated methods have in common: arguments that are read from the wire and written to it.
protocol MethodArguments: Sendable, Equatable {
    static var id: MethodID { get }
    /// Reads the arguments, which follow the method's two numbers.
    init(from buffer: inout ByteBuffer) throws(WireError)
    /// Writes the arguments, without the method's two numbers.
    func write(to buffer: inout ByteBuffer) throws(WireError)
}

extension MethodArguments {
    static var classID: UInt16 { id.classID }
    static var methodID: UInt16 { id.methodID }
}

extension Method {
    /// Reads a method frame's whole payload.
    init(decoding payload: ByteBuffer) throws(WireError) {
        var payload = payload
        let id = MethodID(classID: try payload.readUInt16(), methodID: try payload.readUInt16())
        self = try Method(id, from: &payload)
        guard payload.readableBytes == 0 else { throw .trailingBytes(payload.readableBytes) }
    }
}
