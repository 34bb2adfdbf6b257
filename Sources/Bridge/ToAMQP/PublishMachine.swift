import DequeModule
import Spool

/// Decides what goes to the broker next, and what the broker's answers mean for each message.
///
/// A plain value without a clock: the AMQP side asks it for what to send, and tells it what came of
/// that. As long as all is confirmed it pipelines. After a nack, nothing new goes out until all that
/// is in flight has been answered; then what was nacked goes one at a time, with back-off, until the
/// broker confirms again. After a channel that was closed by one of many publishes, the messages go
/// out one at a time until the culprit shows itself. A refusal that is no message's fault only waits. One whose text does
/// not say passes over the message, and over those behind it that end alike, until one is taken: only who ends so again
/// and again, with others taken between, is at fault, so that a broker that refuses everything for a while makes no culprits.
struct PublishMachine<Message> {
    /// What is known of a message on its way, or waiting for it. The message itself is kept apart, or each look would count it.
    struct Entry {
        var position: JournalPosition
        var state = State.waiting
        /// Nacks that count: it went out alone, and others were confirmed after it.
        var nacks = 0
        var nackedSinceConfirm = false
        /// Connections that ended while this message was the only one in flight.
        var strikes = 0
        /// Times that it was a suspect when another was taken.
        var suspicions = 0
    }

    enum State: Equatable {
        case waiting
        case sent
        case settled
    }

    /// How much may be in flight at a time.
    enum Mode: Equatable {
        case pipelining
        /// After a nack: until everything in flight is answered.
        case settling
        /// One at a time, until the broker confirms one.
        case probing
        /// One at a time, through the message with this number, which was the last in flight when the channel closed.
        case searching(through: Int)

        var isSearching: Bool {
            if case .searching = self { true } else { false }
        }
    }

    /// A message that the broker refuses whatever is tried.
    struct Refusal {
        var position: JournalPosition
        var message: Message
        var detail: String
    }

    /// What the broker's answer made of the messages.
    struct Effects {
        /// Confirmed by this answer.
        var confirmed: [Message] = []
        /// To be kept as dead letters, each of which settles its position.
        var refused: [Refusal] = []
        /// Through which position all is settled, where that moved.
        var settledThrough: JournalPosition?
    }

    /// Whose fault it is that the broker closed the channel.
    enum Fault: Equatable {
        /// One of the messages in flight: its topic, its size.
        case message
        /// None of them: the exchange is gone, or closed to us.
        case nobody
        /// The text does not say.
        case unclear
    }

    /// Nacks of a message that went out alone, with neighbours confirmed between them, after which it is refused. Those of
    /// messages that went out together say nothing of any: a queue that is full takes the first few.
    static var nackLimit: Int { 5 }
    /// Connections lost over one lone message in a search, after which it is a suspect.
    static var strikeLimit: Int { 2 }
    /// Suspicions of a message, each followed by others that were taken, after which it is refused.
    static var suspicionLimit: Int { 3 }

    private(set) var mode = Mode.pipelining
    private(set) var inFlight = 0
    private var entries: Deque<Entry> = []
    /// One for each of `entries`.
    private var messages: Deque<Message> = []
    /// The number of `entries.first`; numbers count up for the life of the machine.
    private var firstNumber = 0
    /// The first number that was never sent.
    private var nextNumber = 0
    /// What goes out again, before anything new, in this order.
    private var again: Deque<Int> = []
    /// What was sent on the present channel, in its order, and the place of the oldest on its way: confirms name places.
    private var sentOnChannel: Deque<Int> = []
    private(set) var sentOnChannelBase: UInt64 = 1
    /// Each was alone in flight when the channel closed with a text that says nothing, and none was taken since. The search
    /// goes on through all of them.
    private var suspects: [(number: Int, detail: String)] = []
    private var backOff = BackOff()
    /// Nacks of messages that went out alone, since a confirm or since a new one was tried.
    private var nacksInTurn = 0
    /// Those since the broker took one.
    private var nacksSinceTaken = 0
    private var oldestAtLoss: JournalPosition?
    private var lastSeen: JournalPosition?
    private var reported: JournalPosition?

    /// Messages that have not been settled.
    private(set) var unsettled = 0

    // MARK: Events

    /// Messages that arrived, in order.
    ///
    /// - Parameter through: the last position that they come from, dropped ones included.
    mutating func enqueue(
        _ arrived: some Sequence<(JournalPosition, Message)>,
        through: JournalPosition
    ) -> Effects {
        for (position, message) in arrived {
            entries.append(Entry(position: position))
            messages.append(message)
            unsettled += 1
        }
        lastSeen = through
        var effects = Effects()
        advance(&effects)
        return effects
    }

