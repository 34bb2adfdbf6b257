import Fedmsg
import Foundation
import Logging
import NIOCore

/// Writes envelopes round bodies, signed where that is configured, and hands them on in order.
///
/// Unsigned ones are written by whoever brings them; signing takes a millisecond each, so it goes to all
/// processors, and what arrives meanwhile makes the next batch larger.
final class FedmsgWriter: Sendable {
    /// What an envelope is made of.
    struct Draft: Sendable {
        var envelope: OutgoingEnvelope
        var body: ByteBuffer
        /// All of the message but its payload.
        var message: OutgoingFedmsg
    }

    private let signer: MessageSigner?
    private let send: @Sendable ([OutgoingFedmsg]) -> Void
    private let logger: Logger
    private let inbox = Inbox<Draft>()
    private let wakeUps: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - signer: `nil` where messages are not signed.
    ///   - send: gets the envelopes in order.
    init(signer: MessageSigner?, logger: Logger, send: @escaping @Sendable ([OutgoingFedmsg]) -> Void) {
        self.signer = signer
        self.logger = logger
        self.send = send
        (wakeUps, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes drafts over, in order.
    func write(_ drafts: [Draft]) {
        guard signer != nil else { return send(drafts.map { $0.written() }) }
        if inbox.put(drafts) { wake.yield() }
    }

    /// Signs until cancelled.
    func run() async {
        guard let signer else { return }
        let width = ProcessInfo.processInfo.activeProcessorCount
        for await _ in wakeUps {
            let drafts = inbox.take()
            let messages = await concurrentMap(drafts, width: width, least: 1) { [logger] drafts in
                var workspace = SignatureWorkspace()
                return drafts.compactMap { $0.signed(by: signer, using: &workspace, logger) }
            }
            send(messages)
        }
    }
}

extension FedmsgWriter.Draft {
    fileprivate func written(_ credentials: OutgoingEnvelope.Credentials = .none) -> OutgoingFedmsg {
        var envelope = envelope
        envelope.credentials = credentials
        var message = message
        let body = body.readableBytesSpan
        message.payload.writeWithOutputRawSpan(
            minimumWritableBytes: envelope.byteCount(bodyByteCount: body.byteCount)
        ) { output in
            envelope.write(body: body, into: &output)
        }
        return message
    }

    fileprivate func signed(
        by signer: MessageSigner,
        using workspace: inout SignatureWorkspace,
        _ logger: Logger
    ) -> OutgoingFedmsg? {
        do throws(SigningError) {
            return written(try signer.sign(envelope, body: body.readableBytesSpan, using: &workspace))
        } catch {
            // The delivery stays unacknowledged, and comes again after the next reconnect.
            logger.error("signing failed", metadata: [LogKey.error: "\(error)", LogKey.topic: "\(message.topic)"])
            return nil
        }
    }
}
