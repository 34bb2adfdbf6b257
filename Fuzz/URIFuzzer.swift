@testable import AMQP

/// Whatever is given as a URI is read, or refused with a text; what is read prints as a URI that is read alike.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    do throws(AMQPError) {
        let endpoint = try AMQPEndpoint(uri: text)
        let printed = endpoint.description
        let again = try AMQPEndpoint(uri: printed)
        precondition(again.address == endpoint.address && again.virtualHost == endpoint.virtualHost)
        precondition(again.description == printed)
    } catch {
        precondition(error.code == .invalidURI && !error.message.isEmpty)
        precondition(!error.description.unicodeScalars.contains { $0.value < 0x20 })
    }
    return 0
}
