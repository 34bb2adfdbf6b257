import NIOCore

/// Reads inputs one behind the other, each in its format.
package final class CaptureReader {
    /// Called before each read, which may wait: the time to flush what was written.
    package var beforeReading: () throws -> Void = {}

    /// The inputs.
    package let paths: [String]
    /// The place in ``paths`` of the current one; their number at the end.
    package private(set) var current = 0
    /// Bytes of all inputs, as they lie there; nil where that is not known beforehand.
    package let size: Int?

    private let format: CaptureFormat
    private var startLine: Int
    private var bytesBefore = 0
    private var lines: CaptureLines?
    /// Where that begins which was read in part when a stop ended the wait for its rest.
    private var interruptedLine: Int?
    private var parser: any CaptureParser = JSONLinesParser()

    /// Looks at each input once, so that one that can't be read is known before anything is written.
    ///
    /// - Parameter startLine: what begins on an earlier line of the first input is left out.
    package init(paths: [String], format: CaptureFormat, startLine: Int = 1) throws(CaptureError) {
        var size: Int? = 0
        for path in paths {
            let one = try CaptureFile.size(of: path)
            size = if let sum = size, let one { sum + one } else { nil }
        }
        self.size = size
        self.paths = paths
        self.format = format
        self.startLine = startLine
    }

    /// Bytes of all inputs, as they lie there, that have been read.
    package var position: Int { bytesBefore + (lines?.position ?? 0) }

    /// Whether all inputs are read to their end.
    package var isAtEnd: Bool { current == paths.count }

    /// The line that is read next, of the current input.
    package var nextLine: Int { max(startLine, interruptedLine ?? lines?.nextNumber ?? 1) }

    /// The next message or fault; nil at the end of the last input.
    ///
    /// - Parameter waiting: whether what is still to come through a pipe is waited for.
    /// - Throws: `CaptureError` where an input can't be read further; the next call goes on with the one behind it.
    ///   `CancellationError` where a stop ends the wait for more, or for the first line, and then each time.
    ///   `StillToCome` instead of a wait.
    package func next(waiting: Bool = true) throws -> CapturedItem? {
        guard interruptedLine == nil else { throw CancellationError() }
        while true {
            if !waiting, beginsPipe { throw StillToCome() }
            guard let lines = try lines ?? open() else { return nil }
            let line = parser.pendingLine ?? lines.nextNumber
            do {
                guard let item = try waiting ? parser.next(lines) : nextWithoutWaiting(lines) else {
                    close()
                    continue
                }
                if item.line >= startLine { return item }
                try Task.checkCancellation()
            } catch let error as CaptureError {
                close()
                throw error
            } catch let error as CancellationError {
                interruptedLine = line
                throw error
            }
        }
    }

    /// As the parser does; where more is still to come, all stays as it is.
    private func nextWithoutWaiting(_ lines: CaptureLines) throws -> CapturedItem? {
        let before = parser
        do {
            return try lines.withoutWaiting { try parser.next(lines) }
        } catch let error as StillToCome {
            parser = before
            throw error
        }
    }

    /// Whether the next item is the first of an input that may have to be waited for.
    private var beginsPipe: Bool {
        guard lines == nil, !isAtEnd else { return false }
        return (try? CaptureFile.size(of: paths[current])) == nil
    }

    private func open() throws -> CaptureLines? {
        guard !isAtEnd else { return nil }
        let path = paths[current]
        do {
            let lines = CaptureLines(file: try CaptureFile(path: path))
            lines.beforeReading = { [unowned self] in try beforeReading() }
            guard let first = try lines.peek(0) else { throw CaptureError(.empty, path: path, "is empty") }
            if first.bytes.readableBytesView.contains(0) {
                throw CaptureError(.binary, path: path, "is no text: there is a zero byte in its first line")
            }
            parser = try format.parser(for: lines)
            self.lines = lines
            return lines
        } catch let error as CaptureError {
            close()
            throw error
        }
    }

    private func close() {
        bytesBefore += lines?.file.size ?? 0
        lines = nil
        startLine = 1
        current += 1
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
