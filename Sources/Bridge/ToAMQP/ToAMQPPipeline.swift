import AMQP
import Fedmsg
import Logging
import NIOCore
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
        case forward(EncodedMessage, identity: MessageDigest?)
        case drop(DropReason)
        case wait(TrustFault)
        case rejected(Rejection)
    }

    /// What one thread made of messages one behind the other.
    private struct Share: Sendable {
        var range: Range<Int>
        var judgements: [Judgement]
        /// Heads of those that go on.
        var heads: ByteBuffer
    }

    private enum Novelty {
        case new
        /// One with its id and topic, and another body, passed before.
        case rewritten
        /// It passed in an earlier process, or one like it did.
        case known
        case duplicate
    }

    private struct Windows {
        /// What passed, in earlier processes too.
        var passed: DuplicateWindow
        /// What passed of what was found in the spool: that may be in `passed` from before, by itself.
        var recovered: DuplicateWindow
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
    private let windows: Mutex<Windows>
    private let board: StatusBoard
    private let clock: any Clocks
    private let publish: @Sendable (TranslatedBatch) -> Void
    private let isFedmsgOpen: @Sendable () -> Bool
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
        isFedmsgOpen: @escaping @Sendable () -> Bool,
        retryToFedmsg: @escaping @Sendable ([DeadLetter]) -> Void
    ) {
        let translator = ToAMQPTranslator(configuration: configuration, verifier: verifier)
        state = Mutex(State(translator: translator, isChecking: verifier != nil))
        self.journal = journal
        self.metrics = metrics
        self.rejections = rejections
        self.rewrites = rewrites
        let recovered = DuplicateWindow(seconds: configuration.spool.duplicateSeconds)
        windows = Mutex(Windows(passed: journal.duplicates, recovered: recovered))
        self.board = board
        self.clock = clock
        self.publish = publish
        self.isFedmsgOpen = isFedmsgOpen
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
            forward(batch, [Self.share(0..<batch.batch.count, of: batch.batch, translator, now: clock.now)], translator)
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

    var takesRetries: Bool { isFedmsgOpen() }

    func retry(_ letters: [DeadLetter]) {
        retryToFedmsg(letters)
    }

    /// Checks signatures until cancelled.
    func run() async {
        for await batches in queue {
            for batch in batches {
                // What comes behind it would settle it too.
                guard await check(batch) else { return }
                state.withLock { $0.waiting -= 1 }
            }
        }
    }

    /// Judges a batch on all processors, and waits with it while nothing can be judged.
    ///
    /// - Returns: False where it was cancelled meanwhile: the batch stays in the journal.
    private func check(_ batch: JournalledBatch) async -> Bool {
        while true {
            let (translator, now) = (state.withLock { $0.translator }, clock.now)
            let shares = await concurrentMap(0..<batch.batch.count, least: Self.leastShare) { range in
                Self.share(range, of: batch.batch, translator, now: now)
            }
            guard let fault = shares.lazy.flatMap(\.judgements).compactMap(\.fault).first else {
                for reason in [ReadinessReason.caExpired, .crlExpired] { board.clear(reason, source: "signatures") }
                forward(batch, shares, translator)
                return true
            }
            board.raise(
                ReadinessReason(fault),
                source: "signatures",
                "\(fault.detail); replace the file: messages wait in the spool until then"
            )
            do {
                try await Task.sleep(for: .seconds(1))
            } catch {
                return false
            }
        }
    }

    private static func share(
        _ range: Range<Int>,
        of batch: ReceivedBatch,
        _ translator: ToAMQPTranslator,
        now: Int64
    ) -> Share {
        var workspace = SignatureWorkspace()
        var encoder = FedmsgEncoder(reservingCapacity: range.count)
        let judgements = range.map { judge(batch[$0], batch.receivedAt, now, translator, &workspace, &encoder) }
        return Share(range: range, judgements: judgements, heads: encoder.heads)
    }

    private static func judge(
        _ message: ReceivedMessage,
        _ receivedAt: Int64,
        _ now: Int64,
        _ translator: ToAMQPTranslator,
        _ workspace: inout SignatureWorkspace,
        _ encoder: inout FedmsgEncoder
    ) -> Judgement {
        do throws(Rejection) {
            switch try translator.translate(message, receivedAt: receivedAt, now: now, using: &workspace) {
            case .forward(let made):
                let message = try encoder.encode(made.message, as: translator.template)
                return .forward(message, identity: made.identity)
            case .drop(let reason): return .drop(reason)
            case .wait(let fault): return .wait(fault)
            }
        } catch {
            return .rejected(error)
        }
    }

    private func forward(_ batch: JournalledBatch, _ shares: [Share], _ translator: ToAMQPTranslator) {
        var entries: [TranslatedBatch.Entry] = []
        entries.reserveCapacity(batch.batch.count)
        var passed: [DuplicateWindow.Entry] = []
        let receivedAt = batch.batch.receivedAt
        for (number, share) in shares.enumerated() {
            for (index, judgement) in zip(share.range, share.judgements) {
                switch judgement {
                case .rejected(let rejection):
                    reject(batch.batch[index], rejection, at: batch.position(at: index), receivedAt: receivedAt)
                case .drop(let reason): metrics.dropped(reason)
                case .wait: break
                case .forward(let message, let identity):
                    if let digest = identity {
                        let entry = DuplicateWindow.Entry(digest: digest, receivedAt: receivedAt)
                        switch judge(entry, batch.origin) {
                        case .duplicate:
                            metrics.dropped(.duplicate)
                            continue
                        case .rewritten:
                            noteRewrite(batch.batch[index], translator)
                            passed.append(entry)
                        case .new: passed.append(entry)
                        case .known: break
                        }
                    }
                    entries.append(TranslatedBatch.Entry(index: index, share: number, message: message))
                }
            }
        }
        journal.remember(passed)
        publish(TranslatedBatch(batch, to: translator.exchange, heads: shares.map(\.heads), entries: entries))
    }

    private func noteRewrite(_ received: ReceivedMessage, _ translator: ToAMQPTranslator) {
        guard let fedmsg = try? translator.translate(topic: received.topic, envelope: received.payload) else { return }
        rewrites.note(.toAMQP, id: fedmsg.messageID, topic: fedmsg.routingKey)
    }

    private func judge(_ entry: DuplicateWindow.Entry, _ origin: JournalledBatch.Origin) -> Novelty {
        windows.withLock { windows in
            let isKnown = windows.passed.contains(entry.digest, at: entry.receivedAt)
            switch origin {
            case .live:
                // By now all that was found has been handed over.
                if windows.recovered.count > 0 { windows.recovered = DuplicateWindow(seconds: 0) }
                if isKnown { return .duplicate }
            case .recovered:
                if windows.recovered.contains(entry.digest, at: entry.receivedAt) { return .duplicate }
                windows.recovered.insert(entry.digest, at: entry.receivedAt)
                if isKnown { return .known }
            case .retried: return .known  // An operator's wish.
            }
            defer { windows.passed.insert(entry.digest, at: entry.receivedAt) }
            return windows.passed.containsAnother(entry.digest, at: entry.receivedAt) ? .rewritten : .new
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
