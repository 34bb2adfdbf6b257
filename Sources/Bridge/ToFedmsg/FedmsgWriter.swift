import Fedmsg
import Foundation
import Logging
import NIOCore
import Spool
import Synchronization

/// Writes envelopes round bodies, signed where that is configured, and hands them on in order.
///
/// Unsigned ones are written by whoever brings them; signing takes a millisecond each, so it goes to all
/// processors, and what arrives meanwhile makes the next batch larger.
final class FedmsgWriter: Sendable {
    /// What an envelope is made of.
    struct Draft: Sendable {
        var envelope: OutgoingEnvelope
        var body: ByteBuffer
        var origin: OutgoingFedmsg.Origin
        /// When it was received, in microseconds since 1970.
        var receivedAt: Int64
        var identity: MessageDigest
    }

    private static let source = "signing"

    private let signer: MessageSigner?
    private let board: StatusBoard
    private let logger: Logger
    private let send: @Sendable ([OutgoingFedmsg]) -> Void
    private let inbox = Inbox<Draft>()
    /// Runs of a consumer that ended while drafts of theirs may be here.
    private let forgotten = Mutex<Set<UInt64>>([])
    private let wakeUps: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - signer: `nil` where messages are not signed.
    ///   - send: gets the envelopes in order.
    init(
        signer: MessageSigner?,
        board: StatusBoard,
        logger: Logger,
        send: @escaping @Sendable ([OutgoingFedmsg]) -> Void
    ) {
        self.signer = signer
        self.board = board
        self.logger = logger
        self.send = send
        (wakeUps, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes drafts over, in order.
    func write(_ drafts: [Draft]) {
        guard signer != nil else { return send(drafts.map { $0.written() }) }
        if inbox.put(drafts) { wake.yield() }
    }

    /// Sends nothing more of what one run of a consumer brought, since it went back to the broker.
    func forget(_ epoch: UInt64) {
        guard signer != nil else { return }
        forgotten.withLock { _ = $0.insert(epoch) }
    }

    /// Signs until cancelled.
    func run() async {
        guard let signer else { return }
        for await _ in wakeUps {
            // Nothing more of these comes, so after this turn they need not be known.
            let ended = forgotten.withLock { $0 }
            await sign(inbox.take(), with: signer)
            forgotten.withLock { $0.subtract(ended) }
        }
    }

    /// Signs and sends all of them, in order. One that can't be signed holds up those behind it: it is the key's fault,
    /// and none of them is acknowledged meanwhile.
    private func sign(_ drafts: [Draft], with signer: MessageSigner) async {
        let width = ProcessInfo.processInfo.activeProcessorCount
        var rest = drafts[...]
        var hasFailed = false
        while !rest.isEmpty {
            let results = await concurrentMap(Array(rest), width: width, least: 1) { drafts in
                var workspace = SignatureWorkspace()
                return drafts.map { $0.signed(by: signer, using: &workspace) }
            }
            let signed = results.prefix { if case .success = $0 { true } else { false } }
            let messages = signed.compactMap { try? $0.get() }
            // Handed over within the lock, so that whoever forgets them finds them there if not here.
            forgotten.withLock { forgotten in
                send(messages.filter { message in message.origin.epoch.map { !forgotten.contains($0) } ?? true })
            }
            rest = rest.dropFirst(signed.count)
            guard case .failure(let error) = results.dropFirst(signed.count).first else { continue }
            if !hasFailed { note(error) }
            hasFailed = true
            do {
                try await Task.sleep(for: .seconds(1))
            } catch {
                // Stopping: what is not signed goes back to the broker.
                return
            }
        }
        board.clearReasons(source: Self.source)
    }

    private func note(_ error: SigningError) {
        board.raise(
            .tls,
            source: Self.source,
            "no fedmsg can be signed: \(error); messages wait at the broker until the key in ssldir is replaced"
        )
        logger.error("signing failed; it is tried again", metadata: [LogKey.error: "\(error)"])
    }
}

extension FedmsgWriter.Draft {
    fileprivate func written() -> OutgoingFedmsg {
        let body = body.readableBytesSpan
        var payload = ByteBuffer()
        payload.writeWithOutputRawSpan(
            minimumWritableBytes: envelope.byteCount(bodyByteCount: body.byteCount)
        ) { output in
            envelope.write(body: body, into: &output)
        }
        return OutgoingFedmsg(
            topic: envelope.topic,
            messageID: envelope.messageID,
            payload: payload,
            origin: origin,
            receivedAt: receivedAt,
            identity: identity
        )
    }

    fileprivate func signed(
        by signer: MessageSigner,
        using workspace: inout SignatureWorkspace
    ) -> Result<OutgoingFedmsg, SigningError> {
        do throws(SigningError) {
            var draft = self
            draft.envelope.credentials = try signer.sign(envelope, body: body.readableBytesSpan, using: &workspace)
            return .success(draft.written())
        } catch {
            return .failure(error)
        }
    }
}
