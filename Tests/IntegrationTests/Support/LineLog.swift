import Foundation
import Synchronization

/// The lines that a process wrote, as a thread of its own reads them.
final class LineLog: Sendable {
    private struct State {
        var lines: [String] = []
        var ended = false
    }

    private let state = Mutex(State())

    /// Reads `descriptor` to its end and closes it.
    init(reading descriptor: Int32) {
        Thread.detachNewThread { [self] in
            var pending: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                append(buffer[..<count], to: &pending)
            }
            close(descriptor)
            state.withLock { state in
                if !pending.isEmpty { state.lines.append(String(decoding: pending, as: UTF8.self)) }
                state.ended = true
            }
        }
    }

    /// Every line so far.
    var lines: [String] { state.withLock { $0.lines } }

    /// Whether the other end has closed and every line is here.
    var ended: Bool { state.withLock { $0.ended } }

    /// The lines from `position` on.
    func lines(from position: Int) -> ArraySlice<String> {
        state.withLock { $0.lines[min(position, $0.lines.count)...] }
    }

    /// Takes over the lines that `bytes` complete; looks at each byte once, since lines may have many megabytes.
    private func append(_ bytes: ArraySlice<UInt8>, to pending: inout [UInt8]) {
        guard let last = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
            pending += bytes
            return
        }
        var complete = bytes[..<last].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        var lines: [String] = []
        if let first = complete.popFirst() {
            pending += first
            lines.append(String(decoding: pending, as: UTF8.self))
        }
        lines += complete.map { String(decoding: $0, as: UTF8.self) }
        pending = Array(bytes[(last + 1)...])
        state.withLock { $0.lines += lines }
    }
}
