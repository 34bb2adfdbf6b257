import NIOCore

/// A fedmsg on its way to the bus, with what has to be remembered about its delivery.
///
/// A place in its batch, as it passes from one executor to the other and back: a copy of its parts would count references.
struct OutgoingFedmsg: Sendable {
    let batch: FedmsgBatch
    let place: Int

    var entry: FedmsgBatch.Entry { batch.entries[place] }
    /// The topic frame.
    var topic: String { text(entry.topic) }
    /// The envelope's `msg_id`.
    var messageID: String { text(entry.messageID) }

    private func text(_ range: Range<Int>) -> String {
        batch.bytes.getString(at: range.lowerBound, length: range.count) ?? ""
    }
}

extension OutgoingFedmsg {
    /// Where the message is remembered until libzmq has it.
    enum Origin: Hashable, Sendable {
        case delivery(DeliveryReference)
        /// A dead letter that an operator tries again, by its id.
        case deadLetter(Int64)

        /// The run of the consumer that brought it.
        var epoch: UInt64? {
            if case .delivery(let reference) = self { reference.epoch } else { nil }
        }
    }
}

/// Which delivery a message came as: tags count anew on each channel.
struct DeliveryReference: Hashable, Sendable {
    var epoch: UInt64
    var tag: UInt64
}
