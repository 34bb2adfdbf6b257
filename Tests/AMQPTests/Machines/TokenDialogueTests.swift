import NIOCore
import Testing

@testable import AMQP

@Suite("ConnectionMachine: tokens")
struct TokenDialogueTests {
    /// Open since second 0, with a token of 100 s and no heartbeats.
    private var dialogue = {
        var dialogue = Dialogue.opened(heartbeat: 0) { $0.heartbeat = .zero }
        dialogue.machine.tokenRenewal = TokenRenewal(lifetime: .seconds(100), askedAt: .zero)
        return dialogue
    }()

    private func token(lifetime: Duration? = .seconds(100)) -> AMQPToken {
        AMQPToken(AMQPSecret("next"), lifetime: lifetime)
    }

    @Test("asks for the next one, once, when four fifths of its lifetime are over, and sends it")
    mutating func renewal() throws {
        #expect(dialogue.machine.nextTick == .seconds(80))
        #expect(dialogue.wait(.seconds(79)) == [])
        #expect(dialogue.wait(.seconds(1)) == ["token due"])
        #expect(dialogue.wait(.seconds(10)) == [])
        #expect(dialogue.sent() == [])
        try dialogue.machine.updateSecret(token(), askedAt: .seconds(80))
        #expect(dialogue.sent() == ["0: connection.update-secret"])
        #expect(dialogue.broker(Method.Connection.UpdateSecretOk()) == [])
        #expect(dialogue.machine.nextTick == .seconds(160))
    }

    @Test("sends the token itself, and the reason")
    mutating func content() throws {
        try dialogue.machine.updateSecret(token(), askedAt: .zero)
        var bytes = ByteBuffer()
        for buffer in dialogue.machine.output.take() { bytes.writeImmutableBuffer(buffer) }
        var decoder = FrameDecoder(frameMax: .max)
        decoder.append(bytes)
        guard case .method(0, .connectionUpdateSecret(let update)) = try decoder.next() else {
            Issue.record("no update-secret")
            return
        }
        #expect(update.newSecret == "next")
        #expect(!update.reason.isEmpty)
    }

    @Test("asks again while the provider fails, the sooner the closer the end is, and goes on after it")
    mutating func failures() {
        _ = dialogue.wait(.seconds(80))
        dialogue.machine.tokenRenewal?.failed(at: .seconds(80))
        #expect(dialogue.machine.nextTick == .seconds(85))
        #expect(dialogue.wait(.seconds(5)) == ["token due"])
        dialogue.machine.tokenRenewal?.failed(at: .seconds(98))
        #expect(dialogue.machine.nextTick == .seconds(99))
        dialogue.machine.tokenRenewal?.failed(at: .seconds(101))
        #expect(dialogue.machine.nextTick == .seconds(131))
    }

    @Test("asks no more after a token that does not expire, and not every moment for one that has no lifetime")
    mutating func lifetimes() throws {
        _ = dialogue.wait(.seconds(80))
        try dialogue.machine.updateSecret(token(lifetime: .zero), askedAt: .seconds(80))
        #expect(dialogue.machine.nextTick == .seconds(81))
        try dialogue.machine.updateSecret(token(lifetime: nil), askedAt: .seconds(81))
        #expect(dialogue.machine.nextTick == nil)
    }

    @Test("asks for none before the connection is open, nor after")
    mutating func states() {
        var early = Dialogue()
        early.machine.tokenRenewal = TokenRenewal(lifetime: .seconds(10), askedAt: .zero)
        #expect(early.wait(.seconds(9)) == [])
        #expect(early.machine.nextTick == .seconds(15))
        dialogue.machine.close(now: .zero)
        #expect(dialogue.wait(.seconds(4)) == [])
        #expect(dialogue.machine.nextTick == .seconds(5))
        let error = dialogue.failure { try $0.machine.updateSecret(AMQPToken(AMQPSecret("x")), askedAt: .zero) }
        #expect(error?.code == .connectionClosed)
    }

    @Test("an update-secret-ok that nobody waits for ends the connection")
    mutating func unasked() {
        #expect(dialogue.broker(Method.Connection.UpdateSecretOk()) == ["closed: protocolViolation"])
    }

    @Test("a token that no frame can hold is an error here, and the connection goes on")
    mutating func tooLong() {
        let long = AMQPToken(AMQPSecret(String(repeating: "x", count: 200_000)))
        let error = dialogue.failure { try $0.machine.updateSecret(long, askedAt: .zero) }
        #expect(error?.code == .tokenUnavailable)
        #expect(dialogue.sent() == [])
        #expect(dialogue.machine.isOpen)
    }
}
