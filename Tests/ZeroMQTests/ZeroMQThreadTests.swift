import Glibc
import Synchronization
import Testing

@testable import ZeroMQ

@Suite("ZeroMQThread", .timeLimit(.minutes(5)))
struct ZeroMQThreadTests {
    /// Collects numbers, on the thread.
    private actor Log {
        nonisolated let thread: ZeroMQThread
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
        private(set) var numbers: [Int] = []

        init(on thread: ZeroMQThread) {
            self.thread = thread
        }

        func append(_ number: Int) {
            #expect(thread.isCurrent)
            numbers.append(number)
        }

        nonisolated func appendNow(_ number: Int) {
            assumeIsolated { $0.append(number) }
        }

        func stopThread() async {
            await thread.stop()
            append(-1)
        }

        /// Occupies the thread until `gate` opens.
        func block(until gate: borrowing Atomic<Bool>, started: borrowing Atomic<Bool>) {
            started.store(true, ordering: .releasing)
            while !gate.load(ordering: .acquiring) {}
        }
    }

    private final class Gate: Sendable {
        let isOpen = Atomic(false)
        let isStarted = Atomic(false)
    }

    private static var openFiles: Int {
        (0..<Int32(4096)).count { fcntl($0, F_GETFD) >= 0 }
    }

    // MARK: Jobs

    @Test("runs each task's jobs in the task's order, on itself")
    func jobOrder() async throws {
        try await withThread { thread in
            let log = Log(on: thread)
            await withTaskGroup { group in
                for task in 0..<8 {
                    group.addTask {
                        for index in 0..<500 { await log.append(task * 1000 + index) }
                    }
                }
            }
            let numbers = await log.numbers
            #expect(numbers.count == 4000)
            for task in 0..<8 {
                #expect(numbers.filter { $0 / 1000 == task } == (0..<500).map { task * 1000 + $0 })
            }
        }
    }

    @Test("is not the current thread elsewhere")
    func elsewhere() async throws {
        try await withThread { thread in
            #expect(!thread.isCurrent)
            #expect(thread.isIsolatingCurrentContext() == false)
        }
    }

    // MARK: Fairness

    @Test("runs jobs and timers while a socket is always readable")
    func readableSocket() async throws {
        try await withThread { thread in
            let (publisher, subscriber) = try await makePair(on: thread)
            let count = Mutex(0)
            try await subscriber.withSocket { socket in
                socket.onReadable { count.withLock { $0 += 1 } }
            }
            _ = try await publisher.send([1])
            while count.withLock({ $0 }) < 10 { try await thread.wait(.milliseconds(1)) }
            let log = Log(on: thread)
            for index in 0..<10 { await log.append(index) }
            #expect(await log.numbers == Array(0..<10))
        }
    }

    @Test("reads sockets and runs timers while jobs keep coming")
    func endlessJobs() async throws {
        try await withThread { thread in
            let (publisher, subscriber) = try await makePair(on: thread)
            let log = Log(on: thread)
            try await withThrowingTaskGroup { busy in
                for task in 0..<4 {
                    busy.addTask {
                        while !Task.isCancelled { await log.append(task) }
                    }
                }
                _ = try await publisher.send([1])
                try await subscriber.until { !$0.messages.isEmpty }
                try await thread.wait(.milliseconds(1))
                busy.cancelAll()
            }
        }
    }

    @Test("rests while there is nothing to do, messages that nobody reads or not", arguments: [false, true])
    func rests(isUnread: Bool) async throws {
        try await withThread { thread in
            let (publisher, subscriber) = try await makePair(on: thread)
            if isUnread {
                let count = Mutex(0)
                try await subscriber.withSocket { $0.onReadable { count.withLock { $0 += 1 } } }
                _ = try await publisher.send([1])
                try await spin { count.withLock { $0 } > 0 }
                await subscriber.pause()
            }
            // A loop that spins turns in each of these.
            try await spin { !thread.isHealthy(within: .milliseconds(200)) }
        }
    }

    // MARK: Timers

    @Test("calls timers in the order they are due, on itself")
    func timers() async throws {
        try await withThread { thread in
            let log = Log(on: thread)
            thread.schedule(after: .milliseconds(20)) { log.appendNow(3) }
            thread.schedule(after: .milliseconds(10)) { log.appendNow(1) }
            thread.schedule(after: .milliseconds(10)) { log.appendNow(2) }
            thread.schedule(after: .zero) { log.appendNow(0) }
            try await thread.wait(.milliseconds(20))
            #expect(await log.numbers == [0, 1, 2, 3])
        }
    }

    @Test("does not call a timer early")
    func early() async throws {
        try await withThread { thread in
            let start = SuspendingClock.now
            try await thread.wait(.microseconds(1500))
            #expect(SuspendingClock.now - start >= .microseconds(1500))
        }
    }

    // MARK: Health

