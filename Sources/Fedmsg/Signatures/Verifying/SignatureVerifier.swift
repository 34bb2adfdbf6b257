import Foundation
import Synchronization

/// Judges fedmsg's signatures as fedmsg 1.1.7 itself does.
///
/// Any number of threads may use one, each with a workspace of its own.
public final class SignatureVerifier: Sendable {
    /// fedmsg's settings.
    public struct Configuration: Sendable {
        /// `ca_cert_location`: a PEM file whose first certificate is the CA's.
        public var authority: String
        /// `crl_location`: a PEM file; nil to check no revocations.
        public var revocationList: String?
        /// Common names that may send on a topic. On others anybody may, unless nitpicky.
        public var routingPolicy: [String: [String]]
        /// `routing_nitpicky`: nobody may send on a topic that the policy does not name.
        public var isNitpicky: Bool
        /// How many verified certificates are kept.
        public var cacheCapacity: Int

        /// What is left out has fedmsg's default.
        public init(
            authority: String,
            revocationList: String? = nil,
            routingPolicy: [String: [String]] = [:],
            isNitpicky: Bool = false,
            cacheCapacity: Int = 512
        ) {
            self.authority = authority
            self.revocationList = revocationList
            self.routingPolicy = routingPolicy
            self.isNitpicky = isNitpicky
            self.cacheCapacity = cacheCapacity
        }
    }

    /// Until when the files in force are valid, in seconds since 1970.
    public struct Expiry: Hashable, Sendable {
        /// The CA's certificate.
        public let authority: Int64
        /// The revocation list's next update; nil where there is no list, or it doesn't say.
        public let revocationList: Int64?
    }

    private struct State {
        var trust: Trust
        /// When the files were last found to hold what is in force, in seconds since 1970.
        var readAt: Int64
        /// When a message last gave reason to read them.
        var askedAt: ContinuousClock.Instant?
    }

    private let policy: RoutingPolicy
    private let cacheCapacity: Int
    /// How often messages can make the files be read.
    private let patience: Duration
    private let state: Mutex<State>
    private let reading = Mutex(())

    /// Reads the files.
    ///
    /// - Throws: `CredentialsError` for what can't be read, and for what would make every message fail: a CA that is
    ///   not a root, a revocation list that is not the CA's.
    public convenience init(_ configuration: Configuration) throws(CredentialsError) {
        try self.init(configuration, patience: .seconds(1))
    }

    init(_ configuration: Configuration, patience: Duration) throws(CredentialsError) {
        let files = TrustFiles(authority: configuration.authority, revocationList: configuration.revocationList)
        policy = RoutingPolicy(configuration.routingPolicy, isNitpicky: configuration.isNitpicky)
        cacheCapacity = configuration.cacheCapacity
        self.patience = patience
        let trust = try Trust(files, files.read(), cacheCapacity: cacheCapacity)
        state = Mutex(State(trust: trust, readAt: Self.now))
    }

    /// Until when the files in force are valid.
    public var expiry: Expiry {
        let trust = state.withLock { $0.trust }
        return Expiry(authority: trust.authority.validity.upperBound, revocationList: trust.revocations?.nextUpdate)
    }

    /// Reads the files again.
    ///
    /// - Returns: whether they held something new, which is in force from now on.
    /// - Throws: `CredentialsError`; what was in force stays so.
    @discardableResult
    public func reload() throws(CredentialsError) -> Bool {
        // One at a time, so that what was read first is never put in force last.
        try reading.withLock { _ throws(CredentialsError) in
            let current = state.withLock { $0.trust }
            let contents = try current.files.read()
            let isNew = current.contents != contents
            let trust = isNew ? try Trust(current.files, contents, cacheCapacity: cacheCapacity) : current
            state.withLock { state in
                state.trust = trust
                state.readAt = Self.now
            }
            return isNew
        }
    }

    /// Judges a message.
    ///
    /// - Parameters:
    ///   - envelope: the one that `bytes` hold.
    ///   - frame: the topic frame it came with, which must be the envelope's topic; nil where there was none.
    ///   - time: as of when the certificate is judged.
    ///   - isStored: whether the message comes out of datanommer, whose additions are then undone.
    ///   - workspace: the caller's own.
    public func verify(
        _ envelope: Envelope,
        in bytes: RawSpan,
        frame: RawSpan?,
        at time: JudgingTime,
        isStored: Bool = false,
        using workspace: inout SignatureWorkspace
    ) -> SignatureVerdict {
        let verdict = judge(envelope, bytes, frame, time, isStored, &workspace)
        switch verdict {
        case .unjudged: break
        case .refused(let refusal) where refusal.reason == .badCertificate || refusal.reason == .revoked: break
        default: return verdict
        }
        // A CA or list just replaced may say otherwise. What is broken is for those to report who reload on purpose.
        guard isReadingDue(), (try? reload()) != nil else { return verdict }
        return judge(envelope, bytes, frame, time, isStored, &workspace)
    }

    private func judge(
        _ envelope: Envelope,
        _ bytes: RawSpan,
        _ frame: RawSpan?,
        _ time: JudgingTime,
        _ isStored: Bool,
        _ workspace: inout SignatureWorkspace
    ) -> SignatureVerdict {
        let (trust, readAt) = state.withLock { ($0.trust, $0.readAt) }
        let verdict = judge(envelope, bytes, frame, time, trust, readAt, isStored, &workspace)
        guard case .refused(let refusal) = verdict, refusal.reason == .badCertificate,
            let corrected = trust.corrected(time, readAt: readAt)
        else { return verdict }
        return judge(envelope, bytes, frame, corrected, trust, readAt, isStored, &workspace)
    }

    private func judge(
        _ envelope: Envelope,
        _ bytes: RawSpan,
        _ frame: RawSpan?,
        _ time: JudgingTime,
        _ trust: Trust,
        _ readAt: Int64,
        _ isStored: Bool,
        _ workspace: inout SignatureWorkspace
    ) -> SignatureVerdict {
        if let fault = trust.fault(at: time, readAt: readAt) { return .unjudged(fault) }
        workspace.reset()
        do {
            if let frame { try envelope.check(frame, in: bytes) }
            let signer = try envelope.signer(in: bytes, at: time, trust, isStored: isStored, using: &workspace)
            if let objection = policy.objection(to: signer, sending: envelope, in: bytes) { return .refused(objection) }
            return .valid(commonName: signer)
        } catch {
            return .refused(error)
        }
    }

    private func isReadingDue() -> Bool {
        let now = ContinuousClock.now
        return state.withLock { state in
            if let askedAt = state.askedAt, now - askedAt < patience { return false }
            state.askedAt = now
            return true
        }
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970) }
}
