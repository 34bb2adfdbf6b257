import NIOCore

// What the socket's handler tells, and what is told to it.
extension AMQPConnection {
    func socketOpened() {
        changed()
    }

    func received(_ bytes: ByteBuffer) {
        isReading = true
        machine.received(bytes, now: now)
        handleEvents()
    }

    func readCompleted() {
        isReading = false
        turn()
    }

    func writabilityChanged() {
        offerRoom()
    }

    func socketEnded(_ error: (any Error)?) {
        isReading = false
        machine.ended(error)
        turn()
        isSocketClosed = true
        socket = nil
        for waiter in closeWaiters.values { waiter.resume(returning: machine.closedError) }
        closeWaiters = [:]
    }

    /// Something was written or is to be told: once this turn of the event loop is over. So all that a turn writes goes
    /// out in one system call, and nobody is called back while he calls.
    func changed() {
        guard !isTurnScheduled, !isReading else { return }
        isTurnScheduled = true
        eventLoop.execute {
            self.assumeIsolated { connection in
                connection.isTurnScheduled = false
                connection.turn()
            }
        }
    }

    func turn() {
        handleEvents()
        handOver()
        endSettledWaits()
        flush()
        metrics.report()
        scheduleTick()
        if machine.state == .closed { socket?.close(promise: nil) }
    }

    private func flush() {
        guard let socket, !machine.output.isEmpty else { return }
        machine.heartbeats?.sent(at: now)
        for buffer in machine.output.take() {
            socket.write(buffer, promise: nil)
        }
        socket.flush()
        machine.output.reuse()
    }

    private func scheduleTick() {
        guard let next = machine.nextTick else {
            tick?.cancel()
            tick = nil
            return
        }
        // A tick that comes too early finds out; it is only ever moved forward.
        guard tick == nil || next < tickTime else { return }
        tick?.cancel()
        tickTime = next
        tick = eventLoop.scheduleTask(in: TimeAmount(max(next - now, .milliseconds(1)))) {
            self.assumeIsolated { $0.timePassed() }
        }
    }

    private func timePassed() {
        tick = nil
        machine.tick(now: now, isWritable: socket?.isWritable ?? false)
        turn()
    }

    // MARK: Backpressure

    /// Deliveries wait and nobody takes them.
    func pauseReading() {
        readsPaused += 1
        guard readsPaused == 1 else { return }
        machine.readingPaused(at: now)
        try? socket?.syncOptions?.setOption(.autoRead, value: false)
    }

    func resumeReading() {
        readsPaused -= 1
        guard readsPaused == 0 else { return }
        machine.readingResumed(at: now)
        try? socket?.syncOptions?.setOption(.autoRead, value: true)
        scheduleTick()
    }
}
