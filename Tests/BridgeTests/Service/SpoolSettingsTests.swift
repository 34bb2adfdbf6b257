import Foundation
import NIOCore
import Settings
import Spool
import Testing

@testable import Bridge

@Suite(.timeLimit(.minutes(5))) struct SpoolSettingsTests {
    private struct Observer: JournalObserver {
        let happened: @Sendable (JournalEvent) -> Void

        func journal(_ event: JournalEvent) { happened(event) }
    }

    private struct Sink: JournalSink {
        let delivered: @Sendable ([JournalledBatch]) -> Void

        var takesRetries: Bool { false }
        func deliver(_ batches: [JournalledBatch]) { delivered(batches) }
        func retry(_ letters: [DeadLetter]) {}
    }

    @Test(arguments: [1, 100_000, 3_000_000, 64_000_000])
    func `the least spool and memory hold the most that one turn of the receive loop takes`(largest: Int) async throws {
        let folder = NSTemporaryDirectory() + "/spool-settings-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var configuration = BridgeConfiguration()
        configuration.toAMQP.maxMessageBytes = largest
        configuration.spool.path = folder + "/spool.sqlite"
        configuration.spool.maxBytes = configuration.toAMQP.leastSpoolBytes
        configuration.spool.maxMemory = 1_048_576
        configuration.spool.minFreeBytes = 0
        let (answers, answer) = AsyncStream.makeStream(of: Bool.self)
        let (batches, deliver) = AsyncStream.makeStream(of: JournalledBatch.self)
        let journal = try await Journal.open(
            JournalConfiguration(configuration.spool),
            observer: Observer { event in
                switch event {
                case .committed: answer.yield(true)
                case .refusing: answer.yield(false)
                default: break
                }
            }
        )
        await journal.start(sink: Sink { for batch in $0 { deliver.yield(batch) } })
        var (answered, delivered) = (answers.makeAsyncIterator(), batches.makeAsyncIterator())
        // The file stays as large as the first of them made it.
        for _ in 1...3 {
            let turn = Self.turn(endingIn: largest)
            #expect(journal.append(turn))
            #expect(await answered.next() == true)
            let position = try #require(await delivered.next()).first
            journal.settle(through: JournalPosition(row: position.row, index: turn.count - 1))
            #expect(await answered.next() == true)
        }
        await journal.close()
    }

    @Test(arguments: [(0, 0), (0.25, 1), (1, 1), (600.5, 601)])
    func `part of a second of the duplicate window counts as one`(window: Double, seconds: Int) {
        var spool = BridgeConfiguration.Spool()
        spool.duplicateWindow = .seconds(window)
        #expect(JournalConfiguration(spool).duplicateWindow == seconds)
    }

    /// A thousand messages of nearly `turnBytes`, and one that is as large as it may be.
    private static func turn(endingIn largest: Int) -> ReceivedBatch {
        var turn = ReceivedBatch()
        let topic = ByteBuffer(repeating: 0x61, count: 255)
        let usual = ByteBuffer(repeating: 0x20, count: BridgeConfiguration.ToAMQP.turnBytes / 999 - 255)
        for _ in 0..<999 { turn.append(frames: [topic, usual]) }
        turn.append(frames: [topic, ByteBuffer(repeating: 0x20, count: largest)])
        return turn
    }
}