    /// The message to send now; `nil` where none may go.
    ///
    /// - Parameter now: the time on any clock that only goes forward, in nanoseconds.
    mutating func next(now: UInt64) -> Message? {
        guard backOff.isOver(now: now) else { return nil }
        switch mode {
        case .settling: return nil
        case .probing, .searching: guard inFlight == 0 else { return nil }
        case .pipelining: break
        }
        return nextCandidate().map { send($0) }
    }

    /// The message that ``next(now:)`` gave last can't be sent at all; it took no number of the channel.
    ///
    /// - Parameter later: how many it has given since that could be sent, or of which that was told.
    mutating func couldNotSend(_ detail: String, later: Int = 0) -> Effects {
        var effects = Effects()
        if sentOnChannel.count > later {
            let number = sentOnChannel.remove(at: sentOnChannel.count - 1 - later)
            refuse(number, detail: detail, &effects)
        }
        advance(&effects)
        return effects
    }

    /// Whether one after the other was nacked, over seconds, and none was taken.
    var isGettingNowhere: Bool { nacksSinceTaken > Self.nackLimit }

    /// When ``next(now:)`` may have something, if time is what it waits for.
    var waitsUntil: UInt64? { backOff.until }

    /// The broker has confirmed what went out as these numbers of the channel.
    mutating func confirmed(_ numbers: ClosedRange<UInt64>, now: UInt64) -> Effects {
        var effects = Effects()
        (nacksInTurn, nacksSinceTaken) = (0, 0)
        backOff.reset()
        for number in take(numbers) { settle(number, confirmedInto: &effects) }
        if mode == .probing { mode = .pipelining }
        countNacks(&effects)
        countSuspicions(&effects)
        advance(&effects)
        return effects
    }

    /// The broker could not take these.
    mutating func nacked(_ numbers: ClosedRange<UInt64>, now: UInt64) -> Effects {
        let wasAlone = mode == .probing || mode.isSearching
        for number in take(numbers) where isSent(number) {
            self[number].state = .waiting
            self[number].nackedSinceConfirm = wasAlone
            inFlight -= 1
            again.append(number)
        }
        switch mode {
        case .pipelining: mode = .settling
        case .probing, .searching:
            backOff.failed(now: now)
            nacksInTurn += 1
            nacksSinceTaken += 1
            // Whether neighbours pass shows only when one is tried: each time all of these have had their turn.
            let haveHadTurns = nacksInTurn >= again.count && again.allSatisfy { self[$0].nackedSinceConfirm }
            if haveHadTurns, hasNew {
                nacksInTurn = 0
                again.prepend(takeNew())
            }
        case .settling: break
        }
        if mode == .settling, inFlight == 0 { mode = .probing }
        var effects = Effects()
        advance(&effects)
        return effects
    }

    /// The broker has no queue for this mandatory message.
    mutating func returned(_ number: UInt64, detail: String) -> Effects {
        var effects = Effects()
        (nacksInTurn, nacksSinceTaken) = (0, 0)
        backOff.reset()
        for number in take(number...number) { refuse(number, detail: detail, &effects) }
        leaveSettling()
        countSuspicions(&effects)
        advance(&effects)
        return effects
    }

    /// The channel was closed by the broker; what was in flight is unknown and goes out again.
    mutating func channelClosed(_ fault: Fault, detail: String, now: UInt64) -> Effects {
        let alone = inFlight == 1 ? sentOnChannel.first(where: isSent) : nil
        let last = sentOnChannel.last
        takeBack()
        var effects = Effects()
        switch (fault, alone) {
        case (.nobody, _):
            restoreSuspects()
            backOff.failed(now: now)
        case (.message, .some(let culprit)):
            remove(culprit)
            refuse(culprit, detail: detail, &effects)
            if suspects.isEmpty { mode = .pipelining }
        case (.unclear, .some(let number)): suspect(number, detail: detail, now: now)
        case (_, nil):
            if let last { mode = .searching(through: last) }
        }
        advance(&effects)
        return effects
    }

    /// The connection was lost; what was in flight is unknown and goes out again.
    mutating func connectionLost(detail: String, now: UInt64) -> Effects {
        let alone = inFlight == 1 ? sentOnChannel.first(where: isSent) : nil
        let last = sentOnChannel.last
        let hadInFlight = inFlight > 0
        takeBack()
        guard hadInFlight else { return Effects() }
        let oldest = self[firstNumber].position
        if let alone, case .searching = mode {
            self[alone].strikes += 1
            if self[alone].strikes >= Self.strikeLimit { suspect(alone, detail: detail, now: now) }
        } else if oldestAtLoss == oldest, let last {
            mode = .searching(through: last)
        }
        oldestAtLoss = oldest
        return Effects()
    }

    /// Each message that is not settled becomes another, whether it was sent or not.
    mutating func replaceMessages(_ transform: (Message) -> Message) {
        for index in messages.indices { messages[index] = transform(messages[index]) }
    }

    // MARK: Parts

    private var endNumber: Int { firstNumber + entries.count }

    private subscript(number: Int) -> Entry {
        get { entries[number - firstNumber] }
        set { entries[number - firstNumber] = newValue }
    }

