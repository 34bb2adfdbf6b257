/// Whether fedmsg is heard: each endpoint is connected, or has not answered for so long that nothing comes from there.
struct Presence {
    /// How long an endpoint is waited for.
    static let patience: UInt64 = 10_000_000_000

    private let endpoints: Set<String>
    private var connected: Set<String> = []
    /// When an endpoint was lost, or the wait for the first began.
    private var since: UInt64

    init(_ endpoints: [String], now: UInt64) {
        self.endpoints = Set(endpoints)
        since = now
    }

    mutating func note(_ endpoint: String, isConnected: Bool, now: UInt64) {
        if isConnected {
            connected.insert(endpoint)
        } else if connected.remove(endpoint) != nil {
            since = now
        }
    }

    func isHeard(now: UInt64) -> Bool {
        connected == endpoints || now >= since + Self.patience
    }

    /// Endpoints that do not answer.
    var away: [String] { endpoints.subtracting(connected).sorted() }
}
