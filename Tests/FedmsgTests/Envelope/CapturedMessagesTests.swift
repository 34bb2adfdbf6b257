import Fedmsg
import Foundation
import Testing

/// 337 messages as they went over Fedora's public bus between 2012 and 2019.
@Suite("Captured messages", .timeLimit(.minutes(2)))
struct CapturedMessagesTests {
    private static let lines: [[UInt8]] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/fedmsgs.jsonl")
        guard let data = try? Data(contentsOf: file.standardized) else { return [] }
        return data.split(separator: UInt8(ascii: "\n")).map(Array.init)
    }()

    @Test("each is sliced where another parser finds the same values")
    func slicesExactly() throws {
        #expect(Self.lines.count == 337)
        for line in Self.lines {
            let envelope = try Envelope(line)
            let parsed = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            let body = try #require(try JSONSerialization.jsonObject(with: Data(line[envelope.body])) as? NSDictionary)
            #expect(body == parsed["msg"] as? NSDictionary)
            let bytes = line.span.bytes
            #expect(try envelope.undecodedTopic(in: bytes)?.string(in: bytes) == parsed["topic"] as? String)
            #expect(envelope.text(.msgID, in: bytes) == parsed["msg_id"] as? String)
            #expect(envelope.text(.username, in: bytes) == parsed["username"] as? String)
            #expect(envelope.integer(.i, in: bytes) == (parsed["i"] as? NSNumber)?.int64Value)
            #expect(envelope.timestamp(in: bytes) == (parsed["timestamp"] as? NSNumber)?.int64Value)
            for key in Envelope.Key.allCases {
                #expect((envelope[key] != nil) == (parsed[key.name] != nil), "\(key)")
            }
        }
    }

    @Test("each body, written into an envelope, is found there byte for byte")
    func splicesExactly() throws {
        for line in Self.lines {
            let body = Array(line[try Envelope(line).body])
            let outgoing = OutgoingEnvelope(
                i: 1,
                messageID: "2019-a",
                timestamp: .seconds(1),
                topic: "org.t",
                username: "amqp-bridge"
            )
            var written: [UInt8] = []
            outgoing.write(body: body.span.bytes, to: &written)
            #expect(try Array(written[Envelope(written).body]) == body)
        }
    }

    @Test("each has Python's canonical form")
    func agreesWithPython() async throws {
        let answers = try await PythonPeer.canonical(Self.lines.map { [UInt8(ascii: "s")] + $0 })
        var form = CanonicalForm()
        for (line, answer) in zip(Self.lines, answers) {
            var output: [UInt8] = []
            try form.writeSigned(Envelope(line), in: line.span.bytes, to: &output)
            #expect(output == answer)
        }
    }
}
