import Fedmsg
import Foundation

/// Keys and certificates made once, with `pki.py` of the integration tests, and messages signed with them.
enum SignedBus {
    /// When what is called expired was so, and what is called future was not yet valid, in seconds since 1970.
    static let now: Int64 = 1_768_003_200

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Fixtures/pki").standardized.path

    static func path(_ name: String) -> String { "\(folder)/\(name)" }

    static func verifier(
        authority: String = "ca.crt",
        revocationList: String? = "crl.pem",
        routingPolicy: [String: [String]] = [:],
        isNitpicky: Bool = false
    ) throws -> SignatureVerifier {
        try SignatureVerifier(
            SignatureVerifier.Configuration(
                authority: path(authority),
                revocationList: revocationList.map(path),
                routingPolicy: routingPolicy,
                isNitpicky: isNitpicky
            )
        )
    }

    /// An envelope that a holder of a certificate signed.
    static func message(
        by certname: String = "app01",
        topic: String = "org.fedoraproject.test",
        timestamp: OutgoingEnvelope.Timestamp? = .seconds(now),
        body: String = #"{"b":1,"a":2.50}"#
    ) throws -> String {
        var workspace = SignatureWorkspace()
        let signer = try MessageSigner(folder: folder, certname: certname)
        var envelope = OutgoingEnvelope(
            i: 1,
            messageID: "2026-1",
            timestamp: timestamp,
            topic: topic,
            username: "apache"
        )
        envelope.credentials = try signer.sign(envelope, body: body.utf8Span.span.bytes, using: &workspace)
        var bytes: [UInt8] = []
        envelope.write(body: body.utf8Span.span.bytes, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension SignatureVerifier {
    func verdict(
        of text: String,
        frame: String? = nil,
        at time: JudgingTime = .receipt(SignedBus.now),
        isStored: Bool = false
    ) throws -> SignatureVerdict {
        var workspace = SignatureWorkspace()
        let message = try Received(text)
        let bytes = message.bytes.span.bytes
        guard let frame else {
            return verify(message.envelope, in: bytes, frame: nil, at: time, isStored: isStored, using: &workspace)
        }
        let frameBytes = frame.utf8Span.span.bytes
        return verify(message.envelope, in: bytes, frame: frameBytes, at: time, isStored: isStored, using: &workspace)
    }
}

extension SignatureVerdict {
    /// The word of a refusal or a fault, `valid` where there is none.
    var word: String {
        switch self {
        case .valid: "valid"
        case .refused(let refusal): refusal.reason.rawValue
        case .unjudged(let fault): fault.reason.rawValue
        }
    }

    var detail: String {
        switch self {
        case .valid(let commonName): commonName
        case .refused(let refusal): refusal.detail
        case .unjudged(let fault): fault.detail
        }
    }

    /// Whether words are in the detail; no words always are.
    func says(_ words: String) -> Bool { words.isEmpty || detail.contains(words) }
}

/// A folder for as long as a closure runs.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}

extension URL {
    /// Puts the contents of a fixture into a file of this folder, in place of what was there.
    func put(_ fixture: String, as name: String) throws {
        try Data(contentsOf: URL(filePath: SignedBus.path(fixture))).write(to: appending(path: name), options: .atomic)
    }
}
