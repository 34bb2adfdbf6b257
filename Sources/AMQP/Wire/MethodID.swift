/// The two numbers that name a method on the wire.
struct MethodID: Sendable, Hashable {
    var classID: UInt16
    var methodID: UInt16
}
