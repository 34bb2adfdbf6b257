import Fedmsg
import NIOCore
import Spool

/// Fedmsgs that were written together, in the order of sending.
///
/// An object, which keeps their bytes until libzmq has the last of them.
final class FedmsgBatch: Sendable {
    /// A message, by the places of its parts in `bytes`.
    struct Entry: Sendable {
        var topic: Range<Int>
        var messageID: Range<Int>
        var envelope: Range<Int>
        /// What it came as.
        var origin: OutgoingFedmsg.Origin
        /// When it was received, in microseconds since 1970.
        var receivedAt: Int64
        /// What it is known by if it is delivered again.
        var identity: MessageDigest
    }

    /// A batch of several messages is no larger, as they are in memory until the last of them has left.
    static let byteLimit = 1 << 20

    /// Its reader index is 0: the places in `entries` count from there.
    let bytes: ByteBuffer
    let entries: [Entry]

    private init(_ drafts: Span<FedmsgDraft>, byteCount: Int) {
        var entries: [Entry] = []
        entries.reserveCapacity(drafts.count)
        var bytes = ByteBuffer()
        bytes.writeWithOutputRawSpan(minimumWritableBytes: byteCount) { output in
            for index in drafts.indices { entries.append(drafts[index].write(to: &output)) }
        }
        self.bytes = bytes
        self.entries = entries
    }

    /// Writes the envelopes of drafts round their bodies.
    ///
    /// - Returns: all of them, in order, in as many batches as they need.
    static func messages(of drafts: ArraySlice<FedmsgDraft>) -> [OutgoingFedmsg] {
        let drafts = drafts.span
        var messages: [OutgoingFedmsg] = []
        messages.reserveCapacity(drafts.count)
        var start = 0
        while start < drafts.count {
            var byteCount = drafts[start].byteCount
            var end = start + 1
            while end < drafts.count {
                let more = byteCount + drafts[end].byteCount
                guard more <= byteLimit else { break }
                byteCount = more
                end += 1
            }
            let batch = FedmsgBatch(drafts.extracting(start..<end), byteCount: byteCount)
            for place in batch.entries.indices { messages.append(OutgoingFedmsg(batch: batch, place: place)) }
            start = end
        }
        return messages
    }
}

extension FedmsgDraft {
    fileprivate var byteCount: Int {
        envelope.topic.utf8.count + envelope.messageID.utf8.count
            + envelope.byteCount(bodyByteCount: body.readableBytes)
    }

    fileprivate func write(to output: inout OutputRawSpan) -> FedmsgBatch.Entry {
        let start = output.byteCount
        output.append(contentsOf: envelope.topic.utf8Span.span.bytes)
        let topicEnd = output.byteCount
        output.append(contentsOf: envelope.messageID.utf8Span.span.bytes)
        let idEnd = output.byteCount
        envelope.write(body: body.readableBytesSpan, into: &output)
        return FedmsgBatch.Entry(
            topic: start..<topicEnd,
            messageID: topicEnd..<idEnd,
            envelope: idEnd..<output.byteCount,
            origin: origin,
            receivedAt: receivedAt,
            identity: identity
        )
    }
}
