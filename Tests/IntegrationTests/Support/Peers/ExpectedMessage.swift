import Foundation

/// What must become of a captured envelope, as a Python script that knows nothing of the bridge works it out.
struct ExpectedMessage: Decodable {
    let topic: String
    let id: String
    /// `nil` where the envelope has no time.
    let sentAt: String?
    let canonical: String
    let body: Data

    private enum CodingKeys: String, CodingKey {
        case topic, id, canonical, body
        case sentAt = "sent_at"
    }

    /// What must become of every line of a file of envelopes.
    static func messages(of file: URL) async throws -> [ExpectedMessage] {
        try await PythonPeer.with("expectations", [file.path]) { peer in
            try await peer.next("end")
            return try peer.taken("expected", as: ExpectedMessage.self)
        }
    }
}
