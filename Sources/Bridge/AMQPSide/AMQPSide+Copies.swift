import Spool

// Equal messages, of which one goes on: what comes meanwhile is acknowledged once that one is sent, and no sooner.
extension AMQPSide {
    /// What a message is beside those that came before it.
    enum Standing {
        case first
        /// One has been sent, or is before it in the same run, which acknowledges in order.
        case duplicate
        /// Another run has brought one, which goes back to another queue if that run ends.
        case copy
    }

    func standing(_ identity: MessageDigest, _ epoch: UInt64, at time: Int64) -> Standing {
        guard duplicates.hasLength else { return .first }
        if let first = pending[identity] { return first == epoch ? .duplicate : .copy }
        guard !duplicates.contains(identity, at: time) else { return .duplicate }
        pending[identity] = epoch
        return .first
    }

    /// One of these has been sent.
    func dropCopies(of identity: MessageDigest, at time: Int64) {
        // Seldom is there any, and this is asked for each message.
        guard !copies.isEmpty, let dropped = copies.removeValue(forKey: identity) else { return }
        for copy in dropped {
            guard let run = run(of: copy.reference) else { continue }
            noteDropped(.duplicate, at: time)
            runs[run].decided(copy.reference.tag)
        }
    }

    /// Sends those whose first one will not be sent any more, as what its run brought was forgotten.
    func sendOrphans() {
        guard !copies.isEmpty else { return }
        var orphans: [MessageCopy] = []
        for (identity, waiting) in copies {
            // Those of a run that has ended come again.
            var living = waiting.filter { run(of: $0.reference) != nil }
            // While consumers are told to rest, these go back with their channels too.
            if !isResting, pending[identity] == nil, !living.isEmpty {
                let orphan = living.removeFirst()
                pending[identity] = orphan.reference.epoch
                orphans.append(orphan)
            }
            copies[identity] = living.isEmpty ? nil : living
        }
        guard !orphans.isEmpty else { return }
        orphans.sort { ($0.reference.epoch, $0.reference.tag) < ($1.reference.epoch, $1.reference.tag) }
        writer.write(orphans.map { draft($0.translation, .delivery($0.reference), receivedAt: $0.receivedAt) })
    }
}
