/// Room that one worker keeps for making and checking signatures, so that they need no allocation for each message.
public struct SignatureWorkspace {
    var form = CanonicalForm()
    /// What is signed.
    var signed: [UInt8] = []
    var envelope: [UInt8] = []
    var signature: [UInt8] = []

    /// Room to work in.
    public init() {}

    /// Forgets a message but keeps the room, unless the message was far larger than messages are.
    mutating func reset() {
        signed.removeAll(keepingCapacity: signed.capacity < 1 << 20)
        envelope.removeAll(keepingCapacity: envelope.capacity < 1 << 20)
        signature.removeAll(keepingCapacity: signature.capacity < 1 << 16)
    }
}
