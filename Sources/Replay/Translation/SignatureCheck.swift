import Bridge
package import Fedmsg
import Foundation
import NIOCore

/// Checks captured fedmsgs' signatures, what datanommer added to them undone.
package struct SignatureCheck: Sendable {
    /// As of when certificates are judged.
    package enum Time: Sendable {
        case now
        /// The message's own timestamp: captures outlive their certificates.
        case message
    }

    private let verifier: SignatureVerifier
    private let time: Time

    package init(_ verifier: SignatureVerifier, asOf time: Time) {
        self.verifier = verifier
        self.time = time
    }

    /// - Throws: why nobody can be believed to have sent the message. What is no envelope is left to the translator.
    func check(_ message: CapturedMessage, using workspace: inout SignatureWorkspace) throws(Rejection) {
        let bytes = message.bytes.readableBytesSpan
        guard let envelope = try? Envelope(bytes) else { return }
        let judgingTime: JudgingTime
        switch time {
        case .now: judgingTime = .receipt(Int64(Date().timeIntervalSince1970))
        case .message:
            guard let timestamp = envelope.timestamp(in: bytes) else {
                throw Rejection(.badCertificate, "the message has no time as of which to judge its certificate")
            }
            judgingTime = .message(timestamp)
        }
        let verdict = verifier.verify(
            envelope,
            in: bytes,
            frame: message.topic?.readableBytesSpan,
            at: judgingTime,
            isStored: true,
            using: &workspace
        )
        switch verdict {
        case .valid: return
        case .refused(let refusal):
            throw Rejection(refusal)
        case .unjudged(let fault): throw Rejection(.badCertificate, "\(fault)")
        }
    }
}
