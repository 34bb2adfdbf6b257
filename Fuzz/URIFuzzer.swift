// Any text as a URI: it is read or refused with a sentence; what is read prints as a URI of the same address and host.

@testable import AMQP

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    do throws(AMQPError) {
        let endpoint = try AMQPEndpoint(uri: text)
        guard let again = try? AMQPEndpoint(uri: endpoint.description) else {
            preconditionFailure("can't read what was printed")
        }
        precondition(again.address == endpoint.address && again.virtualHost == endpoint.virtualHost)
    } catch {
        precondition(error.code == .invalidURI && !error.message.isEmpty)
        precondition(!error.description.unicodeScalars.contains { $0.value < 0x20 })
    }
    return 0
}
