import Foundation
import Settings
import Testing

@testable import Replay

/// To AMQP, to fedmsg and to AMQP again, for messages that a seed gives again (`FEDMSG_BRIDGE_ROUND_TRIP_SEED`).
@Suite struct RoundTripTests {
    private static let seed =
        ProcessInfo.processInfo.environment["FEDMSG_BRIDGE_ROUND_TRIP_SEED"].flatMap(UInt64.init)
        ?? UInt64.random(in: 1..<1 << 32)

    private static func thereAndBack(_ messages: [String]) throws -> [String] {
        let envelopes = try Capture(messages.joined(separator: "\n")).dryRun(to: .toFedmsg, format: .jsonl)
        #expect(envelopes.reports.isEmpty, "seed \(seed)")
        return try Capture(envelopes.text).dryRun(format: .jsonl).lines
    }

    /// What Python takes for a line break becomes an escape in `headers`, which are text on AMQP.
    private static func escaped(_ line: String) -> String {
        ["0085", "2028", "2029"].reduce(line) { $0.replacing(#"\\u\#($1)"#, with: #"\u\#($1)"#) }
    }

    @Test("the first output comes again, headers included; an id without a year gains one, once")
    func generated() throws {
        var random = Xorshift(seed: Self.seed)
        let generated = (0..<3000).map { _ in GeneratedEnvelope(using: &random) }
        let result = try Capture(generated.map(\.text).joined(separator: "\n")).dryRun(format: .jsonl)
        #expect(result.reports.isEmpty, "seed \(Self.seed)")
        let first = result.lines.map(Self.escaped)
        let second = try Self.thereAndBack(result.lines).map(Self.escaped)
        try #require(first.count == generated.count && second.count == first.count, "seed \(Self.seed)")
        for (place, envelope) in generated.enumerated() {
            if envelope.hasLastingID {
                #expect(second[place] == first[place], "seed \(Self.seed): \(envelope.text)")
            } else {
                let plain = second[place].replacing(/,"id":"[0-9]{4}-/, with: #","id":""#)
                #expect(plain != second[place] && plain == first[place], "seed \(Self.seed): \(envelope.text)")
            }
        }
        #expect(try Self.thereAndBack(second).map(Self.escaped) == second, "seed \(Self.seed)")
    }

    @Test("what a prefix and whole envelopes as bodies made of fedmsgs is undone")
    func wrapped() throws {
        var random = Xorshift(seed: Self.seed)
        let generated = (0..<1000).map { _ in GeneratedEnvelope(using: &random).text }
        let plain = try Capture(generated.joined(separator: "\n")).dryRun(format: .jsonl)
        let envelopes = try Capture(plain.text).dryRun(to: .toFedmsg, format: .jsonl)
        let wrapped = try Capture(envelopes.text).dryRun(format: .jsonl, topicPrefix: "pre", body: .envelope)
        let isWrapped = { (line: String) in
            line.hasPrefix(#"{"topic":"pre.org.example."#) && line.contains(#","msg_id":"#)
        }
        #expect(wrapped.lines.allSatisfy(isWrapped), "seed \(Self.seed)")
        let back = try Capture(wrapped.text).dryRun(to: .toFedmsg, format: .jsonl, topicPrefix: "pre", body: .envelope)
        #expect(back.lines.count == generated.count, "seed \(Self.seed)")
        #expect(back.lines.map(Self.escaped) == envelopes.lines.map(Self.escaped), "seed \(Self.seed)")
    }

    @Test("what was not put round a fedmsg is not taken off")
    func unwrapped() throws {
        let message = { (topic: String, headers: String, body: String) in
            #"{"topic": "\#(topic)", "headers": {\#(headers)}, "id": "2019-1", "body": \#(body)}"#
        }
        let (native, own) = ("", #""x-fedmsg-bridge": {"origin": "fedmsg"}"#)
        let sent = #""x-fedmsg-bridge": {"origin": "fedmsg", "i": 7, "username": "apache"}"#
        let lines = [
            message("pre.org.x.y", native, #"{"msg":{"a":1}}"#), message("org.x.y", own, #"{"msg":1}"#),
            message("pre.", own, #"{"msg":{"msg":{"a":1}}}"#),
            message("org.x.mail", sent, #"{"msg":{"subject":"hi"},"agent":"ralph"}"#),
        ]
        let result = try Capture(lines.joined(separator: "\n"))
            .dryRun(to: .toFedmsg, format: .jsonl, topicPrefix: "pre", body: .envelope)
        let expected = [
            #"{"i":1,"msg":{"msg":{"a":1}},"msg_id":"2019-1","timestamp":0,"topic":"pre.org.x.y","username":"amqp-bridge"}"#,
            #"{"msg":{"msg":1},"msg_id":"2019-1","topic":"org.x.y"}"#,
            #"{"msg":{"msg":{"a":1}},"msg_id":"2019-1","topic":"pre."}"#,
            #"{"i":7,"msg":{"msg":{"subject":"hi"},"agent":"ralph"},"msg_id":"2019-1","topic":"org.x.mail","username":"apache"}"#,
        ]
        #expect(result.lines == expected)
    }
}
