internal import Synchronization

extension ZeroMQThread {
    /// The longest that the loop waits, so that ``lastTurn`` tells a loop that is idle from one that is stuck.
    static let longestWait = Duration.seconds(5)

    func run() {
        owner.store(PlatformThread.current, ordering: .releasing)
        var poller = Poller(wakeUp: wakeUp.descriptor)
        var jobs: [UnownedJob] = []
        while true {
            let isLast = state.withLock { $0.beginTurn(jobs: &jobs) }
            run(&jobs)
            if isLast { break }
            runTimers()
            poll(&poller)
        }
        closeSockets()
        owner.store(0, ordering: .releasing)
        let (mustDrain, _) = state.withLock { $0.end() }
        if mustDrain { drain() }
        ended.resolve(())
    }

    private func runTimers() {
        let now = SuspendingClock.now
        while let body = state.withLock({ $0.popDueTimer(at: now) }) {
            body()
        }
    }

    private func poll(_ poller: inout Poller) {
        let (wait, sockets) = state.withLock { state in
            (state.beginWaiting(atMost: Self.longestWait), state.takeChangedSockets())
        }
        if let sockets { poller.setSockets(sockets) }
        switch poller.wait(wait) {
        case .ready(let isWoken):
            if isWoken { wakeUp.reset() }
            for id in poller.readable {
                state.withLock({ $0.onReadable(id) })?()
            }
        case .terminated:
            // Termination waits for each socket to be closed, and polling one again would return at once.
            closeSockets()
        }
    }

    private func closeSockets() {
        for socket in state.withLock({ $0.removeSockets() }) {
            socket.handle.close()
        }
    }
}
