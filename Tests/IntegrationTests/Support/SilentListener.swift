import Foundation

/// A port on loopback where connections are taken by the kernel and never answered.
final class SilentListener {
    let port: Int
    private var descriptor: Int32

    init() throws {
        port = try freePort()
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
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

    deinit { end() }

    /// Gives the port free.
    func end() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }
}
