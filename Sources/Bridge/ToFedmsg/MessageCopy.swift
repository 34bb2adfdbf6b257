/// A message of which another run of a consumer has brought one that is on its way to libzmq.
struct MessageCopy {
    let reference: DeliveryReference
    let translation: ToFedmsgTranslator.Translation
    /// When it was received, in microseconds since 1970.
    let receivedAt: Int64
}
