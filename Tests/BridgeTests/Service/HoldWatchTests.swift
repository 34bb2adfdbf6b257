import Dispatch
import Logging
import Synchronization
import Testing

@testable import Bridge

@Suite("HoldWatch")
struct HoldWatchTests {
    @Test(
        "Its end does not wait for a disk that hangs, and what is seen after it changes nothing",
        .timeLimit(.minutes(5))
    )
    func hangingDisk() async {
        let disk = DispatchSemaphore(value: 0)
        let looks = Atomic(0)
        let changes = Atomic(0)
        let watch = HoldWatch(
            path: "spool",
            board: StatusBoard { 0 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            exists: { _ in
                looks.add(1, ordering: .relaxed)
                disk.wait()
                return true
            },
            changed: { _ in changes.add(1, ordering: .relaxed) }
        )
        let run = Task { await watch.run() }
        while looks.load(ordering: .relaxed) == 0, !Task.isCancelled { await Task.yield() }
        run.cancel()
        await withTaskCancellationHandler {
            await run.value
        } onCancel: {
            disk.signal()
        }
        // For the one that hangs, and for the one that waits behind it.
        disk.signal()
        disk.signal()
        await watch.look()
        #expect(!watch.isHeld)
        #expect(changes.load(ordering: .relaxed) == 0)
    }
}
