import NIOCore
import Testing

@testable import Spool

/// Damage that SQLite does not see: it looks at neither constraints nor types of what it reads.
@Suite(.timeLimit(.minutes(5))) struct JournalDamageTests {
    let spool = TestSpool()

    /// A closed spool with rows 1 to 3 of two messages each, of which the first is settled.
    private func filled() async throws {
        let journal = try await spool.start { $0.windowMessages = 1 }
        for texts in [("a", "b"), ("c", "d"), ("e", "f")] { journal.append(.of(texts.0, texts.1)) }
        await spool.observer.events.wait { $0.received == 6 }
        let now = Journal.now()
        journal.remember([1, 2].map { .init(digest: MessageDigest(high: $0, low: $0), receivedAt: now) })
        journal.settle(through: await spool.sink.wait(for: 2)[0].position)
        await journal.close()
        #expect(try spool.query("SELECT row + message FROM mark") == [2])
    }

    /// What a start hands over, and whether it settles all of it.
    private func restart(expecting count: Int) async throws -> [String] {
        let before = spool.sink.deliveries.elements.count
        var journal = try await spool.start()
        let deliveries = await spool.sink.wait(for: before + count)
        if 1..<5 ~= count {
            await spool.observer.events.wait { $0.contains { if case .corruptRow = $0 { true } else { false } } }
        }
        if let last = deliveries.dropFirst(before).last { journal.settle(through: last.position) }
        await journal.close()
        #expect(journal.status.messages == 0 && journal.status.refusal == nil)
        #expect(try Spool(path: spool.path).status().messages == 0)
        journal = try await spool.open()
        #expect(journal.status.messages == 0)
        await journal.close()
        return deliveries.dropFirst(before).map(\.text)
    }

    private var wasSetAside: Bool {
        spool.observer.events.elements.contains { if case .setAside = $0 { true } else { false } }
    }

    @Test(
        arguments: [
            "UPDATE journal SET count = NULL WHERE row = 1", "UPDATE journal SET messages = NULL WHERE row = 3",
            "UPDATE journal SET messages = 0 WHERE row = 3", "UPDATE journal SET messages = 'x' WHERE row = 1",
            "UPDATE journal SET messages = 9223372036854775807 WHERE row = 3",
            "UPDATE journal SET messages = -9223372036854775807 WHERE row = 1",
            "UPDATE journal SET bytes = NULL WHERE row = 1",
            "UPDATE journal SET bytes = 9223372036854775807 WHERE row = 3",
            "UPDATE journal SET batch = NULL WHERE row = 1",
            "UPDATE journal SET row = 9223372036854775807 WHERE row = 3",
        ]
    )
    func `where damage hides how much waits, the spool is set aside`(damage: String) async throws {
        try await filled()
        try spool.damage(damage)
        #expect(throws: SpoolError.self) { try Spool(path: spool.path).status() }
        #expect(try await restart(expecting: 0) == [])
        #expect(wasSetAside)
    }

    @Test(
        arguments: [
            // The mark is written anew, and till then nothing counts as settled.
            ("UPDATE mark SET row = NULL", "abcdef"), ("UPDATE mark SET message = NULL", "abcdef"),
            ("UPDATE mark SET row = 9223372036854775807", "abcdef"), ("UPDATE mark SET row = 1025", "abcdef"),
            ("UPDATE mark SET message = 2", "abcdef"), ("UPDATE mark SET message = -1", "abcdef"),
            ("UPDATE mark SET newest_at = 'x'", "bcdef"),
            // What the checksum says to be whole is delivered.
            ("UPDATE journal SET origin = NULL", "bcdef"), ("UPDATE journal SET count = NULL WHERE row = 2", "bcdef"),
            // What it does not is a dead letter.
            ("UPDATE journal SET received_at = NULL WHERE row = 1", "cdef"),
            ("UPDATE journal SET received_at = -9223372036854775807 WHERE row = 3", "bcd"),
            ("UPDATE journal SET checksum = NULL, count = 9223372036854775807 WHERE row = 2", "bef"),
            ("UPDATE duplicates SET entries = NULL, newest_at = NULL", "bcdef"),
            // No clock had this time.
            ("UPDATE duplicates SET entries = CAST(substr(entries, 1, 40) || x'8000000000000005' AS BLOB)", "bcdef"),
            ("UPDATE dead_letters SET size = 4611686018427387904", "bcdef"),
            ("UPDATE dead_letters SET direction = NULL, reason = NULL, size = NULL", "bcdef"),
        ]
    )
    func `other damage costs no message that is whole`(damage: String, delivered: String) async throws {
        try await filled()
        let journal = try await spool.open()
        for text in ["1", "2", "3"] { journal.keep(.of(text)) {} }
        await journal.close()
        try spool.damage(damage)
        #expect(try Spool(path: spool.path).status().messages > 0)
        #expect(try await restart(expecting: delivered.count).joined() == delivered)
        #expect(!wasSetAside)
    }

    @Test(arguments: ["NULL", "9223372036854775807"])
    func `a spool that refused takes messages again whatever its count of probes`(probes: String) async throws {
        try await filled()
        try spool.damage("UPDATE mark SET probes = \(probes)")
        let journal = try await spool.start()
        await journal.failWriting()
        await journal.tryAgain()
        #expect(journal.status.refusal == nil)
        await journal.close()
    }

    @Test func `old ids are forgotten where those of a row are gone`() async throws {
        try await filled()
        try spool.damage("UPDATE duplicates SET entries = NULL, newest_at = 0")
        let journal = try await spool.start()
        journal.remember([DuplicateWindow.Entry(digest: MessageDigest(high: 3, low: 4), receivedAt: Journal.now())])
        await journal.close()
        #expect(journal.status.refusal == nil)
        #expect(try spool.query("SELECT length(entries) FROM duplicates") == [24])
    }

    @Test(
        arguments: ["direction", "reason", "detail", "topic", "message_id", "received_at", "rejected_at", "size"],
        ["NULL", "9223372036854775807", "x'00ff'"]
    )
    func `a dead letter with a damaged column stops no command and no start`(column: String, value: String) async throws
    {
        var journal = try await spool.start()
        for text in ["1", "2"] { journal.keep(.of(text, .toFedmsg)) {} }
        await journal.close()
        try spool.damage("UPDATE dead_letters SET \(column) = \(value) WHERE id = 2")

        let commands = try Spool(path: spool.path)
        let ids = column == "direction" ? [1] : [1, 2] as [Int64]
        var listed: [Int64] = []
        try commands.list(.all) { listed.append($0.id) }
        #expect(listed == ids)
        #expect(try commands.newest(10).map(\.id) == ids.reversed())
        #expect(try commands.status().deadLetters.reduce(0) { $0 + $1.letters } == ids.count)
        #expect(try commands.show(2).map { String(buffer: $0.frames[0]) } == (column == "direction" ? nil : "2"))
        journal = try await spool.start()
        #expect(journal.status.deadLetters[.toFedmsg] == ids.count)
        // As one that falls out of the spool.
        var limits = journal.configuration
        limits.deadLetterMax = 1
        journal.changeLimits(to: limits)
        let kept = Recorder<Int>()
        for text in ["3", "4"] { journal.keep(.of(text, .toFedmsg)) { kept.add([1]) } }
        await kept.wait { $0.count == 2 }
        await journal.close()
        #expect(journal.status.deadLetters[.toFedmsg] == 1)
    }

    @Test func `a size that no letter has neither stops commands nor pushes other letters out`() async throws {
        var journal = try await spool.start()
        for text in ["1", "2", "3"] { journal.keep(.of(text, .toFedmsg)) {} }
        await journal.close()
        try spool.damage("UPDATE dead_letters SET size = 4611686018427387904 WHERE id > 1")
        let commands = try Spool(path: spool.path)
        #expect(try commands.status().deadLetters.map(\.letters) == [3])
        #expect(try commands.retry(.all, now: 0) == 3)
        journal = try await spool.start()
        let kept = Recorder<Int>()
        journal.keep(.of("4", .toFedmsg)) { kept.add([1]) }
        await kept.wait { $0.count == 1 }
        await journal.close()
        #expect(try spool.query("SELECT count(*) FROM dead_letters") == [4])
    }
}

extension Journal {
    /// The disk refuses, though the database is well.
    fileprivate func failWriting() {
        failed(.refused(.busy))
    }
}
