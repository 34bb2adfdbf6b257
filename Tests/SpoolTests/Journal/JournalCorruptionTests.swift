import Foundation
import NIOCore
import Testing

@testable import Spool

@Suite(.timeLimit(.minutes(5))) struct JournalCorruptionTests {
    let spool = TestSpool()

    @Test func `a row whose bytes changed becomes a dead letter, and its neighbours arrive`() async throws {
        let journal = try await spool.start { $0.windowMessages = 1 }
        for text in ["first", "to be damaged", "last"] { journal.append(.of(text)) }
        await spool.observer.events.wait { $0.received == 3 }
        await journal.close()
        let _: [Int] = try spool.query(
            "UPDATE journal SET batch = CAST(replace(batch, 'damaged', 'DAMAGED') AS BLOB) WHERE row = 2"
        )

        let again = try await spool.start()
        #expect(await spool.sink.wait(for: 3).map(\.text) == ["first", "first", "last"])
        let corrupt = spool.observer.events.elements.compactMap {
            if case .corruptRow(let row, let messages) = $0 { [Int(row), messages] } else { nil }
        }
        #expect(corrupt == [[2, 1]])
        let letter = try #require(try Spool(path: spool.path).show(1))
        #expect(letter.reason == "bad_frames")
        #expect(letter.frames.map { String(buffer: $0).contains("to be DAMAGED") } == [true])
        #expect(again.status.messages == 2)
        await again.close()
    }

    @Test func `a database that turns out corrupt is set aside while what is new goes on`() async throws {
        let payload = String(repeating: "x", count: 20_000)
        let journal = try await spool.start { $0.windowMessages = 1 }
        for _ in 0..<200 { journal.append(.of(payload)) }
        await spool.observer.events.wait { $0.received == 200 }
        await journal.close()
        // All of it but the pages that the start reads.
        try spool.damage(at: 150 * SpoolBudget.pageSize, count: 100 * SpoolBudget.pageSize)

        let again = try await spool.start { $0.windowMessages = 1_000 }
        let events = await spool.observer.events.wait { $0.contains(where: \.isSetAside) }
        let lost = events.reduce(0) { if case .setAside(_, let messages, _) = $1 { $0 + messages } else { $0 } }
        let named = events.reduce(0) { if case .corruptRow(_, let messages) = $1 { $0 + messages } else { $0 } }
        let before = spool.sink.deliveries.elements.count - 1
        #expect(before + lost + named == 200)
        #expect(again.status.refusal == nil)

        again.append(.of("new"))
        await spool.sink.deliveries.wait { $0.last?.text == "new" }
        // With what is in flight, which is on no disk else.
        #expect(try spool.query("SELECT count(*) FROM journal") == [before + 1])
        #expect(spool.names.contains { $0.contains(".corrupt-") })
        await again.close()
    }

    @Test func `where a new database is made late, what came meanwhile is written behind what is in memory too`()
        async throws
    {
        let journal = try await spool.start { $0.windowMessages = 1 }
        for text in ["a", "b", "c"] { journal.append(.of(text)) }
        await spool.observer.events.wait { $0.received == 3 }
        await journal.failReplacing()
        journal.append(.of("d"))
        await spool.observer.events.wait { $0.received == 4 }
        await journal.tryAgain()
        #expect(journal.status.refusal == nil)
        for number in 1...4 {
            let deliveries = await spool.sink.wait(for: number)
            journal.settle(through: deliveries[number - 1].position)
        }
        #expect(spool.sink.deliveries.elements.map(\.text) == ["a", "b", "c", "d"])
        await journal.close()
        #expect(journal.status.messages == 0 && journal.status.refusal == nil)
    }

    /// A file system of its own, of 4 MB; needs the right to mount one.
    @Test func `a corrupt spool is set aside once, however often there is no room for a new one`() async throws {
        let fileSystem = try TemporaryFileSystem(bytes: 4_000_000)
        defer { fileSystem.unmount() }
        let spool = TestSpool(in: fileSystem.path)
        let journal = try await spool.start {
            $0.windowMessages = 1
            $0.recentBytes = 0
        }
        for text in ["a", "b", "c"] { journal.append(.of(text)) }
        await spool.observer.events.wait { $0.received == 3 }
        try fileSystem.fill()
        await journal.failReplacing()
        for _ in 1...3 { await journal.tryAgain() }
        let aside = try #require(spool.asideNames.first)
        let refusals = spool.observer.events.elements.refusals.map(\.description)
        #expect(refusals.count == 1)
        #expect(refusals.allSatisfy { $0.contains(aside) }, "\(refusals)")

        try fileSystem.empty()
        await journal.tryAgain()
        let named = spool.setAside
        #expect(named.map(\.path) == [spool.folder + "/" + aside])
        #expect(named.map(\.messages) == [2])
        #expect(named.map(\.cause) == ["test"])
        #expect(spool.asideNames == [aside])
        #expect(journal.status.refusal == nil)
        #expect(try spool.query("SELECT count(*) FROM journal") == [1])
        await journal.close()
    }

    @Test func `what was begun in place of a corrupt spool that is gone is not set aside`() async throws {
        let journal = try await spool.start {
            $0.windowMessages = 1
            $0.recentBytes = 0
        }
        for text in ["a", "b", "c"] { journal.append(.of(text)) }
        await spool.observer.events.wait { $0.received == 3 }
        for name in spool.names where name.hasPrefix("spool.sqlite") {
            try FileManager.default.removeItem(atPath: spool.folder + "/" + name)
        }
        // Where the new one's log is to be.
        let log = spool.path + "-wal"
        try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: false)
        await journal.failReplacing()
        for _ in 1...3 { await journal.tryAgain() }
        #expect(journal.status.refusal != nil)
        #expect(spool.asideNames.isEmpty)

        try FileManager.default.removeItem(atPath: log)
        await journal.tryAgain()
        #expect(spool.setAside.map(\.path) == [nil])
        #expect(spool.asideNames.isEmpty)
        #expect(journal.status.refusal == nil)
        await journal.close()
    }

    @Test func `where its file is gone a reload works on with the open one, which is told, and no message is lost`()
        async throws
    {
        let journal = try await spool.start {
            $0.windowMessages = 1
            $0.recentBytes = 0
        }
        for text in ["a", "b", "c"] { journal.append(.of(text)) }
        await spool.observer.events.wait { $0.received == 3 }
        try FileManager.default.removeItem(atPath: spool.folder)
        var limits = journal.configuration
        limits.maxBytes /= 2
        journal.changeLimits(to: limits)
        journal.append(.of("d"))
        await spool.settle(4, of: journal)
        #expect(spool.sink.deliveries.elements.map(\.text) == ["a", "b", "c", "d"])
        await spool.observer.events.wait { $0.contains { if case .fileGone = $0 { true } else { false } } }
        #expect(spool.setAside.isEmpty)
        #expect(spool.names == [])
        await journal.close()
    }

    @Test func `where its file is gone after an error, the open one goes on too`() async throws {
        let journal = try await spool.start {
            $0.windowMessages = 1
            $0.recentBytes = 2 * ReceivedBatch.of("a").memory
        }
        for text in ["a", "b", "c", "d", "e"] { journal.append(.of(text)) }
        await spool.observer.events.wait { $0.received == 5 }
        try FileManager.default.removeItem(atPath: spool.folder)
        await journal.failReading()
        await journal.tryAgain()

        #expect(journal.status.messages == 5 && journal.status.refusal == nil)
        await spool.settle(5, of: journal)
        #expect(spool.sink.deliveries.elements.map(\.text) == ["a", "b", "c", "d", "e"])
        #expect(spool.setAside.isEmpty)
        await journal.close()
    }

    @Test func `where another file is put in its place the open one goes on, after an error too, which is told`()
        async throws
    {
        let journal = try await spool.start {
            $0.windowMessages = 1
            $0.recentBytes = 0
        }
        for text in ["a", "b", "c"] { journal.append(.of(text)) }
        await spool.observer.events.wait { $0.received == 3 }
        let copy = spool.folder + "/copy"
        let _: [Int] = try spool.query("VACUUM INTO '\(copy)'")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: copy))
        #expect(rename(copy, spool.path) == 0)
        await journal.failReading()
        await journal.tryAgain()
        journal.append(.of("d"))
        await spool.observer.events.wait { $0.contains { if case .fileGone = $0 { true } else { false } } }

        await spool.settle(4, of: journal)
        #expect(spool.sink.deliveries.elements.map(\.text) == ["a", "b", "c", "d"])
        #expect(spool.setAside.isEmpty)
        await journal.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: spool.path)) == bytes)
    }

    @Test func `a corrupt spool that is back before a new one is made is set aside, and not taken for that`()
        async throws
    {
        let journal = try await spool.start {
            $0.windowMessages = 1
            $0.recentBytes = 2 * ReceivedBatch.of("a").memory
        }
        for text in ["a", "b", "c", "d", "e"] { journal.append(.of(text)) }
        await spool.observer.events.wait { $0.received == 5 }
        let elsewhere = spool.folder + "-elsewhere"
        defer { try? FileManager.default.removeItem(atPath: elsewhere) }
        try FileManager.default.moveItem(atPath: spool.folder, toPath: elsewhere)
        // No folder can be made there.
        try Data().write(to: URL(fileURLWithPath: spool.folder))
        await journal.failReplacing()
        await journal.tryAgain()
        #expect(journal.status.refusal != nil)
        try FileManager.default.removeItem(atPath: spool.folder)
        try FileManager.default.moveItem(atPath: elsewhere, toPath: spool.folder)
        await journal.tryAgain()

        #expect(spool.setAside.map(\.path) == spool.asideNames.map { spool.folder + "/" + $0 })
        #expect(spool.setAside.map(\.messages) == [2])
        #expect(try spool.query("SELECT count(*) FROM journal") == [3])
        await journal.close()
    }

    @Test(arguments: [true, false])
    func `what comes of letters of a spool that was set aside changes no letter of the new one`(
        isAnsweredBefore: Bool
    ) async throws {
        let journal = try await spool.start()
        let keptBefore = Recorder<Int>()
        for text in ["old 1", "old 2"] { journal.keep(.of(text, .toFedmsg)) { keptBefore.add([1]) } }
        await keptBefore.wait { $0.count == 2 }
        #expect(try Spool(path: spool.path).retry(.all, now: 0) == 2)
        await spool.sink.letters.wait { $0.count == 2 }

        await journal.failReplacing()
        if !isAnsweredBefore { await journal.tryAgain() }
        let kept = Recorder<Int>()
        for text in ["new 1", "new 2"] { journal.keep(.of(text, .toFedmsg)) { kept.add([1]) } }
        if !isAnsweredBefore { await kept.wait { $0.count == 2 } }
        journal.settleRetry(of: 1)
        journal.rejectRetry(of: 2, .of("old 2", .toFedmsg, reason: "bad_json"))
        if isAnsweredBefore { await journal.tryAgain() }
        await kept.wait { $0.count == 2 }
        await journal.close()

        let commands = try Spool(path: spool.path)
        let letters = try (1...4).map { try commands.show(Int64($0)) }
        #expect(letters.map { $0.map { String(buffer: $0.frames[0]) } } == ["new 1", "new 2", "old 2", nil])
        #expect(letters.map { $0?.reason } == ["refused", "refused", "bad_json", nil])
        #expect(journal.status.deadLetters[.toFedmsg] == 3)
        #expect(journal.status.unwrittenDeadLetters == 0)
    }

    @Test func `letters of a new spool are tried again once those of the last one are answered, whose ids they have`()
        async throws
    {
        let journal = try await spool.start()
        let kept = Recorder<Int>()
        journal.keep(.of("old", .toFedmsg)) { kept.add([1]) }
        await kept.wait { $0.count == 1 }
        #expect(try Spool(path: spool.path).retry(.all, now: 0) == 1)
        await spool.sink.letters.wait { $0.count == 1 }
        await journal.failReplacing()
        await journal.tryAgain()
        journal.keep(.of("new", .toFedmsg)) { kept.add([1]) }
        await kept.wait { $0.count == 2 }

        let commands = try Spool(path: spool.path)
        #expect(try commands.retry(.all, now: 0) == 1)
        await journal.lookForRetries()
        #expect(spool.sink.letters.elements.count == 1)
        journal.settleRetry(of: 1)
        await spool.sink.letters.wait { $0.count == 2 }
        #expect(try commands.show(1) != nil)
        journal.settleRetry(of: 1)
        await journal.close()
        #expect(try commands.show(1) == nil)
    }
}

