import Foundation

@testable import Fedmsg

/// Keys and certificates of the unit tests, which last until 2120.
private let pki = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Tests/FedmsgTests/Fixtures/pki").standardized.path

private let verifier: SignatureVerifier? = try? SignatureVerifier(
    SignatureVerifier.Configuration(authority: "\(pki)/ca.crt", revocationList: "\(pki)/crl.pem", cacheCapacity: 4)
)

private let time = JudgingTime.receipt(1_768_003_200)

/// Any bytes as certificate, as the base64 of one and as an envelope have one verdict, whether it is cached or not;
/// and base64 is read from JSON as from the text that the JSON stands for.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let verifier else { fatalError("no keys in \(pki)") }
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))

    _ = PEM.strictFirstCertificate(in: bytes)
    _ = Certificate(der: bytes)
    _ = RevocationList(pem: bytes)
    let base64 = Base64.lines(bytes)
    var decoded: [UInt8] = []
    precondition(Base64.decode(base64.utf8Span.span.bytes, isJSON: false, into: &decoded) && decoded == bytes)
    judge(Array(envelope(certificate: Array(base64.replacing("\n", with: "\\n").utf8))), verifier)
    judge(envelope(certificate: bytes), verifier)
    judge(bytes, verifier)
    return 0
}

private func envelope(certificate: [UInt8]) -> [UInt8] {
    Array(#"{"msg":{},"topic":"a","crypto":"x509","signature":"QUJD","certificate":""#.utf8) + certificate
        + Array(#""}"#.utf8)
}

private func judge(_ bytes: [UInt8], _ verifier: SignatureVerifier) {
    guard let envelope = try? Envelope(bytes) else { return }
    let span = bytes.span.bytes
    var workspace = SignatureWorkspace()
    let verdict = verifier.verify(envelope, in: span, frame: nil, at: time, using: &workspace)
    precondition(verdict == verifier.verify(envelope, in: span, frame: nil, at: time, using: &workspace))
    if case .valid(let name) = verdict { precondition(name == "app01.example.org") }
    _ = verifier.verify(envelope, in: span, frame: span, at: .message(0), isStored: true, using: &workspace)

    for key in [Envelope.Key.signature, .certificate] {
        guard let value = envelope[key], case .text = value.kind else { continue }
        let contents = span.extracting(value.contents)
        var text: [UInt8] = []
        JSONText.decode(contents, into: &text)
        var (fromJSON, fromText): ([UInt8], [UInt8]) = ([], [])
        let isRead = Base64.decode(contents, isJSON: true, into: &fromJSON)
        precondition(isRead == Base64.decode(text.span.bytes, isJSON: false, into: &fromText))
        precondition(!isRead || fromJSON == fromText)
    }
}
