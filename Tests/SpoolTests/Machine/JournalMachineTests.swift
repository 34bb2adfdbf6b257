import Foundation
import Testing

@testable import Spool

@Suite struct JournalMachineTests {
    /// `JOURNAL_STEPS=50000` makes it a million.
    private static let steps = ProcessInfo.processInfo.environment["JOURNAL_STEPS"].flatMap(Int.init) ?? 1_000

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `any order of events loses nothing, keeps the order and the window`(seed: UInt64) {
        var simulation = JournalSimulation(seed: seed)
        for _ in 0..<Self.steps { simulation.step() }
        simulation.settleEverything()
    }
}
