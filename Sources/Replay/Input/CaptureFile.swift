import Foundation

/// One input as a stream of bytes: a file or standard input, unpacked where it is gzip.
final class CaptureFile {
    /// The path that stands for standard input.
    static let standardInput = "-"
    /// How long a read that waits goes without a look at whether the task was cancelled.
    private static let waitLimit: Int32 = 100

    let path: String
    /// Bytes in the file system; nil where that is not known beforehand.
    let size: Int?
    /// Bytes that have been read, as they lie in the file.
    private(set) var position = 0

    private let descriptor: Int32
    private let mayWait: Bool
    /// What was read to see whether it is gzip, and is still to be given; nil once that is done.
    private var beginning: ArraySlice<UInt8>?
    private var isAtBeginning = true
    private var gzip: GzipStream?

    init(path: String) throws(CaptureError) {
        let isStandardInput = path == Self.standardInput
        descriptor = isStandardInput ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CaptureError(.unreadable, path: path, Self.systemError()) }
        var status = stat()
        let kind = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
        guard kind != S_IFDIR else {
            close(descriptor)
            throw CaptureError(.unreadable, path: path, "is a directory")
        }
        self.path = path
        mayWait = kind != S_IFREG
        size = kind == S_IFREG ? Int(status.st_size) : nil
    }

    deinit {
        close(descriptor)
    }

    /// Looks whether an input can be read, and how many bytes it has, without reading from what can be read only once.
    static func size(of path: String) throws(CaptureError) -> Int? {
        guard path != standardInput else { return nil }
        var status = stat()
        guard stat(path, &status) == 0 else { throw CaptureError(.unreadable, path: path, systemError()) }
        if [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) { return try CaptureFile(path: path).size }
        guard access(path, R_OK) == 0 else { throw CaptureError(.unreadable, path: path, systemError()) }
        return nil
    }

    /// Whether a read would wait now.
    var isWaiting: Bool {
        guard mayWait, beginning == nil else { return false }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe Foundation.poll(&poll, 1, 0) == 0
    }

    /// Reads what there is, waiting for the first byte.
    ///
    /// - Returns: 0 at the end.
    /// - Throws: `CaptureError`, or `CancellationError` where the task was cancelled while it waited.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if isAtBeginning { try lookAtBeginning() }
        if let rest = beginning {
            let count = min(rest.count, buffer.count)
            buffer.copyBytes(from: rest.prefix(count))
            beginning = count < rest.count ? rest.dropFirst(count) : nil
            return count
        }
        guard let gzip else { return try readPacked(into: buffer) }
        do {
            return try gzip.read(into: buffer) { try readPacked(into: $0) }
        } catch let fault as GzipStream.Fault {
            throw CaptureError(.damaged, path: path, fault.description)
        }
    }

    /// Two bytes tell gzip from what is not, and a pipe may give the first one alone.
    private func lookAtBeginning() throws {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: GzipStream.blockSize)
        repeat {
            let count = try block.withUnsafeMutableBytes { try readPacked(into: $0) }
            guard count > 0 else { break }
            bytes += block.prefix(count)
        } while bytes.count < GzipStream.magic.count && GzipStream.magic.starts(with: bytes)
        isAtBeginning = false
        if bytes.starts(with: GzipStream.magic) {
            gzip = try GzipStream(startingWith: bytes)
        } else if !bytes.isEmpty {
            beginning = bytes[...]
        }
    }

    private func readPacked(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            if mayWait { try wait() }
            let count = unsafe Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 {
                position += count
                return count
            }
            guard errno == EINTR else { throw CaptureError(.unreadable, path: path, Self.systemError()) }
        }
    }

    private func wait() throws {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while unsafe Foundation.poll(&poll, 1, Self.waitLimit) == 0 { try Task.checkCancellation() }
    }

    private static func systemError() -> String { unsafe String(cString: strerror(errno)) }
}
