import Foundation

/// What systemd holds of a service: a datagram socket, which hears what the service says of itself.
final class NotifySocket {
    /// For `NOTIFY_SOCKET`.
    let name: String
    private let descriptor: Int32
    private var heard: [[String]] = []

    /// - Parameter isAbstract: in Linux's abstract namespace, as in a container, else in a folder.
    init(isAbstract: Bool, in folder: URL) throws {
        let path = isAbstract ? "@fedmsg-bridge-\(UUID().uuidString)" : folder.appending(path: "notify").path
        name = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        if isAbstract { bytes[0] = 0 } else { bytes.append(0) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let result = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard result == 0 else { throw HarnessError("bind \(path): error \(errno)") }
    }

    deinit { close(descriptor) }

    /// Every message so far, in lines.
    func messages() -> [[String]] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return heard }
            heard.append(String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").map(String.init))
        }
    }

    /// Waits for a message with a line that begins so.
    @discardableResult
    func message(_ beginning: String, after position: Int = 0) async throws -> [String] {
        try await eventually("\(beginning) is said", detail: { "\(heard)" }) {
            messages().dropFirst(position).first { $0.contains { $0.hasPrefix(beginning) } }
        }
    }
}
