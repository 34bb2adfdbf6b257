internal import Synchronization

extension ZeroMQThread: SerialExecutor {
    /// Takes an actor's job, for the loop's next turn. From any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        switch state.withLock({ $0.enqueue(job) }) {
        case .nothing: break
        case .wakeUp: wakeUp.signal()
        case .startDraining: drain()
        }
    }

    /// Whether the caller runs on this thread, in a job or in a callback.
    public func isIsolatingCurrentContext() -> Bool? {
        isCurrent
    }

    /// Ends the process unless the caller runs on this thread: what `assumeIsolated` asks in a callback.
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
