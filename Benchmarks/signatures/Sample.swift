import Foundation

/// A signed message, and what of it libcrypto needs.
struct Sample {
    /// To be signed, with the body.
    let outgoing: OutgoingEnvelope
    let body: [UInt8]
    /// The signed envelope.
    let bytes: [UInt8]
    let envelope: Envelope
    /// The canonical form, which is what is signed.
    let signed: [UInt8]
    let signature: [UInt8]

    /// The captured messages of the tests.
    static func read(_ fixtures: String) throws -> [Sample] {
        let signer = try MessageSigner(folder: "\(fixtures)/pki", certname: "app01")
        return try String(contentsOfFile: "\(fixtures)/fedmsgs.jsonl", encoding: .utf8).split(separator: "\n")
            .compactMap {
                try Sample(Array($0.utf8), signer)
            }
    }

    /// Nil where the line is no envelope.
    private init?(_ line: [UInt8], _ signer: MessageSigner) throws {
        guard let captured = try? Envelope(line) else { return nil }
        let text = line.span.bytes
        var outgoing = OutgoingEnvelope(
            i: 1,
            messageID: captured.text(.msgID, in: text) ?? "2026-1",
            timestamp: .seconds(1_768_003_200),
            topic: captured.text(.topic, in: text) ?? "org.fedoraproject.test",
            username: "apache"
        )
        let body = Array(line[captured.body])
        var workspace = SignatureWorkspace()
        outgoing.credentials = try signer.sign(outgoing, body: body.span.bytes, using: &workspace)
        var bytes: [UInt8] = []
        outgoing.write(body: body.span.bytes, to: &bytes)
        self.outgoing = outgoing
        self.body = body
        self.bytes = bytes
        envelope = try Envelope(bytes)
        signed = workspace.signed
        guard case .x509(_, let lines) = outgoing.credentials,
            let signature = Data(base64Encoded: lines, options: .ignoreUnknownCharacters)
        else { return nil }
        self.signature = Array(signature)
    }
}
