import Synchronization
import Testing

@testable import ZeroMQ

@Suite("TimerQueue")
struct TimerQueueTests {
    private let start = SuspendingClock.now

    @Test("hands out what is due, the earliest first, those due at once in the order they came")
    func order() {
        let called = Called()
        var queue = TimerQueue()
        for (number, due) in [5, 1, 3, 1, 5, 0].enumerated() {
            queue.schedule(at: start + .seconds(due)) { called.append(number) }
        }
        #expect(queue.next == start)
        while let body = queue.popDue(at: start + .seconds(4)) { body() }
        #expect(called.numbers == [5, 1, 3, 2])
        #expect(queue.next == start + .seconds(5))
        while let body = queue.popDue(at: start + .seconds(5)) { body() }
        #expect(called.numbers == [5, 1, 3, 2, 0, 4])
        #expect(queue.next == nil)
    }

    private final class Called: Sendable {
        private let state = Mutex<[Int]>([])

        var numbers: [Int] { state.withLock { $0 } }

        func append(_ number: Int) {
            state.withLock { $0.append(number) }
        }
    }
}
