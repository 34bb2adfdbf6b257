/// Refuses requests to a loopback address that were meant for another host.
///
/// A page somewhere on the web can let its own name resolve to 127.0.0.1 and so read, through the browser of somebody
/// who works on this machine, what is meant for that person alone. The `Host` header gives it away.
struct HostCheck: Sendable {
    /// Whether the server is reached from this machine alone.
    let isLoopback: Bool
    private let address: String

    /// - Parameter address: what the server listens on.
    init(address: String) {
        self.address = address.lowercased()
        isLoopback = Self.isLoopback(self.address)
    }

    /// Whether an address or a name can mean this machine alone.
    static func isLoopback(_ host: String) -> Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil }
        return host == "localhost" || host == "::1" || (isIPv4 && numbers[0] == "127")
    }

    /// Whether a request with this `Host`, with or without a port, is answered. One without any is from no browser.
    func allows(_ authority: String?) -> Bool {
        guard isLoopback, let authority, !authority.isEmpty else { return true }
        let host = Self.host(of: authority.lowercased())
        return Self.isLoopback(host) || host == address
    }

    private static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }
}
