import AMQP
import Fedmsg
import Logging
import Settings
import Spool
import Synchronization

/// What stands between the journal and the broker: signatures, translation, loops and duplicates, in the
/// journal's order.
///
/// Without signatures to check it works on the journal's thread, which calls it with whatever is due;
/// with them, on all processors.
final class ToAMQPPipeline: JournalSink {
    /// What the translator made of a message. Small, as a batch's wait for each other.
    fileprivate enum Judgement: Sendable {
        case forward(BrokerMessage, identity: MessageDigest?)
        case drop(DropReason)
        case wait(TrustFault)
        case rejected(Rejection)
    }

    private enum Novelty {
        case new
        /// One with its id and topic, and another body, passed before.
        case rewritten
        case duplicate
    }

    /// Messages below which a further share is not worth its hand-over: checking one takes 20 µs and more.
    private static let leastShare = 4

    private struct State {
        var translator: ToAMQPTranslator
        /// Whether it checks signatures.
        var isChecking: Bool
        /// Batches in `queue`, or being checked.
        var waiting = 0
    }

    private let state: Mutex<State>
    private let journal: Journal
    private let metrics: DirectionMetrics
    private let rejections: RejectionLog
    private let rewrites: RewriteLog
    private let duplicates: Mutex<DuplicateWindow>
    private let board: StatusBoard
    private let clock: any Clocks
    private let publish: @Sendable (TranslatedBatch) -> Void
    private let retryToFedmsg: @Sendable ([DeadLetter]) -> Void
    private let queue: AsyncStream<[JournalledBatch]>
    private let enqueue: AsyncStream<[JournalledBatch]>.Continuation

