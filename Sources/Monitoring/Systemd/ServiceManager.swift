import Bridge
import Foundation

/// systemd, as a service talks to it (`sd_notify`): each message a datagram to `$NOTIFY_SOCKET`, of lines `NAME=value`.
///
/// Where no service manager listens, everything here does nothing. A message that can't be sent is lost: the service goes
/// on without its manager.
public final class ServiceManager: Sendable {
    /// What the manager is told.
    public enum Message: Equatable, Sendable {
        /// Started, or done with reloading.
        case ready
        /// Reading the configuration again, since a time in microseconds of `CLOCK_MONOTONIC`.
        case reloading(monotonic: UInt64)
        case stopping
        /// A line for `systemctl status`.
        case status(String)
        /// Alive: to be said at least every ``watchdogInterval`` times two.
        case watchdog
        /// Whatever is under way, starting or stopping, may take so long yet.
        case extendTimeout(Duration)
    }

    /// How often to say ``Message/watchdog``, half of what the manager waits; nil where it does not wait.
    public let watchdogInterval: Duration?

    private let address: SocketAddress?
    private let descriptor: Int32

    /// - Parameter environment: of which `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` count.
    public init(environment: [String: String]) {
        address = environment["NOTIFY_SOCKET"].flatMap(SocketAddress.init)
        descriptor =
            address == nil
            ? -1 : socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        watchdogInterval = environment["WATCHDOG_USEC"].flatMap(Int64.init)
            .flatMap { isMeant && $0 > 0 ? .microseconds($0 / 2) : nil }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Tells it all of these at once.
    public func notify(_ messages: Message...) {
        guard let address, descriptor >= 0 else { return }
        let text = messages.map { $0.lines + "\n" }.joined()
        address.send(Array(text.utf8), from: descriptor)
    }
}

extension ServiceManager.Message {
    /// Bytes of a status: systemd drops a datagram of more than 4096, and an escape has six for one.
    private static let statusLimit = 600

    var lines: String {
        switch self {
        case .ready: "READY=1"
        case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time)"
        case .stopping: "STOPPING=1"
        case .status(let text): "STATUS=\(Printable.beginning(text.utf8, limit: Self.statusLimit))"
        case .watchdog: "WATCHDOG=1"
        case .extendTimeout(let duration): "EXTEND_TIMEOUT_USEC=\(Int64(duration / .microseconds(1)))"
        }
    }
}

/// The address of a socket in the file system, or, where it begins with `@`, in Linux's abstract namespace.
private struct SocketAddress {
    private var storage = sockaddr_un()
    private let length: socklen_t

    init?(_ path: String) {
        var bytes = Array(path.utf8)
        guard bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: storage.sun_path) else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "/"): bytes.append(0)
        case UInt8(ascii: "@"): bytes[0] = 0
        default: return nil
        }
        storage.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &storage.sun_path) { $0.copyBytes(from: bytes) }
        // An abstract name is as long as this says, and has no zero at its end.
        length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + bytes.count } ?? 0)
    }

    func send(_ bytes: [UInt8], from descriptor: Int32) {
        withUnsafePointer(to: storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
