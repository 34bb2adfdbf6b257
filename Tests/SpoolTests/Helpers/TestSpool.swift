import Foundation
import GRDB
import NIOCore

@testable import Spool

/// A spool in a folder of its own, which goes with the value.
final class TestSpool: Sendable {
    let folder: String
    var path: String { folder + "/spool.sqlite" }
    let sink = RecordingSink()
    let observer = RecordingObserver()

    init(in parent: String = NSTemporaryDirectory()) {
        folder = parent + "/spool-tests-\(UUID().uuidString)"
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Opens the journal without starting it.
    func open(_ change: (inout JournalConfiguration) -> Void = { _ in }) async throws -> Journal {
        var configuration = JournalConfiguration(path: path)
        configuration.minFreeBytes = 0
        configuration.synchronous = .normal
        change(&configuration)
        return try await Journal.open(configuration, observer: observer)
    }

    /// Opens and starts the journal.
    func start(_ change: (inout JournalConfiguration) -> Void = { _ in }) async throws -> Journal {
        let journal = try await open(change)
        await journal.start(sink: sink)
        return journal
    }

    /// The folder as a kill at this moment would leave it, in another spool.
    func copyAsKilled() throws -> TestSpool {
        let copy = TestSpool()
        try FileManager.default.createDirectory(atPath: copy.folder, withIntermediateDirectories: true)
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy.path + suffix)
        }
        return copy
    }

    /// Runs a statement as another process would.
    func query<Value: DatabaseValueConvertible>(_ sql: String) throws -> [Value] {
        try DatabaseQueue(path: path).writeWithoutTransaction { try Value.fetchAll($0, sql: sql) }
    }

    /// Names of the files in the folder.
    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] }
}

extension ReceivedBatch {
    /// A batch of messages with these payloads.
    static func of(_ payloads: String..., at receivedAt: Int64 = 1_000_000) -> ReceivedBatch {
        ReceivedBatch(payloads.map { ["topic", $0] }, at: receivedAt)
    }
}

extension DeadLetter {
    /// A letter with a payload.
    static func of(_ payload: String, _ direction: Direction = .toAMQP, reason: String = "refused") -> DeadLetter {
        DeadLetter(
            direction: direction,
            reason: reason,
            detail: "why",
            topic: "top\0ic",
            messageID: "2024-id",
            frames: direction == .toAMQP
                ? [ByteBuffer(string: "topic"), ByteBuffer(string: payload)] : [ByteBuffer(string: payload)],
            properties: direction == .toAMQP ? ByteBuffer() : ByteBuffer(string: "properties"),
            receivedAt: 1_000_000,
            rejectedAt: 2_000_000
        )
    }
}
