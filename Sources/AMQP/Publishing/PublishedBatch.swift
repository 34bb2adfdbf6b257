/// What was done of a batch of messages.
public struct PublishedBatch: Sendable {
    /// The numbers of those that went out, in order.
    public private(set) var numbers: Range<UInt64>
    /// How many messages from the batch's beginning are dealt with: gone out, or refused.
    public private(set) var taken = 0
    /// Those among them that can't be sent, by their place in the batch; they have no number, and the channel goes on.
    public private(set) var refused: [(offset: Int, error: AMQPError)] = []

    init(startingAt number: UInt64) {
        numbers = number..<number
    }

    mutating func published() {
        taken += 1
        numbers = numbers.lowerBound..<(numbers.upperBound + 1)
    }

    mutating func refused(_ error: AMQPError) {
        refused.append((taken, error))
        taken += 1
    }
}
