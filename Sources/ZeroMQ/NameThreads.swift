/// Which I/O thread carries an endpoint.
///
/// libzmq looks host names up in the I/O thread, again at each attempt to connect, and all else in that thread waits meanwhile:
/// where the name server does not answer, for seconds. So addresses have the first thread to themselves, and each endpoint with
/// a name has another; where those are too many, each host.
struct NameThreads {
    /// Of all threads: libzmq takes a choice of them as a mask of 64 bits, which is an `Int` here.
    static let limit = 63

    /// How many threads there are, that of addresses included.
    let count: Int
    private let isByHost: Bool
    /// By endpoint or host, in the order in which they came.
    private var numbers: [String: Int] = [:]

    /// - Parameter endpoints: what will be connected to, as far as it is known; later ones share the threads that there are.
    init(_ endpoints: [String] = []) {
        let named = Set(endpoints).compactMap { endpoint in Self.host(of: endpoint).map { (endpoint, $0) } }
        isByHost = named.count >= Self.limit
        let needed = isByHost ? Set(named.map(\.1)).count : named.count
        // One for the first name that comes later.
        count = min(1 + max(needed, 1), Self.limit)
    }

    /// What `ZMQ_AFFINITY` has to be for an endpoint that is connected to.
    mutating func affinity(of endpoint: String) -> Int {
        guard let host = Self.host(of: endpoint) else { return Self.addresses }
        let key = isByHost ? host : endpoint
        let number = numbers[key] ?? 1 + numbers.count % (count - 1)
        numbers[key] = number
        return 1 << number
    }

    /// What it has to be where nothing is looked up.
    static let addresses = 1

    /// The host that would have to be looked up; nil where the endpoint is an address, or no TCP.
    private static func host(of endpoint: String) -> String? {
        let scheme = "tcp://"
        // libzmq takes `source;destination`.
        guard endpoint.hasPrefix(scheme), let part = endpoint.dropFirst(scheme.count).split(separator: ";").last,
            let colon = part.lastIndex(of: ":")
        else { return nil }
        let host = part[..<colon]
        let isAddress = host.hasPrefix("[") || host.utf8.allSatisfy { "0123456789.".utf8.contains($0) }
        return isAddress ? nil : host.lowercased()
    }
}
