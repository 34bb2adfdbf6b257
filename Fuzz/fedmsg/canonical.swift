@testable import Fedmsg

/// Any bytes have a canonical form or are no JSON; it is JSON in printable ASCII, and its own canonical form.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    var form = CanonicalForm()
    var once: [UInt8] = []
    guard (try? form.write(bytes.span.bytes, to: &once)) != nil else {
        precondition(once.isEmpty)
        return 0
    }
    precondition(once.allSatisfy { 0x20...0x7E ~= $0 })
    var twice: [UInt8] = []
    guard (try? form.write(once.span.bytes, to: &twice)) != nil else { fatalError("the canonical form is no JSON") }
    precondition(once == twice)

    guard let envelope = try? Envelope(bytes) else { return 0 }
    for isStored in [false, true] {
        var signed: [UInt8] = []
        guard (try? form.writeSigned(envelope, in: bytes.span.bytes, isStored: isStored, to: &signed)) != nil else {
            continue
        }
        guard let again = try? Envelope(signed) else { fatalError("what is signed is no envelope") }
        precondition(again[.signature] == nil && again[.certificate] == nil)
    }
    return 0
}
