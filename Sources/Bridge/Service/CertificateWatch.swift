import AMQP
import Fedmsg
import Foundation
import Logging
import Metrics
import Spool
import Synchronization

/// Reads the CA, the CRL and our own certificate again when their files change, reconnects when those for TLS do, and
/// tells when they expire.
final class CertificateWatch: Sendable {
    /// Who reads the files.
    struct Readers: Sendable {
        /// `nil` where signatures are not checked.
        var verifier: SignatureVerifier?
        /// `nil` where messages are not signed.
        var signer: MessageSigner?
        /// How the broker is reached.
        var amqp: AMQPConfiguration
        /// Directions that are switched off as of the next start: their files may be gone.
        var leaving: Set<Direction> = []
    }

    private struct State {
        var readers: Readers
        /// What the files for TLS held when the connections were last opened for them.
        var tlsFiles: [String: Data?]
        /// The last look or change that has begun or waits.
        var turn: Task<Void, Never>?
    }

    private static let remedy = "replace the file, it is read again by itself"
    private static let interval = Duration.seconds(60)

    private let state: Mutex<State>
    private let board: StatusBoard
    private let expiry: [CertificateKind: Meter]
    private let clock: any Clocks
    private let sleep: @Sendable (Duration) async -> Void
    private let logger: Logger
    private let reconnect: @Sendable (AMQPConfiguration) async throws -> Void

