import NIOCore

@testable import Bridge

extension OutgoingFedmsg {
    /// The envelope as text.
    var payload: String {
        batch.bytes.getString(at: entry.envelope.lowerBound, length: entry.envelope.count) ?? ""
    }
}
