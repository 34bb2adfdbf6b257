import NIOCore
import Spool
import Testing

@testable import Bridge

@Suite("Dead letters from fedmsg")
struct DeadLetterTests {
    private static let longest = String(repeating: "x", count: 255)

    @Test(
        "One has its envelope's id, whatever else is wrong with it, where that is one",
        arguments: [
            (#"{"msg_id": "2026-q"}"#, "2026-q"), (#"{"\u006dsg_id": "1", "msg": 5, "msg_id": "\u00e9"}"#, "é"),
            (#"{"msg_id": "\#(longest)"}"#, longest), (#"{"msg_id": "\#(longest)x"}"#, nil), (#"{"msg_id": ""}"#, nil),
            (#"{"msg_id": 5}"#, nil), (#"{"msg_id": "\ud800"}"#, nil), ("{}", nil), (#"[{"msg_id": "1"}]"#, nil),
            (#"{"msg_id": "1""#, nil), ("", nil),
        ] as [(String, String?)]
    )
    func messageID(envelope: String, id: String?) {
        var batch = ReceivedBatch()
        batch.append(frames: [ByteBuffer(string: "a.b"), ByteBuffer(string: envelope)])
        let letter = DeadLetter(.init(.noMsg, ""), received: batch[0], receivedAt: 0, rejectedAt: 0)
        #expect(letter.messageID == id)
    }
}