    @Test("tells a loop that is stuck from one that turns")
    func health() async throws {
        try await withThread { thread in
            let log = Log(on: thread)
            let gate = Gate()
            let blocked = Task { await log.block(until: gate.isOpen, started: gate.isStarted) }
            // Whatever fails, the thread has to go on to be stopped.
            defer { gate.isOpen.store(true, ordering: .releasing) }
            try await spin { gate.isStarted.load(ordering: .acquiring) }
            try await spin { !thread.isHealthy(within: .milliseconds(5)) }
            let stuck = thread.lastTurn
            gate.isOpen.store(true, ordering: .releasing)
            await blocked.value
            await log.append(0)
            #expect(thread.lastTurn > stuck)
            #expect(thread.isHealthy(within: .seconds(60)))
            await thread.stop()
            #expect(!thread.isHealthy(within: .seconds(60)))
        }
    }

    // MARK: The end

    @Test("can be stopped by many at once, by its own actor, and again")
    func stop() async throws {
        try await withThread { thread in
            let log = Log(on: thread)
            await withTaskGroup { group in
                for _ in 0..<4 { group.addTask { await thread.stop() } }
                group.addTask { await log.stopThread() }
            }
            await thread.stop()
            #expect(await log.numbers == [-1])
        }
    }

    @Test("lets its actors go on, isolated and one at a time, after it has stopped")
    func jobsAfterStop() async throws {
        try await withThread { thread in
            let log = Log(on: thread)
            await thread.stop()
            await withTaskGroup { group in
                for task in 0..<8 {
                    group.addTask {
                        for index in 0..<200 { await log.append(task * 1000 + index) }
                    }
                }
            }
            #expect(await log.numbers.count == 1600)
            #expect(!thread.isCurrent)
        }
    }

    @Test("stops while jobs keep coming, and loses none of them")
    func jobsWhileStopping() async throws {
        for _ in 0..<20 {
            try await withThread { thread in
                let log = Log(on: thread)
                let busy = (0..<4).map { task in
                    Task {
                        for index in 0..<200 { await log.append(task * 1000 + index) }
                    }
                }
                try await spin { await log.numbers.count >= 50 }
                await thread.stop()
                for task in busy { await task.value }
                #expect(await log.numbers.count == 800)
            }
        }
    }

    @Test("closes its sockets when it stops, messages pending on both sides or not")
    func stopWhilePending() async throws {
        try await withThread { thread in
            let (publisher, subscriber) = try await makePair(on: thread)
            await subscriber.pause()
            for _ in 0..<500 { _ = try await publisher.send([1], .init(repeating: 0, count: 10_000)) }
            await thread.stop()
            await #expect(throws: ZeroMQError(code: .closed, operation: "zmq_send")) { try await publisher.send([1]) }
            await #expect(throws: ZeroMQError.self) { try await Peer(.xpub, on: thread).open { _ in } }
        }
    }

    @Test("sends what is pending within the linger when it stops")
    func linger() async throws {
        try await withThread { receiving in
            let subscriber = Peer(.sub, on: receiving)
            let endpoint = try await subscriber.open { socket in
                try socket.subscribe(to: "")
                return try socket.bind("tcp://127.0.0.1:*")
            }
            try await withThread { sending in
                let publisher = Peer(.xpub, on: sending)
                try await publisher.open { socket in
                    try socket.set(.linger, to: 10_000)
                    try socket.set(.sndhwm, to: 0)
                    try socket.connect(endpoint)
                }
                try await meet(publisher, subscriber)
                for index in 0..<200 {
                    _ = try await publisher.send([UInt8(index)], .init(repeating: 0, count: 50_000))
                }
            }
            try await subscriber.until { $0.messages.count == 200 }
        }
    }

    @Test("closes a socket that nobody refers to any more")
    func abandoned() async throws {
        try await withThread { thread in
            let publisher = Peer(.xpub, on: thread)
            let endpoint = try await publisher.open { try $0.bind("tcp://127.0.0.1:*") }
            await publisher.abandon()
            let next = Peer(.xpub, on: thread)
            // libzmq gives the port up a moment after the socket is closed.
            while (try? await next.open({ try $0.bind(endpoint) })) == nil { try await thread.wait(.milliseconds(1)) }
        }
    }

    @Test("closes its sockets when the context is terminated first, and goes on running jobs")
    func contextFirst() async throws {
        let context = try ZeroMQContext()
        let thread = try ZeroMQThread(context: context)
        let (publisher, subscriber) = try await makePair(on: thread)
        #expect(try await context.terminate(within: .seconds(10)))
        for peer in [publisher, subscriber] {
            await #expect(throws: ZeroMQError(code: .closed, operation: "ZMQ_LINGER")) {
                try await peer.withSocket { try $0.get(.linger) }
            }
        }
        let log = Log(on: thread)
        await log.append(1)
        await #expect(throws: ZeroMQError(code: .terminated, operation: "zmq_socket")) {
            try await Peer(.xpub, on: thread).open { _ in }
        }
        await thread.stop()
    }

    @Test("leaves no file open, a hundred times")
    func cycles() async throws {
        for _ in 0..<100 {
            try await withThread { thread in
                let publisher = Peer(.xpub, on: thread)
                try await publisher.open { try $0.bind("tcp://127.0.0.1:*") }
                _ = try await publisher.send([1])
            }
        }
        // One a cycle left open would keep it at a hundred; what tests that run beside this one opened goes.
        try await spin { Self.openFiles < 100 }
    }
}
