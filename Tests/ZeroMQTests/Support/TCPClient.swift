import Glibc
import ZeroMQ

/// A TCP connection that speaks whatever it is told.
final class TCPClient {
    private let descriptor: Int32

    /// - Parameter endpoint: `tcp://127.0.0.1:` and a port.
    init(_ endpoint: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = (endpoint.split(separator: ":").last.flatMap { UInt16($0) } ?? 0).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            throw ZeroMQError(code: .init(rawValue: errno), operation: "connect", endpoint: endpoint)
        }
    }

    deinit {
        close(descriptor)
    }

    func write(_ bytes: [UInt8]) throws {
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw ZeroMQError(code: .init(rawValue: errno), operation: "send")
        }
    }
}
