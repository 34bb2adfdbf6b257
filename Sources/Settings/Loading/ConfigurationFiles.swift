import Foundation

/// Finding and reading configuration files.
enum ConfigurationFiles {
    /// Larger files are no configuration.
    private static let maxBytes = 4 << 20

    /// Why a file or folder cannot be read.
    struct Unreadable: Error {
        let text: String
        var isMissing = false
    }

    /// The files that `path` means: itself, or the `*.toml` of the folder in name order.
    static func files(at path: String) throws(Unreadable) -> [String] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw Unreadable(text: lastError()) }
            throw Unreadable(text: "no such file or folder", isMissing: true)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
        guard let folder = opendir(path) else { throw Unreadable(text: lastError()) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".toml") && !name.hasPrefix(".") { names.append(name) }
        }
        let prefix = path.hasSuffix("/") ? path : path + "/"
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { prefix + $0 }
    }

    /// The file's text.
    static func text(of path: String) throws(Unreadable) -> String {
        guard let file = fopen(path, "r") else { throw Unreadable(text: lastError()) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= maxBytes {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        guard ferror(file) == 0 else { throw Unreadable(text: lastError()) }
        guard bytes.count <= maxBytes else { throw Unreadable(text: "larger than \(maxBytes) bytes") }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Unreadable(text: "not UTF-8 text") }
        return text
    }

    private static func lastError() -> String { String(cString: strerror(errno)) }
}
