import Testing

@testable import Bridge
@testable import Monitoring

@Suite("Rates of the last hour")
struct RateHistoryTests {
    private static func snapshot(_ toAMQP: Int64, _ toFedmsg: Int64) -> StatusBoard.Snapshot {
        var snapshot = StatusBoard.Snapshot()
        snapshot.toAMQP.forwarded = toAMQP
        snapshot.toFedmsg.forwarded = toFedmsg
        return snapshot
    }

    @Test("Each direction has its own: one point an interval, the peak of them, and what flows now")
    func rates() {
        let history = RateHistory()
        for (time, toAMQP, toFedmsg) in [(0, 0, 0), (10, 100, 10), (20, 100, 50)] as [(Double, Int64, Int64)] {
            history.note(Self.snapshot(toAMQP, toFedmsg), at: time)
        }
        let (toAMQP, toFedmsg) = history.rates(Self.snapshot(400, 50), at: 30)
        #expect(toAMQP.points == [10, 0])
        #expect(toFedmsg.points == [1, 4])
        #expect(toAMQP.peak == 10)
        #expect(toFedmsg.peak == 4)
        #expect(abs(toAMQP.now - 400.0 / 30) < 0.001)
        #expect(abs(toFedmsg.now - 50.0 / 30) < 0.001)
    }

    @Test("What flows now is the last minute's, and a chart an hour's")
    func recent() {
        let history = RateHistory()
        for interval in 0..<500 {
            history.note(Self.snapshot(interval < 400 ? Int64(interval) * 1000 : 400_000, 0), at: Double(interval) * 10)
        }
        let rates = history.rates(Self.snapshot(400_000, 0), at: 5000).toAMQP
        #expect(rates.now == 0)
        #expect(rates.points.count == 360)
        #expect(rates.points.first == 100)
        #expect(rates.points.last == 0)
    }

    @Test("Before a second has passed nothing is said to flow")
    func young() {
        let history = RateHistory()
        #expect(history.rates(Self.snapshot(9, 9), at: 5).toAMQP.now == 0)
        history.note(Self.snapshot(0, 0), at: 5)
        #expect(history.rates(Self.snapshot(9, 9), at: 5.5).toAMQP.now == 0)
        #expect(history.rates(Self.snapshot(9, 9), at: 6).toAMQP.now == 9)
    }
}