extension TestSpool {
    /// Databases that were set aside.
    fileprivate var asideNames: [String] {
        names.filter { $0.contains(".corrupt-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
    }

    /// What was told of them.
    fileprivate var setAside: [(path: String?, messages: Int, cause: String)] {
        observer.events.elements.compactMap {
            if case .setAside(let path, let messages, let cause) = $0 { (path, messages, cause) } else { nil }
        }
    }

    /// Settles so many messages one after the other, as they come; ends where more or fewer have come than that.
    fileprivate func settle(_ count: Int, of journal: Journal) async {
        for number in 1...count {
            let deliveries = await sink.wait(for: number)
            guard deliveries.count == number else { break }
            journal.settle(through: deliveries[number - 1].position)
        }
    }
}

extension Journal {
    /// The database is corrupt, and a new one could not be made.
    fileprivate func failReplacing() {
        repair = .replace(cause: "test")
        machine.refuse(.failed("test"))
    }

    /// A disk error, after which the database is opened anew.
    fileprivate func failReading() {
        failed(.refused(.failed("test")))
    }

    fileprivate func lookForRetries() {
        takeRetries()
    }

    func tryAgain() {
        machine.probe()
        isFlushDue = true
        turn()
    }
}

extension JournalEvent {
    fileprivate var isSetAside: Bool { if case .setAside = self { true } else { false } }
}
