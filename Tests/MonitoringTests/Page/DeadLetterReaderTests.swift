import Dispatch
import Synchronization
import Testing

@testable import Monitoring

@Suite struct DeadLetterReaderTests {
    @Test("Those who ask while the disk is read wait for that", .timeLimit(.minutes(1)))
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
