import NIOCore

/// Where a task goes on that waited for a connection: on the connection's event loop.
///
/// A continuation resumes on the global pool, whichever actor awaits it: that wakes a thread for the one hop from there to
/// the actor. It resumes where the task prefers to run, though.
final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop
    private let serialExecutor: UnownedSerialExecutor

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        serialExecutor = eventLoop.executor.asUnownedSerialExecutor()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute {
            job.runSynchronously(isolatedTo: self.serialExecutor, taskExecutor: self.asUnownedTaskExecutor())
        }
    }
}

extension AMQPConnection {
    /// As `withCheckedContinuation`, and without a detour on the way back.
    func awaitContinuation<Value: Sendable>(_ body: (CheckedContinuation<Value, Never>) -> Void) async -> Value {
        await withTaskExecutorPreference(taskExecutor) {
            await withCheckedContinuation { body($0) }
        }
    }
}
