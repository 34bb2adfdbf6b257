import CZlib
import Foundation

/// One input as a stream of bytes: a file or standard input, unpacked where it is gzip.
///
/// zlib's own file reading tells gzip from what is not by its first bytes, and reads members one behind the other.
final class CaptureFile {
    /// The path that stands for standard input.
    static let standardInput = "-"

    let path: String
    /// Bytes in the file system; nil where that is not known beforehand.
    let size: Int?
    private let handle: gzFile

    init(path: String) throws(CaptureError) {
        let isStandardInput = path == Self.standardInput
        let descriptor = isStandardInput ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CaptureError(.unreadable, path: path, Self.systemError()) }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw CaptureError(.unreadable, path: path, "is a directory")
        }
        guard let handle = gzdopen(descriptor, "rb") else {
            close(descriptor)
            throw CaptureError(.unreadable, path: path, "zlib has no memory for it")
        }
        gzbuffer(handle, 1 << 17)
        self.path = path
        self.handle = handle
        size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    deinit {
        gzclose(handle)
    }

    /// Bytes of the file, as it lies there, that have been read.
    var position: Int { max(0, Int(gzoffset(handle))) }

    /// Reads what there is, waiting for the first byte.
    ///
    /// - Returns: 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(CaptureError) -> Int {
        let count = unsafe gzread(handle, buffer.baseAddress, UInt32(clamping: buffer.count))
        if count > 0 { return Int(count) }
        var code: Int32 = 0
        let text = unsafe gzerror(handle, &code).map { unsafe String(cString: $0) } ?? ""
        switch code {
        case Z_OK, Z_STREAM_END: return 0
        case Z_ERRNO: throw CaptureError(.unreadable, path: path, Self.systemError())
        case Z_BUF_ERROR: throw CaptureError(.damaged, path: path, "the gzip stream ends early")
        default: throw CaptureError(.damaged, path: path, "the gzip stream is damaged: \(text)")
        }
    }

    private static func systemError() -> String { unsafe String(cString: strerror(errno)) }
}
