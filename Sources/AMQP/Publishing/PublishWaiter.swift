/// A publish that waits for room.
struct QueuedPublish {
    var id: UInt64
    var message: AMQPMessage
    var waiter: PublishWaiter
}

/// Who is told what becomes of a publish.
enum PublishWaiter {
    /// Waits for the outcome.
    case outcome(id: UInt64, CheckedContinuation<Result<Void, PublishError>, Never>)
    /// Waits for the moment at which it goes out.
    case sending(id: UInt64, CheckedContinuation<Result<PublishReceipt, PublishError>, Never>)
    /// Went out, and may be asked for later.
    case receipt(PublishReceipt)
    /// One of many that are awaited together.
    case group(PublishGroup, index: Int)

    /// Names the call that waits; nil where none does any more.
    var id: UInt64? {
        switch self {
        case .outcome(let id, _), .sending(let id, _): id
        case .receipt: nil
        case .group(let group, _): group.id
        }
    }

    func settle(_ outcome: PublishOutcome) {
        let result = Result { () throws(PublishError) in try outcome.get() }
        switch self {
        case .outcome(_, let continuation): continuation.resume(returning: result)
        case .sending: break
        case .receipt(let receipt): receipt.settle(result)
        case .group(let group, let index): group.settle(index, result)
        }
    }

    /// It never went out.
    func fail(_ error: PublishError) {
        switch self {
        case .outcome(_, let continuation): continuation.resume(returning: .failure(error))
        case .sending(_, let continuation): continuation.resume(returning: .failure(error))
        case .receipt(let receipt): receipt.settle(.failure(error))
        case .group(let group, let index): group.settle(index, .failure(error))
        }
    }
}
