import Spool

/// Equal messages from the broker, of which one goes on.
///
/// What comes while one is on its way is acknowledged once that one is sent, and no sooner: should the first never be sent,
/// as its run ended, one of those that wait goes in its place, so that none is lost and none goes twice.
///
/// A plain value: times are microseconds since 1970.
struct DuplicateMachine {
    /// What a message is beside those that came before it.
    enum Standing {
        /// It is to be sent.
        case first
        /// One has been sent, or is before it in the same run, which acknowledges in order.
        case duplicate
        /// Another run has brought one, which goes back to another queue if that run ends: this one waits here.
        case copy
    }

    private var window: DuplicateWindow
    /// What is on its way to libzmq, with the run that brought it: known as a duplicate's first only if it gets there.
    private var pending: [MessageDigest: UInt64] = [:]
    /// Copies of those that other runs brought: neither sent nor acknowledged until it is known what becomes of the first.
    private var copies: [MessageDigest: [MessageCopy]] = [:]

    /// - Parameter seconds: for how long a message is known once it is sent; with 0 none ever is.
    init(seconds: Int) {
        window = DuplicateWindow(seconds: seconds)
    }

    /// A message has come.
    mutating func received(
        _ translation: ToFedmsgTranslator.Translation,
        as reference: DeliveryReference,
        at time: Int64
    ) -> Standing {
        guard window.hasLength else { return .first }
        let identity = translation.identity
        if let first = pending[identity] {
            guard first != reference.epoch else { return .duplicate }
            let copy = MessageCopy(reference: reference, translation: translation, receivedAt: time)
            copies[identity, default: []].append(copy)
            return .copy
        }
        guard !window.contains(identity, at: time) else { return .duplicate }
        pending[identity] = reference.epoch
        return .first
    }

    /// A message has been sent.
    ///
    /// - Returns: Whether another one with its name was sent before, and the copies that are duplicates now.
    mutating func sent(_ identity: MessageDigest, at time: Int64) -> (isRewritten: Bool, duplicates: [MessageCopy]) {
        pending[identity] = nil
        let isRewritten = window.containsAnother(identity, at: time)
        window.insert(identity, at: time)
        // Seldom is there any, and this is asked for each message.
        return (isRewritten, copies.isEmpty ? [] : copies.removeValue(forKey: identity) ?? [])
    }

    /// Nothing of a run is sent any more, as it ended.
    ///
    /// - Parameters:
    ///   - isResting: Whether the other runs end too, so that nothing goes in place of what this one brought.
    ///   - isLiving: Whether the run of a delivery has not ended: what others brought comes again.
    /// - Returns: What is first now, and to be sent, in the order that it came in.
    mutating func forgot(
        _ epoch: UInt64,
        isResting: Bool,
        isLiving: (DeliveryReference) -> Bool
    ) -> [MessageCopy] {
        pending = pending.filter { $0.value != epoch }
        guard !copies.isEmpty else { return [] }
        var firsts: [MessageCopy] = []
        for (identity, waiting) in copies {
            var living = waiting.filter { isLiving($0.reference) }
            if !isResting, pending[identity] == nil, !living.isEmpty {
                let first = living.removeFirst()
                pending[identity] = first.reference.epoch
                firsts.append(first)
            }
            copies[identity] = living.isEmpty ? nil : living
        }
        return firsts.sorted { ($0.reference.epoch, $0.reference.tag) < ($1.reference.epoch, $1.reference.tag) }
    }
}
