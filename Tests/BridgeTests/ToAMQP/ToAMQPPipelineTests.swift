import Fedmsg
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

    private struct FixedClock: Clocks {
        let now: Int64
        let uptime: UInt64 = 0
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

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            // The clock was ahead, past the end of the list.
            ("crl-expired.pem", "app01", 0, -2),
            // It is behind now, before the signer's certificate begins.
            ("crl.pem", "future", 1, 0),
        ] as [(String, String, Int64, Int64)]
    )
    func `what came later than now counts where it does by either clock`(
        revocationList: String,
        signer: String,
        receivedOn: Int64,
        today: Int64
    ) async throws {
        let pki = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../FedmsgTests/Fixtures/pki").standardized.path
        // 2026-01-10, which the files were made for.
        let (epoch, day): (Int64, Int64) = (1_768_003_200, 86_400)
        let clock = FixedClock(now: (epoch + today * day) * 1_000_000)
        let verifier = try SignatureVerifier(
            .init(authority: "\(pki)/ca.crt", revocationList: "\(pki)/\(revocationList)")
        )
        let folder = FileManager.default.temporaryDirectory.appending(path: "pipeline-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let journal = try await Journal.open(.init(path: folder + "/spool.sqlite"), observer: Unobserved())
        let (published, publish) = AsyncStream.makeStream(of: Int.self)
        let pipeline = pipeline(journal, verifier, clock) { publish.yield(Array($0.messages).count) }
        var batch = ReceivedBatch(receivedAt: (epoch + receivedOn * day) * 1_000_000)
        let payload = try signed(topic: "topic", by: MessageSigner(folder: pki, certname: signer))
        batch.append(frames: [ByteBuffer(string: "topic"), ByteBuffer(bytes: payload)])

        let running = Task { await pipeline.run() }
        pipeline.deliver([JournalledBatch(first: .init(row: 1, index: 0), batch: batch, origin: .recovered)])
        var counts = published.makeAsyncIterator()
        #expect(await counts.next() == 1)
        running.cancel()
        await running.value
        await journal.close()
    }

    private func signed(topic: String, by signer: MessageSigner) throws -> [UInt8] {
        var workspace = SignatureWorkspace()
        let body = "{}".utf8Span.span.bytes
        var envelope = OutgoingEnvelope(i: 1, messageID: "2026-1", timestamp: nil, topic: topic, username: "apache")
        envelope.credentials = try signer.sign(envelope, body: body, using: &workspace)
        var bytes: [UInt8] = []
        envelope.write(body: body, to: &bytes)
        return bytes
    }

    private func pipeline(
        _ journal: Journal,
        _ verifier: SignatureVerifier?,
        _ clock: any Clocks,
        publish: @escaping @Sendable (TranslatedBatch) -> Void
    ) -> ToAMQPPipeline {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (board, factory) = (StatusBoard { 0 }, NOOPMetricsHandler.instance)
        return ToAMQPPipeline(
            configuration: BridgeConfiguration(),
            verifier: verifier,
            journal: journal,
            metrics: DirectionMetrics(direction: .toAMQP, board: board, factory: factory),
            rejections: RejectionLog(clock: clock, logger: logger),
            rewrites: RewriteLog(clock: clock, logger: logger),
            board: board,
            clock: clock,
            publish: publish,
            isFedmsgOpen: { true },
            retryToFedmsg: { _ in }
        )
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
        let payloads = Mutex<[String]>([])
        let pipeline = pipeline(journal, nil, SystemClocks()) { batch in
            payloads.withLock { $0 += batch.messages.map { String(buffer: $0.1.received.payload) } }
        }
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
