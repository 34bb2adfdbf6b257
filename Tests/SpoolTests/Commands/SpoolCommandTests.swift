import Foundation
import NIOCore
import Testing

@testable import Spool

@Suite(.timeLimit(.minutes(5))) struct SpoolCommandTests {
    let spool = TestSpool()

    /// A running journal with dead letters 1 to 4.
    private func running() async throws -> Journal {
        let journal = try await spool.start()
        let kept = Recorder<Int>()
        for letter in [
            DeadLetter.of("1"), .of("2", reason: "unsigned"), .of("3", .toFedmsg), .of("4", .toFedmsg, reason: "no_id"),
        ] {
            journal.keep(letter) { kept.add([1]) }
        }
        await kept.wait { $0.count == 4 }
        return journal
    }

    private func ids(_ filter: DeadLetterFilter = .all) throws -> [Int64] {
        var ids: [Int64] = []
        try Spool(path: spool.path).list(filter) { ids.append($0.id) }
        return ids
    }

    @Test func `nothing is made where there is no spool`() throws {
        try FileManager.default.createDirectory(atPath: spool.folder, withIntermediateDirectories: true)
        let error = #expect(throws: SpoolError.self) { try Spool(path: spool.path) }
        #expect(error?.code == .notFound)
        #expect(spool.names.isEmpty)
    }

    @Test(
        arguments: [
            (.all, [1, 2, 3, 4]), (DeadLetterFilter(ids: [4, 2, 9]), [2, 4]),
            (DeadLetterFilter(reason: "refused"), [1, 3]), (DeadLetterFilter(reason: "' OR 1"), []),
            (DeadLetterFilter(rejectedBefore: 2_000_000), []),
            (DeadLetterFilter(rejectedBefore: 2_000_001), [1, 2, 3, 4]),
            (DeadLetterFilter(ids: [1, 2], reason: "unsigned"), [2]),
        ] as [(DeadLetterFilter, [Int64])]
    )
    func `a filter means letters that meet all of it`(filter: DeadLetterFilter, meant: [Int64]) async throws {
        let journal = try await running()
        #expect(try ids(filter) == meant)
        #expect(try Spool(path: spool.path).drop(filter) == meant.count)
        #expect(try ids() == [1, 2, 3, 4].filter { !meant.contains($0) })
        await journal.close()
    }

    @Test func `status counts what waits and what was refused, with and without a daemon`() async throws {
        let journal = try await running()
        journal.append(.of("a", "b", "c", at: 7_000_000))
        let deliveries = await spool.sink.wait(for: 3)
        journal.settle(through: deliveries[0].position)
        journal.append(.of("d", at: 8_000_000))
        await spool.sink.wait(for: 4)

        let status = try Spool(path: spool.path).status()
        #expect(status.messages == 3)
        #expect(status.oldestReceivedAt == 7_000_000)
        #expect(status.lastReceivedAt == 8_000_000)
        #expect(status.deadLetters.map(\.reason) == ["refused", "unsigned", "no_id", "refused"])
        #expect(status.deadLetters.map(\.letters) == [1, 1, 1, 1])
        #expect(status.isHeld)
        await journal.close()
        #expect(try !Spool(path: spool.path).status().isHeld)
    }

    @Test func `a running daemon takes letters up, to AMQP behind what waits and to fedmsg by themselves`() async throws
    {
        let journal = try await running()
        let before = Journal.now()
        #expect(try Spool(path: spool.path).retry(.all, now: before) == 4)

        let deliveries = await spool.sink.wait(for: 2)
        #expect(deliveries.map(\.text) == ["1", "2"])
        #expect(deliveries.map(\.origin) == [.retried, .retried])
        let letters = await spool.sink.letters.wait { $0.count == 2 }
        #expect(letters.map(\.id) == [3, 4])
        #expect(letters[0].properties == ByteBuffer(string: "properties"))
        await spool.observer.events.wait { $0.received == 2 }
        #expect(try ids() == [3, 4])

        journal.settleRetry(of: 3)
        journal.rejectRetry(of: 4, .of("4", .toFedmsg, reason: "bad_json"))
        await journal.close()
        #expect(try ids() == [4])
        let letter = try Spool(path: spool.path).show(4)
        #expect(letter?.reason == "bad_json")
        #expect(letter?.frames == [ByteBuffer(string: "4")])
    }

    @Test func `a daemon that starts takes up what was marked while it was away, and once`() async throws {
        let journal = try await running()
        await journal.close()
        #expect(try Spool(path: spool.path).retry(DeadLetterFilter(ids: [2, 3]), now: 0) == 2)
        #expect(try Spool(path: spool.path).retry(.all, now: 0) == 2)

        let again = try await spool.start()
        #expect(await spool.sink.wait(for: 2).map(\.text) == ["1", "2"])
        await spool.sink.letters.wait { $0.count == 2 }
        await again.close()
        let third = try await spool.start()
        #expect(await spool.sink.wait(for: 4).map(\.origin).suffix(2) == [.recovered, .recovered])
        await third.close()
    }

    @Test func `of a topic and an id no more is kept than AMQP takes, in whole characters`() async throws {
        let long = String(repeating: "é", count: 1_000_000)
        let letter = DeadLetter(
            direction: .toAMQP,
            reason: "topic_too_long",
            detail: "",
            topic: long,
            messageID: long,
            frames: [ByteBuffer(string: "topic"), ByteBuffer(string: "{}")],
            receivedAt: 0,
            rejectedAt: 0
        )
        #expect(letter.topic == String(repeating: "é", count: 127))
        #expect(letter.messageID == letter.topic)
        let longest = String(repeating: "é", count: 127) + "a"
        var other = DeadLetter.of("1")
        other.topic = longest
        let journal = try await spool.start()
        let kept = Recorder<Int>()
        for letter in [letter, other] { journal.keep(letter) { kept.add([1]) } }
        await kept.wait { $0.count == 2 }
        #expect(try Spool(path: spool.path).newest(2).map(\.topic) == [longest, letter.topic])
        await journal.close()
    }

    @Test func `of a letter that an earlier version kept no more of topic and id is read`() async throws {
        let journal = try await running()
        await journal.close()
        let change = "UPDATE dead_letters SET topic = zeroblob(1000000), message_id = zeroblob(1000000) RETURNING id"
        let changed: [Int64] = try spool.query(change)
        #expect(changed.count == 4)
        for letter in try Spool(path: spool.path).newest(4) {
            #expect(letter.topic.utf8.count == 255)
            #expect(letter.messageID?.utf8.count == 255)
        }
        #expect(try Spool(path: spool.path).show(1)?.topic.utf8.count == 255)
        let emptied: [Int64] = try spool.query("UPDATE dead_letters SET topic = x'', message_id = x'' RETURNING id")
        #expect(emptied.count == 4)
        #expect(try Spool(path: spool.path).newest(4).map(\.topic) == ["", "", "", ""])
    }

    @Test func `letters are tried again after the limits changed, though nothing else is written`() async throws {
        let journal = try await spool.start()
        let kept = Recorder<Int>()
        journal.keep(.of("body", .toFedmsg)) { kept.add([1]) }
        await kept.wait { $0.count == 1 }
        journal.changeLimits(to: journal.configuration)
        #expect(try Spool(path: spool.path).retry(.all, now: 0) == 1)
        #expect(await spool.sink.letters.wait { $0.count == 1 }.map(\.id) == [1])
        await journal.close()
    }

    @Test func `a thousand letters are listed, and tried again, page by page`() async throws {
        let journal = try await spool.start { $0.windowMessages = 5_000 }
        let kept = Recorder<Int>()
        for number in 0..<1_200 { journal.keep(.of("\(number)")) { kept.add([1]) } }
        await kept.wait { $0.count == 1_200 }

        #expect(try ids() == Array(1...1_200))
        #expect(try Spool(path: spool.path).retry(.all, now: 0) == 1_200)
        let deliveries = await spool.sink.wait(for: 1_200)
        #expect(deliveries.map(\.text) == (0..<1_200).map { "\($0)" })
        #expect(try ids().isEmpty)
        await journal.close()
    }

    @Test func `large letters are marked few at a time, so that the log stays small`() async throws {
        let journal = try await spool.start()
        let kept = Recorder<Int>()
        for _ in 0..<40 { journal.keep(.of(String(repeating: "x", count: 1_000_000), .toFedmsg)) { kept.add([1]) } }
        await kept.wait { $0.count == 40 }
        await journal.close()

        let commands = try Spool(path: spool.path)
        // A time of 0 takes no byte in the row, which would not be written anew.
        #expect(try commands.retry(.all, now: Journal.now()) == 40)
        // The log's file keeps its greatest size while it is in use.
        let log = SpoolFiles(path: spool.path).sizes().log
        #expect(log > 0 && log < 10_000_000, "\(log)")
        #expect(try commands.retry(.all, now: 0) == 0)
        #expect(try commands.drop(.all) == 40)
    }
}
