import NIOCore

/// Reads inputs one behind the other, each in its format.
package final class CaptureReader {
    /// Called before each read, which may wait: the time to flush what was written.
    package var beforeReading: () throws -> Void = {}

    private let format: CaptureFormat
    private var paths: ArraySlice<String>
    private var startLine: Int
    private var lines: CaptureLines?
    private var parser: any CaptureParser = JSONLinesParser()

    /// Opens each input once, so that one that can't be read is known before anything is written.
    ///
    /// - Parameter startLine: what begins on an earlier line of the first input is left out.
    package init(paths: [String], format: CaptureFormat, startLine: Int = 1) throws(CaptureError) {
        for path in paths where path != CaptureFile.standardInput { _ = try CaptureFile(path: path) }
        self.paths = paths[...]
        self.format = format
        self.startLine = startLine
    }

    /// The inputs that are not read to their end yet, the current one first.
    package var remainingPaths: [String] {
        (lines.map { [$0.file.path] } ?? []) + paths
    }

    /// Bytes of the current input that have been read, and how many it has, where that is known.
    package var position: (read: Int, size: Int?) {
        guard let lines else { return (0, nil) }
        return (lines.file.position, lines.file.size)
    }

    /// The next message or fault; nil at the end of the last input.
    ///
    /// - Throws: `CaptureError` where an input can't be read further; the next call goes on with the one behind it.
    package func next() throws -> CapturedItem? {
        while true {
            guard let lines = try lines ?? open() else { return nil }
            do {
                guard let item = try parser.next(lines) else {
                    close()
                    continue
                }
                if item.line >= startLine { return item }
            } catch let error as CaptureError {
                close()
                throw error
            }
        }
    }

    private func open() throws -> CaptureLines? {
        guard let path = paths.popFirst() else { return nil }
        let lines = CaptureLines(file: try CaptureFile(path: path))
        lines.beforeReading = { [unowned self] in try beforeReading() }
        guard let first = try lines.peek(0) else { throw CaptureError(.empty, path: path, "is empty") }
        if first.bytes.readableBytesView.contains(0) {
            throw CaptureError(.binary, path: path, "is no text: there is a zero byte in its first line")
        }
        parser = try format.parser(for: lines)
        self.lines = lines
        return lines
    }

    private func close() {
        lines = nil
        startLine = 1
    }
}

extension CapturedItem {
    /// Where it begins.
    var line: Int {
        switch self {
        case .message(let message): message.line
        case .unreadable(let unreadable): unreadable.line
        }
    }
}
