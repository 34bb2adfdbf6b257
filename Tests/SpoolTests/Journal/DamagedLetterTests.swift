import NIOCore
import Testing

@testable import Spool

/// Dead letters whose bytes are no message any more.
@Suite(.timeLimit(.minutes(5))) struct DamagedLetterTests {
    let spool = TestSpool()

    /// A closed spool with letters, all but the last of each direction damaged.
    private func damaged(toAMQP: Int, toFedmsg: Int) async throws {
        let journal = try await spool.start()
        for number in 1...toAMQP { journal.keep(.of("\(number)")) {} }
        for number in 1...toFedmsg { journal.keep(.of("\(number)", .toFedmsg)) {} }
        await journal.close()
        try spool.damage(
            """
            UPDATE dead_letters SET frames = CAST(x'05' || substr(frames, 2) AS BLOB)
            WHERE id NOT IN (SELECT max(id) FROM dead_letters GROUP BY direction)
            """
        )
    }

    private var told: [Int64] {
        spool.observer.events.elements.compactMap { if case .damagedLetter(let id) = $0 { id } else { nil } }
    }

    @Test func `one is shown as it is`() async throws {
        try await damaged(toAMQP: 2, toFedmsg: 1)
        let letter = try #require(try Spool(path: spool.path).show(1))
        #expect(letter.isDamaged)
        #expect(letter.reason == "refused" && letter.detail == "why" && letter.messageID == "2024-id")
        let bytes: [[UInt8]] = letter.frames.map { Array($0.readableBytesView) }
        #expect(bytes.count == 1 && bytes[0].first == 5 && bytes[0].last == UInt8(ascii: "1"))
        #expect(try Spool(path: spool.path).show(2)?.isDamaged == false)
    }

    @Test func `a retry tells of each once, and sends the others however many there are`() async throws {
        let many = JournalStore.retriedAtOnce + 2
        try await damaged(toAMQP: many, toFedmsg: 2)
        let commands = try Spool(path: spool.path)
        #expect(try commands.retry(.all, now: 0) == many + 2)
        let journal = try await spool.start()
        #expect(await spool.sink.wait(for: 1).map(\.text) == ["\(many)"])
        #expect(await spool.sink.letters.wait { $0.count == 1 }.map(\.frames) == [[ByteBuffer(string: "2")]])
        await journal.close()

        let left = (1..<many).map(Int64.init) + [Int64(many + 1)]
        #expect(told == left)
        #expect(try spool.query("SELECT count(*) FROM dead_letters WHERE retry_at IS NOT NULL") == [1])
        #expect(try commands.show(1)?.detail.contains("damaged") == true)
        #expect(try commands.show(1)?.reason == "refused")
    }
}
