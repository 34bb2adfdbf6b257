import Fedmsg
import Logging
import NIOCore
import Synchronization

/// Writes envelopes round bodies, signed where that is configured, and hands them on in order.
///
/// Unsigned ones are written by whoever brings them; signing takes a millisecond each, so it goes to all
/// processors, and what arrives meanwhile makes the next batch larger.
final class FedmsgWriter: Sendable {
    /// Drafts that were signed one after the other, up to one that could not be.
    private struct Share {
        var messages: [OutgoingFedmsg]
        var failure: SigningError?
    }

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
    private let inbox = Inbox<FedmsgDraft>()
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
    func write(_ drafts: [FedmsgDraft]) {
        let isImmediate = state.withLock { state in
            // Those before them may still be about to be signed, though now nothing is.
            guard state.signer != nil || state.waiting > 0 else { return true }
            state.waiting += drafts.count
            return false
        }
        guard !isImmediate else { return send(FedmsgBatch.messages(of: drafts[...])) }
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
    private func sign(_ drafts: [FedmsgDraft]) async {
        var rest = drafts[...]
        var hasFailed = false
        while !rest.isEmpty {
            let signer = state.withLock { $0.signer }
            let shares = await concurrentMap(rest.indices, least: 1) { [rest] range in
                Self.share(rest[range], signer)
            }
            let failed = shares.firstIndex { $0.failure != nil }
            let messages = shares[...(failed ?? shares.count - 1)].flatMap(\.messages)
            // Handed over within the lock, so that whoever forgets them finds them there if not here.
            state.withLock { state in
                send(messages.filter { $0.entry.origin.epoch.map { !state.forgotten.contains($0) } ?? true })
                state.waiting -= messages.count
            }
            rest = rest.dropFirst(messages.count)
            guard let error = failed.flatMap({ shares[$0].failure }) else { continue }
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

    private static func share(_ drafts: ArraySlice<FedmsgDraft>, _ signer: MessageSigner?) -> Share {
        guard let signer else { return Share(messages: FedmsgBatch.messages(of: drafts)) }
        var workspace = SignatureWorkspace()
        var signed = drafts
        for index in drafts.indices {
            do throws(SigningError) {
                let draft = drafts[index]
                signed[index].envelope.credentials = try signer.sign(
                    draft.envelope,
                    body: draft.body.readableBytesSpan,
                    using: &workspace
                )
            } catch {
                return Share(messages: FedmsgBatch.messages(of: signed[..<index]), failure: error)
            }
        }
        return Share(messages: FedmsgBatch.messages(of: signed))
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
