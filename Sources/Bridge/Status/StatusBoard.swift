public import Spool
import Synchronization

/// What the bridge says of itself: written by its parts as things happen, read by monitoring.
///
/// Reasons and warnings are kept by the part that raised them (a *source*), since two parts may have
/// the same trouble: the broker can be away for publishing and for consuming.
public final class StatusBoard: Sendable {
    /// A trouble or a warning, with since when it holds.
    public struct Note: Equatable, Sendable {
        /// The code, as the page, the metrics and `/ready` have it.
        public var code: String
        /// What it is, and the way out.
        public var text: String
        /// Seconds since 1970.
        public var since: Double
    }

    /// A trouble of one part that began or ended.
    public struct Change: Equatable, Sendable {
        /// The code, as the page, the metrics and `/ready` have it.
        public var code: String
        /// The part that has it.
        public var source: String
        /// What it is, and the way out.
        public var text: String
        /// How long it lasted, in seconds; nil where it begins.
        public var lasted: Double?
    }

    /// What one direction has done.
    public struct DirectionState: Equatable, Sendable {
        /// Whether it is enabled at all.
        public var enabled = false
        /// Whether its connection to the broker is open.
        public var connected = false
        /// Messages taken over since the start.
        public var received: Int64 = 0
        /// Messages handed on since the start.
        public var forwarded: Int64 = 0
        /// Messages left out on purpose since the start.
        public var dropped: Int64 = 0
        /// Messages that could not be bridged since the start.
        public var rejected: Int64 = 0
        /// When the last one was received, in seconds since 1970.
        public var lastMessageAt: Double?
    }

    /// Everything at one moment.
    public struct Snapshot: Equatable, Sendable {
        /// What keeps messages from moving.
        public var reasons: [Note] = []
        /// What to look at.
        public var warnings: [Note] = []
        /// From fedmsg to AMQP.
        public var toAMQP = DirectionState()
        /// From AMQP to fedmsg.
        public var toFedmsg = DirectionState()
        /// Whether the broker delivers from every configured queue.
        public var consuming = false
    }

    fileprivate struct Key: Hashable {
        var code: String
        var source: String
    }

    private struct State {
        var reasons: [Key: Note] = [:]
        var warnings: [Key: Note] = [:]
        var toAMQP = DirectionState()
        var toFedmsg = DirectionState()
        var consuming = false
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Double
    private let onChange: @Sendable (Change) -> Void

    /// An empty board.
    ///
    /// - Parameters:
    ///   - onChange: told of each trouble when it begins and ends.
    ///   - now: the time in seconds since 1970.
    public init(onChange: @escaping @Sendable (Change) -> Void = { _ in }, now: @escaping @Sendable () -> Double) {
        self.onChange = onChange
        self.now = now
    }

    /// Raises a reason, or changes its text; when it began stays.
    public func raise(_ reason: ReadinessReason, source: String, _ text: String) {
        let time = now()
        let isNew = state.withLock { $0.reasons.raise(Key(code: reason.rawValue, source: source), text, time) }
        if isNew { onChange(Change(code: reason.rawValue, source: source, text: text)) }
    }

    /// Raises a warning, or changes its text; when it began stays.
    public func raise(_ warning: ReadinessWarning, source: String, _ text: String) {
        let time = now()
        let isNew = state.withLock { $0.warnings.raise(Key(code: warning.rawValue, source: source), text, time) }
        if isNew { onChange(Change(code: warning.rawValue, source: source, text: text)) }
    }

    /// Ends a reason. Nothing happens where it was not raised.
    public func clear(_ reason: ReadinessReason, source: String) {
        let key = Key(code: reason.rawValue, source: source)
        ended(state.withLock { $0.reasons.removeValue(forKey: key) }, source)
    }

    /// Ends a warning. Nothing happens where it was not raised.
    public func clear(_ warning: ReadinessWarning, source: String) {
        let key = Key(code: warning.rawValue, source: source)
        ended(state.withLock { $0.warnings.removeValue(forKey: key) }, source)
    }

    /// Raises a reason, or changes its text, and ends all others of its source.
    public func raiseAlone(_ reason: ReadinessReason, source: String, _ text: String) {
        raise(reason, source: source, text)
        clearReasons(source: source, except: reason)
    }

    /// Ends all reasons of a source but one.
    public func clearReasons(source: String, except kept: ReadinessReason? = nil) {
        let gone = state.withLock { state in
            let gone = state.reasons.filter { $0.key.source == source && $0.key.code != kept?.rawValue }
            for key in gone.keys { state.reasons[key] = nil }
            return gone.values
        }
        for note in gone { ended(note, source) }
    }

    private func ended(_ note: Note?, _ source: String) {
        guard let note else { return }
        onChange(Change(code: note.code, source: source, text: note.text, lasted: max(0, now() - note.since)))
    }

    /// Changes what is known of a direction.
    public func update(_ direction: Direction, _ change: (inout DirectionState) -> Void) {
        state.withLock { state in
            switch direction {
            case .toAMQP: change(&state.toAMQP)
            case .toFedmsg: change(&state.toFedmsg)
            }
        }
    }

    /// Whether the broker delivers from every configured queue.
    public func setConsuming(_ consuming: Bool) {
        state.withLock { $0.consuming = consuming }
    }

    /// Everything now; one note a code, since when its first source has it, with the texts of all.
    public func snapshot() -> Snapshot {
        state.withLock { state in
            Snapshot(
                reasons: state.reasons.notes,
                warnings: state.warnings.notes,
                toAMQP: state.toAMQP,
                toFedmsg: state.toFedmsg,
                consuming: state.consuming
            )
        }
    }
}

extension [StatusBoard.Key: StatusBoard.Note] {
    /// - Returns: whether it was not raised before.
    fileprivate mutating func raise(_ key: StatusBoard.Key, _ text: String, _ time: Double) -> Bool {
        let isNew = self[key] == nil
        self[key, default: StatusBoard.Note(code: key.code, text: text, since: time)].text = text
        return isNew
    }

    fileprivate var notes: [StatusBoard.Note] {
        var notes: [StatusBoard.Note] = []
        var texts: Set<[String]> = []
        for note in sorted(by: { ($0.value.since, $0.key.source) < ($1.value.since, $1.key.source) }).map(\.value)
        where texts.insert([note.code, note.text]).inserted {
            if let index = notes.firstIndex(where: { $0.code == note.code }) {
                notes[index].text += "; \(note.text)"
            } else {
                notes.append(note)
            }
        }
        return notes.sorted { ($0.since, $0.code) < ($1.since, $1.code) }
    }
}
