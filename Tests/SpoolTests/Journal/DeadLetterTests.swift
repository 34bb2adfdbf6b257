import NIOCore
import Testing

@testable import Spool

/// The status is shown at the end of the turn in which others are told of what it is about: here after the close.
@Suite(.timeLimit(.minutes(5))) struct DeadLetterTests {
    let spool = TestSpool()

    private func kept(_ letters: [DeadLetter], by journal: Journal) async {
        let kept = Recorder<Int>()
        for letter in letters { journal.keep(letter) { kept.add([1]) } }
        await kept.wait { $0.count == letters.count }
    }

    @Test func `a rejected message is a dead letter once all before it are settled, and not before`() async throws {
        let journal = try await spool.start()
        journal.append(.of("a", "b", "c"))
        let deliveries = await spool.sink.wait(for: 3)
        journal.reject(at: deliveries[1].position, .of("b"))
        journal.append(.of("d"))
        await spool.observer.events.wait { $0.received == 4 }
        #expect(journal.status.unwrittenDeadLetters == 1)
        #expect(try spool.query("SELECT count(*) FROM dead_letters") == [0])

        journal.settle(through: deliveries[0].position)
        await spool.observer.events.wait { $0.filter(\.isCommit).count == 3 }
        #expect(try spool.query("SELECT message FROM mark") == [2])
        #expect(try Spool(path: spool.path).show(1)?.frames == DeadLetter.of("b").frames)
        await journal.close()
        #expect(journal.status.deadLetters[.toAMQP] == 1)
        #expect(journal.status.messages == 2)
    }

    @Test func `a letter comes back with all that was kept`() async throws {
        let journal = try await spool.start()
        await kept([.of("body", .toFedmsg)], by: journal)

        var letter = DeadLetter.of("body", .toFedmsg)
        letter.id = 1
        #expect(try Spool(path: spool.path).show(1) == letter)
        await journal.close()
    }

    @Test func `the newest letters are kept, and those that fall out are told`() async throws {
        let journal = try await spool.start { $0.deadLetterMax = 2 }
        await kept([.of("1"), .of("2", reason: "unsigned"), .of("3"), .of("4", .toFedmsg)], by: journal)

        var ids: [Int64] = []
        try Spool(path: spool.path).list(.all) { ids.append($0.id) }
        #expect(ids == [3, 4])
        #expect(spool.observer.events.elements.evicted == ["to_amqp refused": 1, "to_amqp unsigned": 1])
        await journal.close()
        #expect(journal.status.deadLetters == SpoolStatus.PerDirection(toAMQP: 1, toFedmsg: 1))
    }

    @Test(arguments: [true, false])
    func `a flood pushes out none of other reasons`(ofBytes: Bool) async throws {
        let journal = try await spool.start {
            if ofBytes { $0.maxBytes = 4_000_000 } else { $0.deadLetterMax = 6 }
        }
        let text = ofBytes ? String(repeating: "x", count: 60_000) : "x"
        await kept([.of("1", .toFedmsg), .of("2", reason: "policy")], by: journal)
        let garbage = ["unsigned", "bad_json"]
        await kept((0..<20).map { .of(text, reason: garbage[$0 % 2]) }, by: journal)

        var ids: [Int64] = []
        try Spool(path: spool.path).list(.all) { ids.append($0.id) }
        #expect(ids.prefix(2) == [1, 2])
        #expect(ids.last == 22)
        #expect(Set(spool.observer.events.elements.evicted.keys) == ["to_amqp unsigned", "to_amqp bad_json"])
        await journal.close()
    }

    @Test func `a large letter pushes out older ones, and not itself`() async throws {
        let journal = try await spool.start { $0.maxBytes = 4_000_000 }
        let small = ["refused", "policy", "unsigned"].map {
            DeadLetter.of(String(repeating: "x", count: 100_000), reason: $0)
        }
        await kept(small + [.of(String(repeating: "y", count: 250_000), reason: "bad_json")], by: journal)

        var ids: [Int64] = []
        try Spool(path: spool.path).list(.all) { ids.append($0.id) }
        #expect(ids == [3, 4])
        await journal.close()
    }

    @Test func `a large letter makes room for smaller ones that come after it`() async throws {
        let journal = try await spool.start { $0.maxBytes = 4_000_000 }
        await kept([.of(String(repeating: "y", count: 350_000), reason: "bad_json")], by: journal)
        await kept((0..<20).map { _ in .of(String(repeating: "x", count: 8_000), reason: "policy") }, by: journal)

        var ids: [Int64] = []
        try Spool(path: spool.path).list(.all) { ids.append($0.id) }
        #expect(ids == Array(2...21))
        await journal.close()
    }

    @Test func `where all of a kind wait to be tried again, others fall out, and they do once they are back`() throws {
        let store = try store(keeping: [.of("1"), .of("2"), .of("3"), .of("4", reason: "policy")], of: 4)
        let _: [Int] = try spool.query("UPDATE dead_letters SET retry_at = 1 WHERE id < 4")
        #expect(try store.keep([.of("5", reason: "policy")]).map(\.key.reason) == ["policy"])
        var transaction = JournalTransaction()
        transaction.letters = [.answered(id: 2, .of("2"))]
        #expect(try store.write(transaction, newestAt: nil, now: 0).isEmpty)
        #expect(try store.keep([.of("6", reason: "policy")]).map(\.key.reason) == ["refused"])
        #expect(try spool.query("SELECT id FROM dead_letters ORDER BY id") == [1, 3, 5, 6])
        store.close()
    }

    @Test func `letters take at most a tenth of max_bytes, and one larger than that pushes none out`() async throws {
        let journal = try await spool.start { $0.maxBytes = 4_000_000 }
        let small = DeadLetter.of(String(repeating: "x", count: 150_000))
        await kept([small, small, small, .of(String(repeating: "y", count: 500_000), reason: "policy")], by: journal)

        var ids: [Int64] = []
        try Spool(path: spool.path).list(.all) { ids.append($0.id) }
        #expect(ids == [2, 3])
        #expect(spool.observer.events.elements.evicted == ["to_amqp refused": 1, "to_amqp policy": 1])
        await journal.close()
    }

    /// The store by itself: nobody looks every second whether something changed.
    private func store(keeping letters: [DeadLetter], of limit: Int = 100) throws -> JournalStore {
        var configuration = JournalConfiguration(path: spool.path)
        (configuration.minFreeBytes, configuration.synchronous) = (0, .normal)
        configuration.deadLetterMax = limit
        let store = try JournalStore(configuration, clock: Journal.now) { _, _ in }
        _ = try store.keep(letters)
        return store
    }

    @Test func `letters whose counting fails as they are taken up stay letters`() throws {
        let store = try store(keeping: [.of("1"), .of("2"), .of("3")])
        let _: [Int] = try spool.query("UPDATE dead_letters SET retry_at = 1 WHERE id = 1")
        let _: [Int] = try spool.query("ALTER TABLE dead_letters RENAME COLUMN size TO nothing_known")

        #expect(throws: StoreFailure.self) { try store.retryToAMQP(store.lettersToRetry(.toAMQP), row: 1, now: 0) }
        #expect(try spool.query("SELECT count(*) FROM journal") == [0])
        #expect(try spool.query("SELECT id FROM dead_letters ORDER BY id") == [1, 2, 3])
        #expect(store.messagesEver == 0)
        store.close()
    }

    @Test func `the room that dropped letters leave is there at once`() throws {
        let store = try store(keeping: [.of("1"), .of("2"), .of("3"), .of("4")], of: 4)
        #expect(try store.wasChangedByOthers())
        #expect(try Spool(path: spool.path).drop(DeadLetterFilter(ids: [3, 4])) == 2)

        #expect(try store.keep([.of("5")]).isEmpty)
        #expect(try spool.query("SELECT id FROM dead_letters ORDER BY id") == [1, 2, 5])
        #expect(store.census.letters.total == 3)
        #expect(try store.wasChangedByOthers(), "what else changed is still to be looked at")
        store.close()
    }
}

extension JournalStore {
    fileprivate func keep(_ letters: [DeadLetter]) throws -> [DeadLetterCensus.Kind: Int] {
        var transaction = JournalTransaction()
        transaction.letters = letters.map { .kept($0, ticket: nil) }
        return try write(transaction, newestAt: nil, now: 0)
    }
}

extension [JournalEvent] {
    var evicted: [String: Int] {
        reduce(into: [:]) {
            if case .evicted(let direction, let reason, let letters) = $1 {
                $0["\(direction.rawValue) \(reason)", default: 0] += letters
            }
        }
    }
}
