import NIOCore

/// Dead letters that the spool has not taken yet, each with the delivery that waits for it.
///
/// A full disk may last longer than a channel. What is delivered again has its letter already, and only waits for it anew.
struct LettersUnderWay {
    /// What a message has in common with itself, delivered again: of its headers the broker may have changed some.
    struct Key: Hashable {
        var queue: String
        var topic: String
        var messageID: String?
        var body: ByteBuffer

        func hash(into hasher: inout Hasher) {
            hasher.combine(queue)
            hasher.combine(topic)
            hasher.combine(messageID)
            // Of 100 MiB all would take long, and this is on the event loop.
            hasher.combine(body.readableBytes)
        }
    }

    private var letters: [Key: [(number: UInt64, reference: DeliveryReference)]] = [:]
    private var lastNumber: UInt64 = 0

    /// A letter is given to the spool.
    ///
    /// - Returns: its number, for ``remove(_:_:)``.
    mutating func add(_ key: Key, _ reference: DeliveryReference) -> UInt64 {
        lastNumber += 1
        letters[key, default: []].append((lastNumber, reference))
        return lastNumber
    }

    /// Lets what was delivered again wait for the letter of a delivery that is over. Equal messages have a letter each.
    ///
    /// - Returns: whether there is one.
    mutating func pass(_ key: Key, to reference: DeliveryReference, where isOver: (DeliveryReference) -> Bool) -> Bool {
        guard let index = letters[key]?.firstIndex(where: { isOver($0.reference) }) else { return false }
        letters[key]?[index].reference = reference
        return true
    }

    /// A letter was kept.
    ///
    /// - Returns: the delivery that waited for it last.
    mutating func remove(_ key: Key, _ number: UInt64) -> DeliveryReference? {
        guard let index = letters[key]?.firstIndex(where: { $0.number == number }) else { return nil }
        let reference = letters[key]?.remove(at: index).reference
        if letters[key]?.isEmpty == true { letters[key] = nil }
        return reference
    }
}
