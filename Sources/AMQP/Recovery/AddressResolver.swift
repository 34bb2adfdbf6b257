internal import NIOCore
internal import NIOPosix

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// All addresses of a host's name, in the system's order of preference (RFC 6724).
///
/// NIO's own bootstrap races addresses and keeps them to itself; trying each in turn needs the list.
enum AddressResolver {
    /// Asks the system, on NIO's threads for blocking work: a name server that does not answer may take a minute.
    ///
    /// - Throws: ``AMQPError`` with `nameResolutionFailed`.
    static func addresses(of host: String, port: Int) async throws(AMQPError) -> [SocketAddress] {
        if let address = try? SocketAddress(ipAddress: host, port: port) { return [address] }
        do {
            return try await NIOThreadPool.singleton.runIfActive { try lookUp(host, port: port) }
        } catch {
            throw error as? AMQPError ?? AMQPError(.nameResolutionFailed, "host \(host): no answer", underlying: error)
        }
    }

    private static func lookUp(_ host: String, port: Int) throws(AMQPError) -> [SocketAddress] {
        var hints = addrinfo()
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            let reason = String(cString: gai_strerror(status))
            throw AMQPError(.nameResolutionFailed, "host \(host): \(reason)")
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr.flatMap({ SocketAddress($0, family: entry.ai_family) }),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            next = entry.ai_next
        }
        guard !addresses.isEmpty else { throw AMQPError(.nameResolutionFailed, "host \(host): no address") }
        return addresses
    }
}

extension SocketAddress {
    fileprivate init?(_ address: UnsafeMutablePointer<sockaddr>, family: Int32) {
        let raw = UnsafeRawPointer(address)
        switch family {
        case AF_INET: self.init(raw.load(as: sockaddr_in.self))
        case AF_INET6: self.init(raw.load(as: sockaddr_in6.self))
        default: return nil
        }
    }
}
