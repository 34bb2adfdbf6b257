import Foundation
import GRDB
import NIOCore
import Testing

@testable import Spool

@Suite(.timeLimit(.minutes(5))) struct JournalOpeningTests {
    let spool = TestSpool()

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? Int) ?? -1
    }

    private func code(_ body: () async throws -> Void) async -> SpoolError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? SpoolError)?.code
        }
    }

    @Test func `the folder is the daemon's alone, and every file`() async throws {
        let journal = try await spool.start()
        journal.append(.of("a"))
        await spool.sink.wait(for: 1)

        #expect(try mode(spool.folder) == 0o700)
        #expect(Set(spool.names) == ["spool.sqlite", "spool.sqlite-wal", "spool.sqlite-shm", "spool.sqlite.lock"])
        for name in spool.names { #expect(try mode(spool.folder + "/" + name) == 0o600, "\(name)") }
        await journal.close()
    }

    @Test(arguments: [":memory:", "file:spool-\(UUID())?mode=memory"])
    func `a path that SQLite would take for something else is a file`(path: String) async throws {
        defer {
            for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        }
        let journal = try await Journal.open(.init(path: path), observer: spool.observer)
        journal.append(.of("a"))
        await journal.close()
        #expect(SpoolFiles(path: path).sizes().database > 0)
        #expect(try Spool(path: path).status().messages == 1)
        let again = try await Journal.open(.init(path: path), observer: spool.observer)
        #expect(again.status.messages == 1)
        await again.close()
    }

    @Test func `what root makes beside a spool is its owner's, so that the daemon can open it after a drain`()
        async throws
    {
        func owner(_ name: String) -> uid_t? {
            var values = stat()
            return stat(spool.folder + name, &values) == 0 ? values.st_uid : nil
        }
        // To others than root this is refused, and all is theirs.
        let other: uid_t = 65_534
        let expected = geteuid() == 0 ? other : geteuid()
        try FileManager.default.createDirectory(atPath: spool.folder, withIntermediateDirectories: true)
        chown(spool.folder, other, other)
        var journal = try await spool.open()
        await journal.close()
        for name in ["/spool.sqlite", "/spool.sqlite.lock"] { #expect(owner(name) == expected, "\(name)") }

        // Copied from another machine, without the lock.
        chown(spool.folder, geteuid(), getegid())
        try FileManager.default.removeItem(atPath: spool.path + ".lock")
        journal = try await spool.open()
        await journal.close()
        #expect(owner("/spool.sqlite.lock") == expected)
    }

    @Test func `when somebody last listened is known after a kill, and a drain in between changes nothing of that`()
        async throws
    {
        // What opens a spool without listening leaves no time, also where it makes the lock.
        for _ in 1...2 {
            let journal = try await spool.start()
            #expect(journal.lastListenedBefore == nil)
            await journal.close()
        }
        let begin = Journal.now()
        let listening = try await spool.start()
        listening.setListening(true)
        try await listening.eventLoop.submit {}.get()
        let noted = try #require(try spool.lockTime())
        #expect(noted >= begin)
        await listening.close()

        for _ in 1...2 {
            let drain = try await spool.start()
            #expect(drain.lastListenedBefore == noted)
            await drain.close()
        }
    }

    @Test(arguments: [false, true])
    func `a copy of the lock, with the time of copying, says the same of that`(hasListened: Bool) async throws {
        let journal = try await spool.start()
        if hasListened { journal.setListening(true) }
        try await journal.eventLoop.submit {}.get()
        let noted = hasListened ? try spool.lockTime() : nil
        await journal.close()
        utimensat(AT_FDCWD, spool.path + ".lock", nil, 0)

        let next = try await spool.start()
        #expect(next.lastListenedBefore == noted)
        await next.close()
    }

    @Test func `a lock without that, as an older version leaves it, says it by its time of modification`() async throws
    {
        let lock = spool.path + ".lock"
        try FileManager.default.createDirectory(atPath: spool.folder, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: lock))
        let time = timespec(tv_sec: 1_000_000, tv_nsec: 5_000)
        utimensat(AT_FDCWD, lock, [time, time], 0)

        let journal = try await spool.start()
        #expect(journal.lastListenedBefore == 1_000_000_000_005)
        await journal.close()
    }

    @Test func `it is noted once a minute while somebody listens, and at the end of that`() async throws {
        let journal = try await spool.start()
        journal.setListening(true)
        try await journal.eventLoop.submit {}.get()
        #expect(try await journal.notes(after: .seconds(59), in: spool) == false)
        #expect(try await journal.notes(after: .seconds(60), in: spool))

        try spool.resetLockTime()
        journal.setListening(false)
        try await journal.eventLoop.submit {}.get()
        #expect(try spool.lockTime() ?? 0 > 0)
        #expect(try await journal.notes(after: .seconds(60), in: spool) == false)
        await journal.close()
    }

    @Test func `a second daemon is refused until the first is gone`() async throws {
        let journal = try await spool.open()
        #expect(await code { _ = try await spool.open() } == .locked)
        await journal.close()

        let next = try await spool.open()
        await next.close()
    }

    @Test func `a spool of a newer version is refused and left alone`() async throws {
        let journal = try await spool.open()
        await journal.close()
        let _: [Int] = try spool.query("PRAGMA user_version = 2")

        #expect(await code { _ = try await spool.open() } == .newerFormat)
        #expect(await code { _ = try Spool(path: spool.path) } == .newerFormat)
        #expect(try spool.query("PRAGMA user_version") == [2])
        #expect(spool.names.allSatisfy { !$0.contains("corrupt") })
    }

    @Test func `another program's database is refused and left alone`() async throws {
        try FileManager.default.createDirectory(atPath: spool.folder, withIntermediateDirectories: true)
        let _: [Int] = try spool.query("CREATE TABLE theirs (a)")

        #expect(await code { _ = try await spool.open() } == .notASpool)
        #expect(await code { _ = try Spool(path: spool.path) } == .notASpool)
        #expect(try spool.query("SELECT count(*) FROM theirs") == [0])
    }

    @Test func `a folder that can't be made is an error that names it`() async throws {
        try Data().write(to: URL(fileURLWithPath: spool.folder))
        defer { try? FileManager.default.removeItem(atPath: spool.folder) }
        #expect(await code { _ = try await spool.open() } == .cannotOpen)
    }

    @Test(arguments: [0, 100])
    func `a corrupt spool is set aside whole, and a new one begun`(offset: Int) async throws {
        let journal = try await spool.start()
        journal.append(.of("a", "b"))
        await spool.sink.wait(for: 2)
        await journal.close()
        try spool.damage(at: offset, count: 3_000)
        let damaged = try Data(contentsOf: URL(fileURLWithPath: spool.path))

        let again = try await spool.start()
        let events = spool.observer.events.elements
        let aside = try #require(
            events.compactMap { if case .setAside(let path, _, _) = $0 { path } else { nil } }.first
        )
        #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == damaged)
        again.append(.of("c"))
        #expect(await spool.sink.wait(for: 3).last?.text == "c")
        await again.close()
    }
}

extension TestSpool {
    /// When somebody last listened, as the lock has it, in microseconds since 1970.
    fileprivate func lockTime() throws -> Int64? {
        Int64(try String(contentsOfFile: path + ".lock", encoding: .utf8).filter { $0 != "\n" })
    }

    fileprivate func resetLockTime() throws {
        try "0\n".write(toFile: path + ".lock", atomically: false, encoding: .utf8)
    }
}

extension Journal {
    /// Whether a look so long after the last note makes another one.
    fileprivate func notes(after duration: Duration, in spool: TestSpool) throws -> Bool {
        try spool.resetLockTime()
        notedAt = .now - duration
        noteListening()
        return try spool.lockTime() != 0
    }
}