    /// - Parameters:
    ///   - sleep: waits so long, or until the task is cancelled.
    ///   - reconnect: opens the broker's connections anew, which reads the files for TLS.
    init(
        _ readers: Readers,
        board: StatusBoard,
        factory: any MetricsFactory,
        clock: any Clocks,
        sleep: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) },
        logger: Logger,
        reconnect: @escaping @Sendable (AMQPConfiguration) async throws -> Void
    ) {
        state = Mutex(State(readers: readers, tlsFiles: readers.amqp.tlsFiles))
        self.board = board
        self.clock = clock
        self.sleep = sleep
        self.logger = logger
        self.reconnect = reconnect
        expiry = .init(
            uniqueKeysWithValues: CertificateKind.allCases.map { kind in
                (kind, Meter("certificate_expiry_timestamp_seconds", [("what", kind.rawValue)], factory: factory))
            }
        )
        tell()
    }

    /// What is in force.
    var readers: Readers { state.withLock { $0.readers } }

    /// Looks at the files every 60 s, until cancelled.
    func run() async {
        await tellTLS()
        while !Task.isCancelled {
            await sleep(Self.interval)
            guard !Task.isCancelled else { return }
            await look()
        }
    }

    /// Has `body` change over to another configuration, and looks at its files from then on. Looks wait meanwhile, and are waited
    /// for: one of them would reconnect to the old broker, with what `body` has declared for the new one.
    ///
    /// - Parameters:
    ///   - reconnects: whether the broker is reached in another way.
    ///   - body: given what reads the files and reconnects, which it calls when it is time to.
    func change(
        to readers: Readers,
        reconnects: Bool,
        by body: (_ renew: @Sendable () async -> Void) async throws -> Void
    ) async rethrows {
        let end = await takeTurn()
        defer { end.finish() }
        try await body { await self.renew(readers, reconnects: reconnects) }
    }

    /// Reads the files again. A broken new one leaves the old in force, loudly.
    ///
    /// - Parameter leaving: the directions that are switched off as of the next start; those that were so, where it is nil.
    @concurrent
    func look(leaving: Set<Direction>? = nil) async {
        let end = await takeTurn()
        defer { end.finish() }
        if let leaving { state.withLock { $0.readers.leaving = leaving } }
        await readFiles()
    }

    /// Waits until those before it are done.
    ///
    /// - Returns: what ends the turn that it has then.
    private func takeTurn() async -> AsyncStream<Void>.Continuation {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let before = state.withLock { state in
            defer { state.turn = Task { for await _ in ends {} } }
            return state.turn
        }
        await before?.value
        return end
    }

    /// On the global pool, whoever calls: disks may be slow.
    @concurrent
    private func renew(_ readers: Readers, reconnects: Bool) async {
        state.withLock { $0.readers = readers }
        if reconnects { await reconnect(readers.amqp, reading: readers.amqp.tlsFiles) }
        await readFiles()
    }

    private func readFiles() async {
        let readers = state.withLock { $0.readers }
        read("CA or CRL", leaves: readers.leaving.contains(.toAMQP)) { () throws(CredentialsError) in
            try readers.verifier?.reload()
        }
        read("fedmsg certificate", leaves: readers.leaving.contains(.toFedmsg)) { () throws(CredentialsError) in
            try readers.signer?.reload()
        }
        tell()
        await tellTLS()
        await lookAtTLS(readers.amqp)
    }

    private func read(_ name: String, leaves: Bool, by reload: () throws(CredentialsError) -> Bool?) {
        guard !leaves else { return isUsable(name) }
        do throws(CredentialsError) {
            if try reload() == true { logger.info("\(name) read again") }
            isUsable(name)
        } catch {
            isUnusable(name, "the old one stays", error)
        }
    }

    /// A certificate counts from the next connection on. One that is broken, or whose key is yet to come, must not cost
    /// the one at hand.
    private func lookAtTLS(_ amqp: AMQPConfiguration) async {
        let files = amqp.tlsFiles
        let name = "files for TLS"
        guard state.withLock({ $0.tlsFiles }) != files else { return isUsable(name) }
        do {
            try await amqp.checkFiles()
        } catch {
            return isUnusable(name, "the connections stay as they are", error)
        }
        isUsable(name)
        logger.notice("files for TLS changed: connecting anew")
        await reconnect(amqp, reading: files)
    }

    private func reconnect(_ amqp: AMQPConfiguration, reading files: [String: Data?]) async {
        state.withLock { $0.tlsFiles = files }
        do {
            try await reconnect(amqp)
        } catch {
            logger.error("can't connect anew", metadata: [LogKey.error: "\(error)"])
        }
    }

    private func isUsable(_ name: String) { board.clear(.configNotReloaded, source: name) }

    /// A warning until it is usable: what is in force expires some day, and a start would refuse the new one.
    private func isUnusable(_ name: String, _ rest: String, _ error: any Error) {
        let text = "the new \(name) can't be used, \(rest): \(error); \(Self.remedy)"
        board.raise(.configNotReloaded, source: name, text)
    }

    private func tell() {
        let readers = state.withLock { $0.readers }
        note(.authority, readers.verifier?.expiry.authority)
        note(.revocationList, readers.verifier?.expiry.revocationList)
        note(.own, readers.signer?.expiry)
    }

    private func tellTLS() async {
        let amqp = state.withLock { $0.readers.amqp }
        do throws(AMQPError) {
            let (own, authority) = (try await amqp.certificateExpiry(), try await amqp.authorityExpiry())
            expiry[.tls]?.set([own, authority].compactMap(\.self).min() ?? 0)
            warn(CertificateKind.tlsCertificate, own)
            warn(CertificateKind.tlsAuthority, authority)
        } catch {
            // The look at the files warns of it, and so does each connect.
        }
    }

    private func note(_ kind: CertificateKind, _ end: Int64?) {
        expiry[kind]?.set(end ?? 0)
        warn(kind.name, end)
    }

    /// What has expired is another trouble than what soon will: each is logged when it begins.
    private func warn(_ name: String, _ end: Int64?) {
        let now = clock.now / 1_000_000
        let text = end.flatMap { CertificateKind.text(of: $0, at: now) }
        let isOver = end.map { $0 <= now } ?? false
        // What begins comes before what ends by it: there is no moment without a warning.
        for (source, holds) in [("\(name), expired", isOver), (name, text != nil && !isOver)] {
            if let text, holds {
                board.raise(.certificateExpires, source: source, "\(name) \(text): \(Self.remedy)")
            } else {
                board.clear(.certificateExpires, source: source)
            }
        }
    }
}

extension AMQPConfiguration {
    /// What the files for TLS hold, by path; nothing for those that can't be read.
    fileprivate var tlsFiles: [String: Data?] {
        var files: [String: Data?] = [:]
        for tls in endpoints.compactMap(\.tls) {
            var paths = [tls.certificateFile, tls.keyFile].compactMap(\.self)
            if case .file(let path) = tls.trustRoots { paths.append(path) }
            for path in paths { files.updateValue(FileManager.default.contents(atPath: path), forKey: path) }
        }
        return files
    }
}
