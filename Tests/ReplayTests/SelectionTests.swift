import Fedmsg
import Testing

@testable import Replay

@Suite("What was not asked for")
struct SelectionTests {
    private static let limits = ReplaySelection(from: 1_546_300_800, until: 1_577_836_800)
    private static let topics = ReplaySelection(topics: [TopicPattern("org.x.#")])

    /// Three that can be bridged, two of another topic and time that can't, and a line that can't be read.
    private static func capture(_ good: String, _ bad: [String]) throws -> Capture {
        try Capture((Array(repeating: good, count: 3) + bad + ["{no JSON"]).joined(separator: "\n"))
    }

    @Test(
        "It is dropped whatever is wrong with it, and only what can't be read is rejected",
        arguments: [topics, limits]
    )
    func toAMQP(selection: ReplaySelection) throws {
        let good = #"{"msg": {}, "topic": "org.x.y", "timestamp": 1564513942}"#
        let bad = [#"{"msg": [], "topic": "t.x", "timestamp": 1}"#, #"{"topic": "t.x", "timestamp": 1.5}"#]
        let result = try Self.capture(good, bad).dryRun(format: .jsonl, selection: selection)
        #expect(result.counts.description == "6 read, 3 translated, 2 dropped, 1 rejected")
        #expect(result.reports.count == 1)
    }

    @Test("Towards fedmsg likewise", arguments: [topics, limits])
    func toFedmsg(selection: ReplaySelection) throws {
        let message = { (topic: String, time: String, rest: String) in
            #"{"topic": "\#(topic)", "headers": {"sent-at": "\#(time)"}\#(rest)}"#
        }
        let good = message("org.x.y", "2019-07-30T19:12:22+00:00", #", "id": "1", "body": {}"#)
        let bad = [#", "id": "1""#, #", "body": {}"#].map { message("t.x", "1970-01-01T00:00:01Z", $0) }
        let result = try Self.capture(good, bad).dryRun(to: .toFedmsg, format: .jsonl, selection: selection)
        #expect(result.counts.description == "6 read, 3 translated, 2 dropped, 1 rejected")
    }

    @Test("What was asked for, or may have been, is rejected where it can't be bridged")
    func rejected() throws {
        let lines = [
            #"{"topic": "org.x.y", "timestamp": 1564513942}"#, #"{"msg": {}, "topic": 5, "timestamp": 1564513942}"#,
            // Without a time it is outside any limits.
            #"{"topic": "org.x.y"}"#,
        ]
        let selection = ReplaySelection(topics: Self.topics.topics, from: Self.limits.from, until: Self.limits.until)
        let result = try Capture(lines.joined(separator: "\n")).dryRun(format: .jsonl, selection: selection)
        #expect(result.counts.description == "3 read, 0 translated, 1 dropped, 2 rejected")
    }

    @Test("A topic is judged as it is on AMQP, by its frame where the capture has one")
    func topic() throws {
        let envelope = #"{"topic": "x.y"}"#
        let result = try Capture(["x.z", envelope, "y", envelope].joined(separator: "\n"))
            .dryRun(format: .zmq, selection: Self.topics, topicPrefix: "org")
        #expect(result.counts.description == "2 read, 0 translated, 1 dropped, 1 rejected")
        #expect(result.reports.first?.contains(#""topic":"x.z""#) == true)
    }

    @Test("Towards fedmsg, a topic that comes from there is judged as it was there, and any other as it is")
    func topicFromFedmsg() throws {
        let message = { (topic: String, rest: String) in
            #"{"topic": "\#(topic)", "headers": {"x-fedmsg-bridge": {"origin": "fedmsg"}}\#(rest)}"#
        }
        let lines = [
            message("pre.org.x.y", #", "id": "1", "body": {}"#), message("pre.org.x.y", ""), message("pre.t.x", ""),
            #"{"topic": "pre.org.x.y"}"#,
        ]
        let result = try Capture(lines.joined(separator: "\n"))
            .dryRun(to: .toFedmsg, format: .jsonl, selection: Self.topics, topicPrefix: "pre")
        #expect(result.counts.description == "4 read, 1 translated, 2 dropped, 1 rejected")
    }

    @Test("Its signature is not checked")
    func signatures() throws {
        let verifier = try SignatureVerifier(.init(authority: Capture.pki + "/ca.crt"))
        let unsigned = ["org.x.y", "t.x"].map { #"{"msg": {}, "topic": "\#($0)"}"# }
        let result = try Capture(unsigned.joined(separator: "\n"))
            .dryRun(format: .jsonl, selection: Self.topics, signatures: SignatureCheck(verifier, asOf: .now))
        #expect(result.counts.description == "2 read, 0 translated, 1 dropped, 1 rejected")
        #expect(result.reports.first?.contains(#""reason":"unsigned""#) == true)
    }
}
