import ArgumentParser

/// As of when a replay checks signatures.
enum SignatureValidation: String, CaseIterable, ExpressibleByArgument {
    case off
    case now
    /// The message's own timestamp: captures outlive their certificates.
    case messageTime = "message-time"
}