    /// Whether it is in flight. Answers come in any order, so what was sent may be settled and forgotten behind something
    /// that is not answered.
    private func isSent(_ number: Int) -> Bool { number >= firstNumber && self[number].state == .sent }

    private func message(_ number: Int) -> Message { messages[number - firstNumber] }

    private mutating func nextCandidate() -> Int? {
        // Nothing else is left to try before those that were passed over.
        if again.isEmpty, !hasNew { restoreSuspects() }
        return again.popFirst() ?? (hasNew ? takeNew() : nil)
    }

    private var hasNew: Bool { nextNumber < endNumber }

    private mutating func takeNew() -> Int {
        defer { nextNumber += 1 }
        return nextNumber
    }

    private mutating func send(_ number: Int) -> Message {
        inFlight += 1
        sentOnChannel.append(number)
        self[number].state = .sent
        return message(number)
    }

    /// The numbers of messages that went out as these numbers of the channel.
    private mutating func take(_ numbers: ClosedRange<UInt64>) -> [Int] {
        guard numbers.lowerBound >= sentOnChannelBase,
            numbers.upperBound < sentOnChannelBase + UInt64(sentOnChannel.count)
        else { return [] }
        let lower = Int(numbers.lowerBound - sentOnChannelBase)
        return Array(sentOnChannel[lower..<lower + numbers.count])
    }

    /// Everything in flight goes out again, in its first order, on a channel that counts from 1.
    private mutating func takeBack() {
        let back = sentOnChannel.filter(isSent)
        for number in back { self[number].state = .waiting }
        again = Deque((back + again).sorted())
        inFlight = 0
        sentOnChannel.removeAll(keepingCapacity: true)
        sentOnChannelBase = 1
        if mode == .settling { mode = .probing }
    }

    private mutating func settle(_ number: Int, confirmedInto effects: inout Effects) {
        guard isSent(number) else { return }
        self[number].state = .settled
        inFlight -= 1
        unsettled -= 1
        effects.confirmed.append(message(number))
    }

    private mutating func refuse(_ number: Int, detail: String, _ effects: inout Effects) {
        guard number >= firstNumber, self[number].state != .settled else { return }
        if self[number].state == .sent { inFlight -= 1 }
        self[number].state = .settled
        unsettled -= 1
        effects.refused.append(Refusal(position: self[number].position, message: message(number), detail: detail))
    }

    /// A confirm shows that the broker takes messages, so a nack before it may have been about its message.
    private mutating func countNacks(_ effects: inout Effects) {
        guard !again.isEmpty else { return leaveSettling() }
        var kept: Deque<Int> = []
        for number in again {
            if self[number].nackedSinceConfirm {
                self[number].nackedSinceConfirm = false
                self[number].nacks += 1
            }
            if self[number].nacks >= Self.nackLimit {
                refuse(number, detail: "nacked \(Self.nackLimit) times while others were confirmed", &effects)
            } else {
                kept.append(number)
            }
        }
        again = kept
        leaveSettling()
    }

    private mutating func leaveSettling() {
        if mode == .settling, inFlight == 0 { mode = again.isEmpty ? .pipelining : .probing }
    }

    /// Passes over a message that may be at fault, if there is another to try.
    private mutating func suspect(_ number: Int, detail: String, now: UInt64) {
        if case .searching(let last) = mode, last >= number {} else { mode = .searching(through: number) }
        remove(number)
        suspects.append((number, detail))
        backOff.failed(now: now)
    }

    /// The broker has taken a message, so those passed over before it may be at fault: they go out once more, alone.
    private mutating func countSuspicions(_ effects: inout Effects) {
        for (number, detail) in suspects {
            self[number].suspicions += 1
            if self[number].suspicions >= Self.suspicionLimit { refuse(number, detail: detail, &effects) }
        }
        restoreSuspects()
    }

    /// Those that were passed over take their places again.
    private mutating func restoreSuspects() {
        guard !suspects.isEmpty else { return }
        again = Deque((again + suspects.map(\.number).filter { self[$0].state == .waiting }).sorted())
        suspects = []
    }

    private mutating func remove(_ number: Int) { again.removeAll { $0 == number } }

    /// Forgets what is settled at the front, and tells how far.
    private mutating func advance(_ effects: inout Effects) {
        while let first = sentOnChannel.first, !isSent(first) {
            sentOnChannel.removeFirst()
            sentOnChannelBase += 1
        }
        while let first = entries.first, first.state == .settled {
            effects.settledThrough = first.position
            entries.removeFirst()
            messages.removeFirst()
            firstNumber += 1
        }
        if case .searching(let last) = mode, firstNumber > last { mode = .pipelining }
        if entries.isEmpty { effects.settledThrough = lastSeen }
        if effects.settledThrough == reported { effects.settledThrough = nil }
        if let through = effects.settledThrough { reported = through }
    }
}
