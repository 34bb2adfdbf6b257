internal import Synchronization

extension ZeroMQThread: SerialExecutor {
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        switch state.withLock({ $0.enqueue(job) }) {
        case .nothing: break
        case .wakeUp: wakeUp.signal()
        case .startDraining: drain()
        }
    }

    public func isIsolatingCurrentContext() -> Bool? {
        isCurrent
    }

    public func checkIsolated() {
        precondition(isCurrent, "expected to run on the ZeroMQ thread \(name)")
    }

    func run(_ jobs: inout [UnownedJob]) {
        for job in jobs {
            job.runSynchronously(on: asUnownedSerialExecutor())
        }
        jobs.removeAll(keepingCapacity: true)
    }

    /// Runs the jobs that come after the loop's end.
    func drain() {
        Task.detached {
            self.runLeftovers()
        }
    }

    private func runLeftovers() {
        var jobs: [UnownedJob] = []
        owner.store(PlatformThread.current, ordering: .releasing)
        run(&jobs)
        while state.withLock({ state in
            // Given up under the lock: the next to drain begins when it is released.
            let hasMore = state.drain(into: &jobs)
            if !hasMore { owner.store(0, ordering: .releasing) }
            return hasMore
        }) {
            run(&jobs)
        }
    }
}
