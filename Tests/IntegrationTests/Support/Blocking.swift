import NIOPosix

/// Runs what waits on sockets where no other test waits for it: Swift has a thread for each processor.
func blocking<Result: Sendable>(_ work: @Sendable @escaping () throws -> Result) async throws -> Result {
    try await NIOThreadPool.singleton.runIfActive(work)
}
