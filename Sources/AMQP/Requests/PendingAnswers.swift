internal import NIOCore
internal import Synchronization

/// Who waits for which answer, by correlation id. An answer that nobody waits for is dropped.
final class PendingAnswers: Sendable {
    typealias Answer = Result<AMQPDelivery, AMQPError>

    private struct State {
        var latest: UInt64 = 0
        var waiting: [String: OneShot<Answer>] = [:]
    }

    private let state = Mutex(State())

    /// A new correlation id, whose answer is kept until ``end(_:)``.
    func begin() -> String {
        state.withLock { state in
            state.latest += 1
            let id = String(state.latest)
            state.waiting[id] = OneShot()
            return id
        }
    }

    func end(_ id: String) {
        state.withLock { state in
            state.waiting[id]?.fulfil(.failure(AMQPError(.cancelled, "nobody waits for the answer any more")))
            state.waiting[id] = nil
        }
    }

    /// Waits for the answer, or until ``fail(_:)`` or the end of the task.
    func answer(to id: String) async -> Answer {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isKnown = state.withLock { $0.waiting[id]?.await(continuation) != nil }
                guard !isKnown else { return }
                continuation.resume(returning: .failure(AMQPError(.cancelled, "nobody waits for the answer any more")))
            }
        } onCancel: {
            let error = AMQPError(.cancelled, "the task that waited for the answer was cancelled")
            state.withLock { $0.waiting[id]?.fulfil(.failure(error)) }
        }
    }

    func received(_ delivery: AMQPDelivery) {
        guard let id = delivery.properties.correlationID else { return }
        state.withLock { $0.waiting[id]?.fulfil(.success(delivery)) }
    }

    /// The channel is gone to which the answers would have come.
    func fail(_ cause: AMQPError) {
        let error = AMQPError(.outcomeUnknown, "the channel was lost before the answer came", underlying: cause)
        state.withLock { state in
            for id in state.waiting.keys { state.waiting[id]?.fulfil(.failure(error)) }
        }
    }
}
