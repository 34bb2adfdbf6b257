/// What a peer says of the numbered messages that it took.
struct NumberedSequence: Decodable {
    /// How many came.
    let received: Int
    /// The first places where a number was not the one after its predecessor: expected, got.
    let breaks: [[Int]]
    /// How many others came between them.
    let others: Int
}
