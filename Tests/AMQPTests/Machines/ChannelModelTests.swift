import Testing

@Suite("ChannelMachine and its model")
struct ChannelModelTests {
    @Test("agree after every step, whatever the two sides do", arguments: 1...40 as ClosedRange<UInt64>)
    func agreement(seed: UInt64) throws {
        var model = try ChannelModel(seed: seed)
        for _ in 0..<400 where !model.isOver { try model.step() }
        try model.finish()
    }
}
