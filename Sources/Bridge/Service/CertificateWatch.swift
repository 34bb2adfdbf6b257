import AMQP
import Fedmsg
import Logging
import Metrics
import Synchronization

/// Reads the CA, the CRL and our own certificate again when their files change, and tells when they and the client
/// certificate for TLS expire.
final class CertificateWatch: Sendable {
    /// How long before an expiry it is a warning: 14 days.
    private static let notice: Int64 = 14 * 86_400

    private let verifier: SignatureVerifier?
    private let signer: MessageSigner?
    private let amqp: Mutex<AMQPConfiguration>
    private let board: StatusBoard
    private let expiry: [String: Meter]
    /// When each that there is expires, in seconds since 1970.
    private let ends = Mutex<[String: Int64]>([:])
    private let clock: any Clocks
    private let logger: Logger

    init(
        verifier: SignatureVerifier?,
        signer: MessageSigner?,
        amqp: AMQPConfiguration,
        board: StatusBoard,
        factory: any MetricsFactory,
        clock: any Clocks,
        logger: Logger
    ) {
        self.verifier = verifier
        self.signer = signer
        self.amqp = Mutex(amqp)
        self.board = board
        self.clock = clock
        self.logger = logger
        expiry = .init(
            uniqueKeysWithValues: ["ca", "crl", "own", "tls"].map { what in
                let meter = Meter(
                    label: "fedmsg_bridge_certificate_expiry_timestamp_seconds",
                    dimensions: [("what", what)],
                    factory: factory
                )
                meter.set(0)
                return (what, meter)
            }
        )
        tell()
    }

    /// Looks at the files every 60 s, until cancelled.
    func run() async {
        await tellTLS()
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(60))
            await reload()
        }
    }

    /// Looks at the files of another configuration from now on.
    func reload(_ amqp: AMQPConfiguration) async {
        self.amqp.withLock { $0 = amqp }
        await reload()
    }

    /// Reads the files again. A broken new one leaves the old in force, loudly.
    func reload() async {
        do throws(CredentialsError) {
            if try verifier?.reload() == true { logger.info("CA or CRL read again") }
        } catch {
            logger.error("the new CA or CRL can't be used, the old one stays", metadata: [LogKey.error: "\(error)"])
        }
        do throws(CredentialsError) {
            if try signer?.reload() == true { logger.info("certificate read again") }
        } catch {
            logger.error("the new certificate can't be used, the old one stays", metadata: [LogKey.error: "\(error)"])
        }
        tell()
        await tellTLS()
    }

    private func tell() {
        note("ca", verifier?.expiry.authority)
        note("crl", verifier?.expiry.revocationList)
        note("own", signer?.expiry)
    }

    /// Each connect reads the file anew, and says what is wrong with it.
    private func tellTLS() async {
        let amqp = amqp.withLock { $0 }
        do throws(AMQPError) {
            note("tls", try await amqp.certificateExpiry())
        } catch {
            logger.error("the client certificate can't be read", metadata: [LogKey.error: "\(error)"])
        }
    }

    private func note(_ what: String, _ end: Int64?) {
        expiry[what]?.set(end ?? 0)
        let now = clock.now / 1_000_000
        ends.withLock { ends in
            ends[what] = end
            // One text for all, as only one a code is shown.
            let soon = ends.filter { $0.value - now < Self.notice }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
            if soon.isEmpty { return board.clear(.certificateExpires, source: "files") }
            let texts = soon.map { what, end in
                end <= now ? "\(what) has expired" : "\(what) expires in \((end - now) / 86_400) days"
            }
            board.raise(.certificateExpires, source: "files", texts.joined(separator: ", "))
        }
    }
}
