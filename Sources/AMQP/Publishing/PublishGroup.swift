/// Publishes that are awaited together. Lives on the connection's event loop.
final class PublishGroup {
    let id: UInt64
    private var results: [Result<Void, PublishError>]
    private var unsettled: Int
    private var continuation: CheckedContinuation<[Result<Void, PublishError>], Never>?

    init(id: UInt64, count: Int, _ continuation: CheckedContinuation<[Result<Void, PublishError>], Never>) {
        self.id = id
        results = Array(repeating: .success(()), count: count)
        unsettled = count
        self.continuation = continuation
    }

    func settle(_ index: Int, _ result: Result<Void, PublishError>) {
        results[index] = result
        unsettled -= 1
        guard unsettled == 0 else { return }
        continuation?.resume(returning: results)
        continuation = nil
    }
}
