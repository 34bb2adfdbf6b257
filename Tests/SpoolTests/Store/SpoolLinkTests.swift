import Foundation
import Testing

@testable import Spool

/// A spool whose file is a symbolic link, to one in another folder.
@Suite(.timeLimit(.minutes(5))) struct SpoolLinkTests {
    let spool = TestSpool()
    private var real: String { spool.folder + "/disk/spool.sqlite" }

    init() throws {
        try FileManager.default.createDirectory(atPath: spool.folder + "/disk", withIntermediateDirectories: true)
        // It leads nowhere yet.
        try link(to: "disk/spool.sqlite")
    }

    private func link(to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: spool.path, withDestinationPath: target)
    }

    @Test func `all files are where the link leads, and the log counts`() async throws {
        let journal = try await spool.start()
        journal.append(.of("a"))
        await spool.sink.wait(for: 1)

        #expect(Set(spool.names) == ["disk", "spool.sqlite"])
        let names = try FileManager.default.contentsOfDirectory(atPath: spool.folder + "/disk")
        #expect(Set(names) == ["spool.sqlite", "spool.sqlite-wal", "spool.sqlite-shm", "spool.sqlite.lock"])
        #expect(SpoolFiles(path: spool.path).sizes().log > 0)
        await journal.close()
    }

    @Test func `a daemon by the file's own name is refused`() async throws {
        let journal = try await spool.open()
        await #expect {
            let second = try await Journal.open(.init(path: real), observer: spool.observer)
            await second.close()
        } throws: {
            ($0 as? SpoolError)?.code == .locked
        }
        #expect(try Spool(path: real).status().isHeld)
        await journal.close()
    }

    @Test func `a corrupt one is set aside where it is, and the link leads to the new one`() async throws {
        let journal = try await spool.start()
        journal.append(.of("a"))
        await spool.sink.wait(for: 1)
        await journal.close()
        try spool.damage(at: 0, count: 3_000)

        let again = try await spool.start()
        let aside = spool.observer.events.elements.compactMap {
            if case .setAside(let path, _, _) = $0 { path } else { nil }
        }
        #expect(aside.count == 1 && aside.allSatisfy { $0.hasPrefix(real + ".corrupt-") }, "\(aside)")
        #expect(Set(spool.names) == ["disk", "spool.sqlite"])
        #expect(try Spool(path: real).status().isHeld)
        await again.close()
    }

    @Test func `a lock that is a link is refused, and what it leads to stays as it is`() async throws {
        let other = spool.folder + "/other"
        try Data().write(to: URL(filePath: other))
        chmod(other, 0o644)
        try FileManager.default.createSymbolicLink(atPath: real + ".lock", withDestinationPath: other)
        await #expect {
            await (try await spool.open()).close()
        } throws: {
            "\($0)".contains("must be a file")
        }
        var values = stat()
        #expect(stat(other, &values) == 0 && values.st_mode & 0o777 == 0o644)
    }

    @Test(.enabled(if: geteuid() == 0, "who is not root leads root nowhere"))
    func `root follows no link of another user`() async throws {
        lchown(spool.path, 65_534, 65_534)
        await #expect {
            await (try await spool.open()).close()
        } throws: {
            "\($0)".contains("not root's")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: spool.folder + "/disk") == [])
    }

    @Test(arguments: [true, false])
    func `a link that leads elsewhere by now is told as a file that is gone, and so is one that was moved`(
        isLinkNew: Bool
    ) async throws {
        let journal = try await spool.start()
        if isLinkNew {
            try FileManager.default.removeItem(atPath: spool.path)
            try link(to: "disk/other.sqlite")
        } else {
            #expect(rename(real, real + ".moved") == 0)
        }
        await spool.observer.events.wait { $0.contains { if case .fileGone = $0 { true } else { false } } }
        await journal.close()
    }
}
