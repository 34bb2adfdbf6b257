import Foundation

/// A port on loopback where connections are taken by the kernel and not answered.
final class SilentListener {
    let port: Int
    private var descriptor: Int32

    init() throws {
        port = try freePort()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        // Its port is kept for it.
        var isShared: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isShared, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        address.sin_port = in_port_t(port).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, listen(descriptor, 8) == 0 else { throw HarnessError("listen: error \(errno)") }
    }

    /// Answers one connection, waited for, and ends it when the other end has spoken or ended it.
    func answerOne(_ bytes: [UInt8]) async throws {
        let descriptor = descriptor
        try await blocking { try Self.answerOne(bytes, on: descriptor) }
    }

    private static func answerOne(_ bytes: [UInt8], on descriptor: Int32) throws {
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let peer = accept(descriptor, nil, nil)
        guard peer >= 0 else { throw HarnessError("accept: error \(errno)") }
        defer { close(peer) }
        setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var heard: [UInt8] = Array(repeating: 0, count: 1024)
        while recv(peer, &heard, heard.count, 0) > 0 {}
    }

    /// Waits until somebody connects, who is answered nothing.
    func awaitPeer() async throws {
        let descriptor = descriptor
        try await blocking {
            var peer = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&peer, 1, 60_000) == 1 else { throw HarnessError("nobody connects") }
        }
    }

    /// Breaks ZMTP in one connection, waited for, over which libzmq gives its endpoint up, and gives the port free.
    func breakOff() async throws {
        // ZMTP 3.0, but a mechanism that is not the bridge's.
        let greeting: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 0] + Array("PLAIN".utf8)
        try await answerOne(greeting + Array(repeating: 0, count: 47))
        end()
    }

    deinit { end() }

    /// Gives the port free.
    func end() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
