/// The numbers of a connection's channels: one that was closed is given out again
/// before a new one, and it comes back only after its close-ok.
struct ChannelNumbers {
    private let highest: UInt16
    private var given: UInt16 = 0
    private var returned: [UInt16] = []

    init(highest: UInt16) {
        self.highest = highest
    }

    /// Returns nil when all that channel_max allows are open.
    mutating func take() -> UInt16? {
        if let number = returned.popLast() { return number }
        guard given < highest else { return nil }
        given += 1
        return given
    }

    mutating func giveBack(_ number: UInt16) {
        returned.append(number)
    }
}
