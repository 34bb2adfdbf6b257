import Fedmsg
import NIOCore
import Testing

@testable import Bridge

@Suite("FedmsgBatch")
struct FedmsgBatchTests {
    @Test("Each message is what it would be alone, in order")
    func alone() throws {
        var drafts = FedmsgDraft.numbered(0..<100)
        for index in drafts.indices {
            drafts[index].envelope.topic = "österreich." + String(repeating: "\"", count: index)
        }
        let messages = FedmsgBatch.messages(of: drafts[10...])
        #expect(messages.count == 90)
        for (message, draft) in zip(messages, drafts[10...]) {
            var expected: [UInt8] = []
            draft.envelope.write(body: draft.body.readableBytesSpan, to: &expected)
            #expect(message.payload == String(decoding: expected, as: UTF8.self))
            #expect(message.topic == draft.envelope.topic)
            #expect(message.messageID == draft.envelope.messageID)
            #expect(message.entry.origin == draft.origin)
            #expect(message.entry.identity == draft.identity)
        }
    }

    @Test("Small ones share a batch, which is no larger than its limit, but for a message that is larger alone")
    func limit() {
        let half = String(repeating: " ", count: FedmsgBatch.byteLimit / 2 - 200) + "{}"
        let large = String(repeating: " ", count: FedmsgBatch.byteLimit) + "{}"
        let drafts = FedmsgDraft.numbered(0..<3, body: half) + FedmsgDraft.numbered(3..<4, body: large)
        let messages = FedmsgBatch.messages(of: drafts[...] + FedmsgDraft.numbered(4..<6))
        #expect(messages.map(\.messageID) == (0..<6).map { "2026-\($0)" })
        #expect(messages.map(\.place) == [0, 1, 0, 0, 0, 1])
    }

    @Test("Of nothing, nothing is written")
    func nothing() {
        #expect(FedmsgBatch.messages(of: []).isEmpty)
    }
}
