import Dispatch
import NIOPosix
import Synchronization
import Testing

@testable import Monitoring

@Suite struct DeadLetterReaderTests {
    @Test("Those who ask while the disk is read wait for that", .timeLimit(.minutes(5)))
    func together() async {
        let disk = DispatchSemaphore(value: 0)
        let reads = Atomic(0)
        let reader = DeadLetterReader(patience: .seconds(60)) { _ in
            reads.add(1, ordering: .relaxed)
            disk.wait()
            return []
        }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<20 { group.addTask { await reader.newest(path: "").areCurrent } }
            while reader.waiting < 20, !Task.isCancelled { await Task.yield() }
            disk.signal()
            for await areCurrent in group { #expect(areCurrent) }
        }
        #expect(reads.load(ordering: .relaxed) == 1)
        #expect(reader.waiting == 0)
    }

    @Test(
        "It waits for nothing but the disk: not where all of NIO's threads wait for a name server",
        .timeLimit(.minutes(5))
    )
    func busyThreads() async {
        let nameServer = DispatchSemaphore(value: 0)
        // More than it has threads.
        let lookUps = 1_000
        for _ in 0..<lookUps { NIOThreadPool.singleton.submit { _ in nameServer.wait() } }
        defer { for _ in 0..<lookUps { nameServer.signal() } }
        let areCurrent = await DeadLetterReader(patience: .seconds(20)) { _ in [] }.newest(path: "").areCurrent
        #expect(areCurrent)
    }

    @Test("Where the disk hangs each is answered all the same, and nobody stays behind")
    func hanging() async {
        let disk = DispatchSemaphore(value: 0)
        let reader = DeadLetterReader(patience: .milliseconds(1)) { _ in
            disk.wait()
            return []
        }
        for _ in 0..<3 {
            let areCurrent = await reader.newest(path: "").areCurrent
            #expect(!areCurrent)
        }
        #expect(reader.waiting == 0)
        disk.signal()
    }
}
