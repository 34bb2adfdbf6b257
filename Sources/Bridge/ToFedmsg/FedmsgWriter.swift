import Fedmsg
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

    private typealias Signed = Result<OutgoingFedmsg, SigningError>

    private struct State {
        /// `nil` where messages are not signed.
        var signer: MessageSigner?
        /// Drafts that were put into the inbox and not sent yet.
        var waiting = 0
        /// Runs of a consumer that ended while drafts of theirs may be here.
        var forgotten: Set<UInt64> = []
    }

    private static let source = "signing"

    private let state: Mutex<State>
    private let board: StatusBoard
    private let logger: Logger
    private let send: @Sendable ([OutgoingFedmsg]) -> Void
    private let inbox = Inbox<Draft>()
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
        state = Mutex(State(signer: signer))
        self.board = board
        self.logger = logger
        self.send = send
        (wakeUps, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes drafts over, in order. To be called on one executor alone.
    func write(_ drafts: [Draft]) {
        let isImmediate = state.withLock { state in
            // Those before them may still be about to be signed, though now nothing is.
            guard state.signer != nil || state.waiting > 0 else { return true }
            state.waiting += drafts.count
            return false
        }
        guard !isImmediate else { return send(drafts.map { $0.written() }) }
        if inbox.put(drafts) { wake.yield() }
    }

    /// Signs with another key from now on, or with none. What waits for a key that works goes on with it.
    func change(signer: MessageSigner?) {
        state.withLock { $0.signer = signer }
    }

    /// Sends nothing more of what one run of a consumer brought, since it went back to the broker.
    func forget(_ epoch: UInt64) {
        state.withLock { state in
            guard state.waiting > 0 else { return }
            state.forgotten.insert(epoch)
        }
    }

    /// Signs until cancelled.
    func run() async {
        for await _ in wakeUps {
            // Nothing more of these comes, so after this turn they need not be known.
            let ended = state.withLock { $0.forgotten }
            await sign(inbox.take())
            state.withLock { $0.forgotten.subtract(ended) }
        }
    }

    /// Signs and sends all of them, in order. One that can't be signed holds up those behind it: it is the key's fault,
    /// and none of them is acknowledged meanwhile.
    private func sign(_ drafts: [Draft]) async {
        var rest = drafts[...]
        var hasFailed = false
        while !rest.isEmpty {
            let signer = state.withLock { $0.signer }
            let shares = await concurrentMap(rest.indices, least: 1) { [rest] range in
                let drafts = rest[range]
                guard let signer else { return drafts.map { .success($0.written()) as Signed } }
                var workspace = SignatureWorkspace()
                return drafts.map { $0.signed(by: signer, using: &workspace) }
            }
            let results = shares.flatMap(\.self)
            let signed = results.prefix { if case .success = $0 { true } else { false } }
            let messages = signed.compactMap { try? $0.get() }
            // Handed over within the lock, so that whoever forgets them finds them there if not here.
            state.withLock { state in
                send(messages.filter { message in message.origin.epoch.map { !state.forgotten.contains($0) } ?? true })
                state.waiting -= messages.count
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
