/// The supervisor of one connection: which endpoint and which of its addresses comes next, when to wait and how long.
/// It never gives up; only ``close()`` ends it.
///
/// Every round of attempts has a generation. Whatever reports to the machine says for which generation it speaks, and
/// what comes late from an earlier one changes nothing.
struct RecoveryMachine {
    typealias Generation = UInt64

    enum Action: Equatable {
        case none
        /// Ask for the addresses of an endpoint. What an earlier generation has under way is to be dropped.
        case resolve(endpoint: Int, Generation)
        /// Connect to one of the addresses that were found.
        case connect(endpoint: Int, address: Int, Generation)
        /// The connection is open: declare the topology.
        case setUp(Generation)
        /// Nobody waits for this connection any more: close it.
        case discard
        /// Come back with ``waited(_:)``.
        case wait(Duration, Generation)
        /// Close the open connection in an orderly way, then say ``closed(_:)``.
        case close(Generation)
        /// It is over.
        case finish
    }

    private enum State: Equatable {
        case idle
        case resolving(endpoint: Int)
        case connecting(endpoint: Int, address: Int, addresses: Int)
        case settingUp
        case open
        case waiting
        /// The connection is being closed, to be opened anew.
        case renewing
        case closing
        case finished
    }

    private var endpoints: Int
    private var backoff: Backoff
    /// When the connection opened.
    private var connectedAt: Duration = .zero
    private var state = State.idle
    private(set) var generation: Generation = 0

    init(endpoints: Int, policy: AMQPRecoveryPolicy) {
        self.endpoints = endpoints
        backoff = Backoff(policy: policy)
    }

    var isOpen: Bool { state == .open }
    var isFinished: Bool { state == .finished }

    mutating func start() -> Action {
        guard state == .idle else { return .none }
        return beginRound()
    }

    mutating func resolved(
        addresses: Int,
        _ generation: Generation,
        using random: inout some RandomNumberGenerator
    ) -> Action {
        guard generation == self.generation, case .resolving(let endpoint) = state else { return .none }
        guard addresses > 0 else { return tryEndpoint(after: endpoint, using: &random) }
        state = .connecting(endpoint: endpoint, address: 0, addresses: addresses)
        return .connect(endpoint: endpoint, address: 0, generation)
    }

    /// The name has no address, or the connect to one failed.
    mutating func attemptFailed(_ generation: Generation, using random: inout some RandomNumberGenerator) -> Action {
        guard generation == self.generation else { return .none }
        switch state {
        case .resolving(let endpoint):
            return tryEndpoint(after: endpoint, using: &random)
        case .connecting(let endpoint, let address, let addresses) where address + 1 < addresses:
            state = .connecting(endpoint: endpoint, address: address + 1, addresses: addresses)
            return .connect(endpoint: endpoint, address: address + 1, generation)
        case .connecting(let endpoint, _, _):
            return tryEndpoint(after: endpoint, using: &random)
        default:
            return .none
        }
    }

    /// A connection is open. That alone says little: what ended the last one may end it at once.
    mutating func connected(_ generation: Generation, at now: Duration) -> Action {
        guard generation == self.generation, case .connecting = state else { return .discard }
        state = .settingUp
        connectedAt = now
        return .setUp(generation)
    }

    /// The topology is in place.
    mutating func setUpFinished(_ generation: Generation) {
        guard generation == self.generation, state == .settingUp else { return }
        state = .open
    }

    /// The connection ended by itself, while it was set up or later. Waits begin from the start again where it was of use, or
    /// lasted longer than any wait.
    ///
    /// - Parameter wasOfUse: whether a message was confirmed or settled on it, or came that needs no settlement.
    mutating func lost(
        _ generation: Generation,
        at now: Duration,
        wasOfUse: Bool,
        using random: inout some RandomNumberGenerator
    ) -> Action {
        guard generation == self.generation else { return .none }
        switch state {
        case .settingUp, .open:
            if wasOfUse || now - connectedAt >= backoff.policy.maximumBackoff { backoff.reset() }
            state = .waiting
            return .wait(backoff.next(using: &random), generation)
        case .renewing, .closing:
            return closed(generation)
        default:
            return .none
        }
    }

    mutating func waited(_ generation: Generation) -> Action {
        guard generation == self.generation, state == .waiting else { return .none }
        return beginRound()
    }

    /// Connects anew, as for a new certificate: an open connection is closed first; attempts under way and waits
    /// give way to a new round.
    mutating func renew() -> Action {
        switch state {
        case .settingUp, .open:
            // Asked for, and no failure: what was before this connection is over.
            backoff.reset()
            state = .renewing
            return .close(generation)
        case .resolving, .connecting, .waiting:
            return beginRound()
        case .idle, .renewing, .closing, .finished:
            return .none
        }
    }

    /// There are so many endpoints from the next round on, which ``renew()`` begins.
    mutating func setEndpoints(_ count: Int) {
        endpoints = count
    }

    /// Wins over everything.
    mutating func close() -> Action {
        switch state {
        case .settingUp, .open:
            state = .closing
            return .close(generation)
        case .renewing:
            state = .closing
            return .none
        case .idle, .resolving, .connecting, .waiting:
            generation += 1
            state = .finished
            return .finish
        case .closing, .finished:
            return .none
        }
    }

    /// The orderly close that was asked for has ended, one way or another.
    mutating func closed(_ generation: Generation) -> Action {
        guard generation == self.generation else { return .none }
        switch state {
        case .renewing:
            return beginRound()
        case .closing:
            state = .finished
            return .finish
        default:
            return .none
        }
    }

    private mutating func beginRound() -> Action {
        generation += 1
        state = .resolving(endpoint: 0)
        return .resolve(endpoint: 0, generation)
    }

    private mutating func tryEndpoint(after endpoint: Int, using random: inout some RandomNumberGenerator) -> Action {
        guard endpoint + 1 < endpoints else {
            state = .waiting
            return .wait(backoff.next(using: &random), generation)
        }
        state = .resolving(endpoint: endpoint + 1)
        return .resolve(endpoint: endpoint + 1, generation)
    }
}
