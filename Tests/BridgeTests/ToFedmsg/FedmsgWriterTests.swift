import Fedmsg
import Foundation
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Bridge

@Suite("FedmsgWriter")
struct FedmsgWriterTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../FedmsgTests/Fixtures/pki").standardized.path

    /// A writer, and what it has sent.
    private static func writer(_ signer: MessageSigner?) -> (FedmsgWriter, AsyncStream<OutgoingFedmsg>) {
        let (sent, send) = AsyncStream.makeStream(of: OutgoingFedmsg.self)
        let writer = FedmsgWriter(
            signer: signer,
            board: StatusBoard { 0 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            send: { for message in $0 { send.yield(message) } }
        )
        return (writer, sent)
    }

    private static func take(_ count: Int, _ sent: AsyncStream<OutgoingFedmsg>) async -> [OutgoingFedmsg] {
        var messages: [OutgoingFedmsg] = []
        for await message in sent {
            messages.append(message)
            if messages.count == count { break }
        }
        return messages
    }

    @Test("Signing that is turned on and off holds up nothing, and keeps the order", .timeLimit(.minutes(5)))
    func switches() async throws {
        let signer = try MessageSigner(folder: Self.folder, certname: "app01")
        let (writer, sent) = Self.writer(nil)
        writer.write(FedmsgDraft.numbered(0..<10, epoch: 1))
        writer.change(signer: signer)
        writer.write(FedmsgDraft.numbered(10..<20, epoch: 1))
        // Those before these are not signed yet, as nothing runs that does.
        writer.change(signer: nil)
        writer.write(FedmsgDraft.numbered(20..<30, epoch: 1))
        writer.change(signer: signer)
        let running = Task { await writer.run() }
        let messages = await Self.take(30, sent)
        #expect(messages.map(\.messageID) == (0..<30).map { "2026-\($0)" })
        let signed = messages.map { $0.payload.contains(#""signature""#) }
        #expect(signed == (0..<30).map { $0 >= 10 })
        writer.change(signer: nil)
        // Once nothing waits, it is sent by whoever brings it.
        running.cancel()
        await running.value
        writer.write(FedmsgDraft.numbered(30..<31, epoch: 1))
        let last = await Self.take(1, sent)
        #expect(last.map(\.messageID) == ["2026-30"])
        #expect(!last[0].payload.contains("signature"))
    }

    @Test("One that can't be signed holds up those behind it, not those before", .timeLimit(.minutes(5)))
    func failure() async throws {
        let (writer, sent) = Self.writer(try MessageSigner(folder: Self.folder, certname: "app01"))
        var drafts = FedmsgDraft.numbered(0..<10, epoch: 1)
        drafts[5].body = ByteBuffer(string: "{")
        writer.write(drafts)
        let running = Task { await writer.run() }
        #expect(await Self.take(5, sent).map(\.messageID) == (0..<5).map { "2026-\($0)" })
        // What is left can be written once it need not be signed, with those that come meanwhile behind it.
        writer.change(signer: nil)
        writer.write(FedmsgDraft.numbered(10..<12, epoch: 1))
        #expect(await Self.take(7, sent).map(\.messageID) == (5..<12).map { "2026-\($0)" })
        running.cancel()
        await running.value
    }

    @Test("What an ended run left is not sent, whether it waits to be signed or not", .timeLimit(.minutes(5)))
    func forgets() async throws {
        let (writer, sent) = Self.writer(try MessageSigner(folder: Self.folder, certname: "app01"))
        writer.write(FedmsgDraft.numbered(0..<10, epoch: 1))
        writer.forget(1)
        writer.write(FedmsgDraft.numbered(10..<20, epoch: 2))
        let running = Task { await writer.run() }
        #expect(await Self.take(10, sent).map(\.messageID) == (10..<20).map { "2026-\($0)" })
        running.cancel()
        await running.value
    }
}