    init(
        configuration: BridgeConfiguration,
        verifier: SignatureVerifier?,
        journal: Journal,
        metrics: DirectionMetrics,
        rejections: RejectionLog,
        rewrites: RewriteLog,
        board: StatusBoard,
        clock: any Clocks,
        publish: @escaping @Sendable (TranslatedBatch) -> Void,
        retryToFedmsg: @escaping @Sendable ([DeadLetter]) -> Void
    ) {
        let translator = ToAMQPTranslator(configuration: configuration, verifier: verifier)
        state = Mutex(State(translator: translator, isChecking: verifier != nil))
        self.journal = journal
        self.metrics = metrics
        self.rejections = rejections
        self.rewrites = rewrites
        duplicates = Mutex(journal.duplicates)
        self.board = board
        self.clock = clock
        self.publish = publish
        self.retryToFedmsg = retryToFedmsg
        // The journal hands over a window's worth at most: that bounds it.
        (queue, enqueue) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    func deliver(_ batches: [JournalledBatch]) {
        let translator: ToAMQPTranslator? = state.withLock { state in
            // Those before them may still be about to be checked, though now nothing is.
            guard state.isChecking || state.waiting > 0 else { return state.translator }
            state.waiting += batches.count
            return nil
        }
        guard let translator else {
            enqueue.yield(batches)
            return
        }
        for batch in batches {
            let receivedAt = batch.batch.receivedAt
            var workspace = SignatureWorkspace()
            forward(
                batch,
                (0..<batch.batch.count).map { Self.judge(batch.batch[$0], receivedAt, translator, &workspace) }
            )
        }
    }

    /// Translates as another configuration says from now on, what waits for a CA or CRL included.
    ///
    /// - Parameter verifier: `nil` where signatures are not checked.
    func change(to configuration: BridgeConfiguration, verifier: SignatureVerifier?) {
        let translator = ToAMQPTranslator(configuration: configuration, verifier: verifier)
        state.withLock { state in
            state.translator = translator
            state.isChecking = verifier != nil
        }
    }

    func retry(_ letters: [DeadLetter]) {
        retryToFedmsg(letters)
    }

    /// Checks signatures until cancelled.
    func run() async {
        for await batches in queue {
            for batch in batches {
                await check(batch)
                state.withLock { $0.waiting -= 1 }
            }
        }
    }

    /// Judges a batch on all processors, and waits with it while nothing can be judged.
    private func check(_ batch: JournalledBatch) async {
        let receivedAt = batch.batch.receivedAt
        let messages = (0..<batch.batch.count).map { batch.batch[$0] }
        while true {
            let translator = state.withLock { $0.translator }
            let judgements = await concurrentMap(messages, least: Self.leastShare) { messages in
                var workspace = SignatureWorkspace()
                return messages.map { Self.judge($0, receivedAt, translator, &workspace) }
            }
            guard let fault = judgements.lazy.compactMap(\.fault).first else {
                for reason in [ReadinessReason.caExpired, .crlExpired] { board.clear(reason, source: "signatures") }
                return forward(batch, judgements)
            }
            board.raise(
                ReadinessReason(fault),
                source: "signatures",
                "\(fault.detail); replace the file: messages wait in the spool until then"
            )
            do {
                try await Task.sleep(for: .seconds(1))
            } catch {
                // Stopping: what waits stays in the journal.
                return
            }
        }
    }

    private static func judge(
        _ message: ReceivedMessage,
        _ receivedAt: Int64,
        _ translator: ToAMQPTranslator,
        _ workspace: inout SignatureWorkspace
    ) -> Judgement {
        do throws(Rejection) {
            switch try translator.translate(message, receivedAt: receivedAt, using: &workspace) {
            case .forward(let made):
                let message = BrokerMessage(message: made.message.message, received: message, receivedAt: receivedAt)
                return .forward(message, identity: made.identity)
            case .drop(let reason): return .drop(reason)
            case .wait(let fault): return .wait(fault)
            }
        } catch {
            return .rejected(error)
        }
    }

    private func forward(_ batch: JournalledBatch, _ judgements: [Judgement]) {
        var translated = TranslatedBatch(messages: [], through: batch.position(at: batch.batch.count - 1))
        translated.messages.reserveCapacity(judgements.count)
        var passed: [DuplicateWindow.Entry] = []
        let receivedAt = batch.batch.receivedAt
        for (index, judgement) in judgements.enumerated() {
            let position = batch.position(at: index)
            switch judgement {
            case .rejected(let rejection): reject(batch.batch[index], rejection, at: position, receivedAt: receivedAt)
            case .drop(let reason): metrics.dropped(reason)
            case .wait: break
            case .forward(let message, let identity):
                if let digest = identity, batch.origin == .live {
                    let entry = DuplicateWindow.Entry(digest: digest, receivedAt: receivedAt)
                    switch judge(entry) {
                    case .duplicate:
                        metrics.dropped(.duplicate)
                        continue
                    case .rewritten:
                        let message = message.message
                        rewrites.note(id: message.properties.messageID ?? "", topic: message.routingKey)
                    case .new: break
                    }
                    passed.append(entry)
                }
                translated.messages.append((position, message))
            }
        }
        journal.remember(passed)
        publish(translated)
    }

    /// Only of what is live: what is read again from the spool, and what an operator tries again, was judged before.
    private func judge(_ entry: DuplicateWindow.Entry) -> Novelty {
        duplicates.withLock { window in
            guard !window.contains(entry.digest, at: entry.receivedAt) else { return .duplicate }
            defer { window.insert(entry.digest, at: entry.receivedAt) }
            return window.containsAnother(entry.digest, at: entry.receivedAt) ? .rewritten : .new
        }
    }

    private func reject(
        _ received: ReceivedMessage,
        _ rejection: Rejection,
        at position: JournalPosition,
        receivedAt: Int64
    ) {
        let letter = DeadLetter(rejection, received: received, receivedAt: receivedAt, rejectedAt: clock.now)
        metrics.rejected(rejection.reason)
        rejections.note(letter, rejection)
        journal.reject(at: position, letter)
    }
}

extension ToAMQPPipeline.Judgement {
    fileprivate var fault: TrustFault? {
        guard case .wait(let fault) = self else { return nil }
        return fault
    }
}

extension ReadinessReason {
    init(_ fault: TrustFault) {
        switch fault.reason {
        case .authorityExpired: self = .caExpired
        case .revocationListExpired: self = .crlExpired
        }
    }
}
