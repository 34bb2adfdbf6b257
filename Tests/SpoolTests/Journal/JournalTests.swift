import Testing

@testable import Spool

@Suite(.timeLimit(.minutes(5))) struct JournalTests {
    let spool = TestSpool()

    @Test func `messages are handed over in order, those behind the first after they are on disk`() async throws {
        let journal = try await spool.start()
        journal.append(.of("a", "b"))
        journal.append(.of("c"))

        let deliveries = await spool.sink.wait(for: 3)
        #expect(deliveries.map(\.text) == ["a", "b", "c"])
        #expect(deliveries.allSatisfy { $0.origin == .live })
        #expect(try spool.query("SELECT sum(count) FROM journal") == [3])
        await journal.close()
    }

    @Test func `what is unsettled comes first after a kill, in order, then what is new`() async throws {
        let journal = try await spool.start()
        journal.append(.of("a", "b", "c"))
        let first = await spool.sink.wait(for: 3)
        journal.append(.of("d"))
        await spool.sink.wait(for: 4)
        journal.settle(through: first[0].position)
        // Rides with the settlement.
        journal.append(.of("e"))
        await spool.sink.wait(for: 5)

        let killed = try spool.copyAsKilled()
        await journal.close()
        let again = try await killed.open()
        #expect(again.status.messages == 4)
        #expect(again.lastReceivedBefore == 1_000_000)
        again.append(.of("f"))
        await again.start(sink: killed.sink)

        let deliveries = await killed.sink.wait(for: 5)
        #expect(deliveries.map(\.text) == ["b", "c", "d", "e", "f"])
        #expect(deliveries.map(\.origin) == [.recovered, .recovered, .recovered, .recovered, .live])
        #expect(deliveries[0].position == JournalPosition(row: 1, index: 1))
        await again.close()
    }

    @Test func `settled messages leave the disk without another batch to ride with`() async throws {
        let journal = try await spool.start()
        journal.append(.of("a", "b"))
        let deliveries = await spool.sink.wait(for: 2)
        journal.settle(through: deliveries[1].position)

        await spool.observer.events.wait { $0.filter(\.isCommit).count == 2 }
        #expect(try spool.query("SELECT count(*) FROM journal") == [0])
        #expect(journal.status.messages == 0)
        await journal.close()
    }

    @Test func `a close writes what was settled`() async throws {
        let journal = try await spool.start()
        journal.append(.of("a", "b"))
        let deliveries = await spool.sink.wait(for: 2)
        journal.settle(through: deliveries[0].position)
        await journal.close()

        #expect(!journal.append(.of("late")))
        let again = try await spool.start()
        #expect(await spool.sink.wait(for: 3).map(\.text) == ["a", "b", "b"])
        await again.close()
    }

    @Test(arguments: [0, 200, 8_388_608])
    func `beyond the window messages wait, and settlements bring them in pages, from memory or from the disk`(
        recentBytes: Int
    ) async throws {
        let journal = try await spool.start {
            $0.windowMessages = 10
            $0.recentBytes = recentBytes
        }
        for number in 0..<100 { journal.append(.of("\(number)")) }
        await spool.observer.events.wait { $0.received == 100 }
        #expect(journal.status.messages == 100)
        #expect(spool.sink.deliveries.elements.count == 10)

        var settled = 0
        while settled < 100, !Task.isCancelled {
            let deliveries = await spool.sink.wait(for: settled + 1)
            #expect(deliveries.count - settled <= 10)
            settled = deliveries.count
            journal.settle(through: deliveries[settled - 1].position)
        }
        #expect(spool.sink.deliveries.elements.map(\.text) == (0..<100).map { "\($0)" })
        await journal.close()
    }

    @Test func `messages past max_memory are dropped and told, but not those that reach beyond it`() async throws {
        let journal = try await spool.open { $0.maxMemory = 2_000 }
        let large = String(repeating: "x", count: 1_000)

        #expect([0, 1, 2].map { _ in journal.append(.of(large)) } == [true, true, false])
        #expect(spool.observer.events.elements.dropped == 1)
        #expect(journal.status.unjournalledMessages == 2)
        await journal.start(sink: spool.sink)
        await spool.observer.events.wait { $0.received >= 2 }
        #expect(journal.append(.of(large)))
        await journal.close()
    }

    @Test func `the file system gets back what a backlog took`() async throws {
        let journal = try await spool.start {
            $0.maxBytes = 8_000_000
            $0.windowMessages = 1_000
        }
        let payload = String(repeating: "x", count: 50_000)
        for _ in 0..<100 { journal.append(.of(payload)) }
        let deliveries = await spool.sink.wait(for: 100)
        #expect(journal.status.fileBytes > 4_000_000)

        journal.settle(through: deliveries[99].position)
        journal.append(.of("the file is smaller after the next commit that leaves nothing"))
        let last = await spool.sink.wait(for: 101)
        journal.settle(through: last[100].position)
        await spool.observer.events.wait { $0.filter(\.isCommit).count >= 3 }
        await journal.close()
        #expect(SpoolFiles(path: spool.path).sizes().database < 1_000_000)
    }

    @Test func `it gets that back also where dead letters stay`() async throws {
        let journal = try await spool.start {
            $0.maxBytes = 1_000_000
            $0.windowMessages = 1_000
        }
        let kept = Recorder<Int>()
        journal.keep(.of(String(repeating: "y", count: 60_000))) { kept.add([1]) }
        await kept.wait { $0.count == 1 }
        let payload = String(repeating: "x", count: 15_000)
        for _ in 0..<25 { journal.append(.of(payload)) }
        let deliveries = await spool.sink.wait(for: 25)
        #expect(SpoolFiles(path: spool.path).sizes().database > 400_000)

        journal.settle(through: deliveries[24].position)
        journal.append(.of("as above"))
        let last = await spool.sink.wait(for: 26)
        journal.settle(through: last[25].position)
        await journal.close()
        #expect(SpoolFiles(path: spool.path).sizes().database < 300_000)
        #expect(try Spool(path: spool.path).show(1) != nil)
    }

    @Test func `dead letters that are tried again count as received, but not as the last message`() async throws {
        let journal = try await spool.start()
        let kept = Recorder<Int>()
        journal.keep(.of("a")) { kept.add([1]) }
        await kept.wait { $0.count == 1 }
        #expect(try Spool(path: spool.path).retry(.all, now: 0) == 1)
        await spool.sink.wait(for: 1)
        #expect(journal.status.lastReceivedAt == nil)
        journal.append(.of("b", at: 5_000_000))
        await spool.observer.events.wait { $0.received == 2 }
        journal.keep(.of("c")) { kept.add([1]) }
        await kept.wait { $0.count == 2 }
        #expect(try Spool(path: spool.path).retry(.all, now: 0) == 1)
        await spool.observer.events.wait { $0.received == 3 }

        let killed = try spool.copyAsKilled()
        await journal.close()
        #expect(journal.status.lastReceivedAt == 5_000_000)
        #expect(spool.observer.events.elements.newest == [nil, 5_000_000, 5_000_000])
        #expect(try Spool(path: killed.path).status().lastReceivedAt == 5_000_000)
        let again = try await killed.start()
        #expect(again.lastReceivedBefore == 5_000_000)
        #expect(killed.observer.events.elements.newest == [5_000_000])
        await again.close()
    }

    @Test func `the last message is the last that came, however far ahead the clock was before`() async throws {
        let journal = try await spool.start()
        journal.append(.of("a", at: Journal.now() + 3_600_000_000))
        let first = await spool.sink.wait(for: 1)
        journal.settle(through: first[0].position)
        await spool.observer.events.wait { $0.filter(\.isCommit).count == 2 }
        let killedAhead = try spool.copyAsKilled()
        journal.append(.of("b", at: 5_000_000))
        await spool.sink.wait(for: 2)
        #expect(journal.status.lastReceivedAt == 5_000_000)
        await spool.observer.events.wait { $0.filter(\.isCommit).count == 3 }
        let killed = try spool.copyAsKilled()
        await journal.close()

        let ahead = try await killedAhead.open()
        #expect(try #require(ahead.status.lastReceivedAt) <= Journal.now())
        #expect(try #require(ahead.lastReceivedBefore) > Journal.now())
        await ahead.close()
        let again = try await killed.open()
        #expect(again.lastReceivedBefore == 5_000_000)
        await again.close()
    }

    @Test func `ids that passed are known after a kill, and forgotten with time`() async throws {
        let now = Journal.now()
        let (old, young) = (MessageDigest(high: 1, low: 1), MessageDigest(high: 2, low: 2))
        let journal = try await spool.start()
        journal.append(.of("a"))
        let deliveries = await spool.sink.wait(for: 1)
        journal.remember([DuplicateWindow.Entry(digest: old, receivedAt: now - 700_000_000)])
        journal.append(.of("b"))
        await spool.sink.wait(for: 2)
        journal.remember([DuplicateWindow.Entry(digest: young, receivedAt: now)])
        journal.settle(through: deliveries[0].position)
        journal.append(.of("c"))
        await spool.sink.wait(for: 3)

        let killed = try spool.copyAsKilled()
        await journal.close()
        let again = try await killed.open()
        #expect(again.duplicates.count == 1)
        #expect(again.duplicates.contains(young, at: now + 1))
        #expect(try killed.query("SELECT count(*) FROM duplicates") == [1])
        await again.close()
    }
}

extension JournalEvent {
    var isCommit: Bool { if case .committed = self { true } else { false } }
}

extension [JournalEvent] {
    var received: Int {
        reduce(0) { if case .received(let messages, _) = $1 { $0 + messages } else { $0 } }
    }
    /// When the newest message came, as each told.
    var newest: [Int64?] {
        compactMap { if case .received(_, let newestAt) = $0 { .some(newestAt) } else { nil } }
    }
    var dropped: Int {
        reduce(0) { if case .dropped(let messages) = $1 { $0 + messages } else { $0 } }
    }
    var refusals: [SpoolRefusal] {
        compactMap { if case .refusing(let refusal) = $0 { refusal } else { nil } }
    }
    var isAccepting: Bool { contains { if case .accepting = $0 { true } else { false } } }
}
