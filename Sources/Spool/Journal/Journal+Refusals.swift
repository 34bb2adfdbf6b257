import DequeModule
import NIOCore

// The disk refuses, and comes back.
extension Journal {
    private static let firstProbe = TimeAmount.milliseconds(250)
    private static let lastProbe = TimeAmount.seconds(8)

    /// A disk operation failed.
    func failed(_ failure: StoreFailure) {
        switch failure {
        case .corrupt(let cause):
            // One that is corrupt again at once is not the spool's fault but the disk's.
            if let replacedAt, replacedAt.duration(to: .now) < .seconds(60) {
                repair = .reopen
                return refused(.failed(cause))
            }
            repair = .replace(cause: cause)
            do {
                try repairIfNeeded()
            } catch .refused(let refusal) {
                refused(refusal)
            } catch {
                refused(.failed(cause))
            }
        case .refused(let refusal):
            if case .failed = refusal, repair == nil { repair = .reopen }
            refused(refusal)
        }
    }

    private func refused(_ refusal: SpoolRefusal) {
        let isNew = machine.refusal != refusal
        machine.refuse(refusal)
        refusedSince = refusedSince ?? Self.now()
        if isNew { observer.journal(.refusing(refusal)) }
        scheduleProbe()
    }

    /// The disk takes everything again.
    func accepting() {
        probeDelay = .zero
        refusedSince = nil
        observer.journal(.accepting)
    }

    /// Settlements were written, so that the next probe may succeed.
    func roomWasFreed() {
        guard probeDelay > Self.firstProbe else { return }
        probeTimer?.cancel()
        probeTimer = nil
        probeDelay = .zero
        scheduleProbe()
    }

    private func scheduleProbe() {
        guard probeTimer == nil else { return }
        probeDelay = min(max(probeDelay + probeDelay, Self.firstProbe), Self.lastProbe)
        probeTimer = eventLoop.scheduleTask(in: probeDelay) {
            self.assumeIsolated { journal in
                journal.probeTimer = nil
                journal.machine.probe()
                journal.isFlushDue = true
                journal.turn()
            }
        }
    }

    /// Gets a connection that can be used, after an error.
    func repairIfNeeded() throws(StoreFailure) {
        if repair != nil { try onDisk { store throws(StoreFailure) in try mend(store) } }
    }

    private func mend(_ store: JournalStore) throws(StoreFailure) {
        switch repair {
        case nil: return
        case .reopen: try store.reopen()
        case .replace(let cause):
            do {
                repair = .beginAnew(aside: try store.setAside(), cause: cause)
            } catch {
                throw .refused(.failed("\(error)"))
            }
            return try mend(store)
        case .beginAnew(var path, let cause):
            do {
                // One that was not there may have come back.
                if path == nil { path = try store.setAside() }
                repair = .beginAnew(aside: path, cause: cause)
                try store.beginAnew()
            } catch {
                // A stop may come before there is a new one, and then nothing else would name the old one.
                throw .refused(.failed("\(error)" + (path.map { "; the corrupt one is now \($0)" } ?? "")))
            }
            replacedAt = .now
            orphaned.formUnion(retrying)
            retrying = []
            // Of these no answer is to come.
            for case .answered(let id, _) in machine.letters { orphaned.remove(id) }
            observer.journal(.setAside(path: path, messages: machine.diskWasReplaced(), cause: cause))
        }
        repair = nil
    }
}
