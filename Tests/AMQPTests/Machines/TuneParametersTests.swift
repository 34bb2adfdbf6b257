import Testing

@testable import AMQP

@Suite("TuneParameters")
struct TuneParametersTests {
    @Test(
        "the least of the values that are not 0 is agreed on",
        arguments: [
            // offered, wanted, agreed: channel_max, frame_max, heartbeat
            ((2047, 131_072, 60), (2047, 131_072, 60), (2047, 131_072, 60)),
            ((100, 8192, 10), (2047, 131_072, 60), (100, 8192, 10)),
            ((2047, 131_072, 60), (100, 8192, 10), (100, 8192, 10)),
            ((0, 0, 0), (2047, 65_536, 60), (2047, 65_536, 60)),
            ((2047, 65_536, 60), (0, 0, 60), (2047, 65_536, 60)),
            // No heartbeats are the client's to choose.
            ((2047, 65_536, 60), (2047, 65_536, 0), (2047, 65_536, 0)),
            // Nobody names a bound: one holds all the same.
            ((0, 0, 0), (0, 0, 0), (65_535, 131_072, 0)),
        ]
    )
    func negotiation(
        offered: (UInt16, UInt32, UInt16),
        wanted: (UInt16, UInt32, UInt16),
        agreed: (UInt16, UInt32, UInt16)
    ) {
        let result = TuneParameters.negotiated(offered: TuneParameters(offered), wanted: TuneParameters(wanted))
        #expect(result == TuneParameters(agreed))
    }

    @Test("frames that can't hold a method are not agreed to", arguments: [1, 8, 4095] as [UInt32])
    func tooSmall(frameMax: UInt32) {
        let offered = TuneParameters((2047, frameMax, 60))
        #expect(TuneParameters.negotiated(offered: offered, wanted: TuneParameters((0, 0, 0))) == nil)
    }
}

extension TuneParameters {
    fileprivate init(_ values: (UInt16, UInt32, UInt16)) {
        self.init(channelMax: values.0, frameMax: values.1, heartbeat: values.2)
    }
}
