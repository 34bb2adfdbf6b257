import Foundation
import Logging
import Metrics
import NIOCore
import Settings
import Spool
import Synchronization
import Testing

@testable import Bridge

@Suite struct ToAMQPPipelineTests {
    private struct Unobserved: JournalObserver {
        func journal(_ event: JournalEvent) {}
    }

    @Test func `of two alike found in the spool one passes, and a third that comes is a duplicate too`() async throws {
        let passed = try await passed([(.recovered, ["a", "b"]), (.recovered, ["a"]), (.live, ["b", "c"])])
        #expect(passed == ["a", "b", "c"])
    }

    @Test func `what passed in an earlier process and is found in the spool passes again, and once`() async throws {
        #expect(try await passed([(.recovered, ["a", "a"]), (.live, ["a"])], earlier: ["a"]) == ["a"])
    }

    @Test func `what an operator tries again passes whatever is known`() async throws {
        #expect(try await passed([(.live, ["a"]), (.retried, ["a"])]) == ["a", "a"])
    }

    /// The ids of what goes to the broker of these batches, where an earlier process let `earlier` pass.
    private func passed(
        _ batches: [(JournalledBatch.Origin, ids: [String])],
        earlier: [String] = []
    ) async throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pipeline-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try await run([(.live, earlier)], in: folder)
        return try await run(batches, in: folder)
    }

    private func run(_ batches: [(JournalledBatch.Origin, ids: [String])], in folder: String) async throws -> [String] {
        let journal = try await Journal.open(.init(path: folder + "/spool.sqlite"), observer: Unobserved())
        let (clock, logger) = (SystemClocks(), Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let (board, factory) = (StatusBoard { 0 }, NOOPMetricsHandler.instance)
        let payloads = Mutex<[String]>([])
        let pipeline = ToAMQPPipeline(
            configuration: BridgeConfiguration(),
            verifier: nil,
            journal: journal,
            metrics: DirectionMetrics(direction: .toAMQP, board: board, factory: factory),
            rejections: RejectionLog(clock: clock, logger: logger),
            rewrites: RewriteLog(clock: clock, logger: logger),
            board: board,
            clock: clock,
            publish: { batch in
                payloads.withLock { $0 += batch.messages.map { String(buffer: $0.1.received.payload) } }
            },
            isFedmsgOpen: { true },
            retryToFedmsg: { _ in }
        )
        for (row, (origin, ids)) in batches.enumerated() {
            var batch = ReceivedBatch(receivedAt: 1_000_000)
            for id in ids { batch.append(frames: [ByteBuffer(string: "topic"), ByteBuffer(string: payload(id))]) }
            pipeline.deliver([JournalledBatch(first: .init(row: Int64(row), index: 0), batch: batch, origin: origin)])
        }
        await journal.close()
        let known = Dictionary(uniqueKeysWithValues: Set(batches.flatMap(\.ids)).map { (payload($0), $0) })
        return payloads.withLock { $0 }.compactMap { known[$0] }
    }

    private func payload(_ id: String) -> String { #"{"msg": {}, "msg_id": "2019-\#(id)"}"# }
}
