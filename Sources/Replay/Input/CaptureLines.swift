/// What comes next is still to come through a pipe, and was not waited for.
struct StillToCome: Error {}

/// The lines of one input, in memory that a long line grows and nothing else.
final class CaptureLines {
    /// Bytes that a line may have, as a message on the wire.
    static let lineLimit = 134_217_728

    let file: CaptureFile
    /// Called before each read, which may wait.
    var beforeReading: () throws -> Void = {}

    private let lineLimit: Int
    private var block = LineBlock()
    private var isAtEnd = false
    /// Bytes that came from the file, unpacked.
    private var received = 0
    /// Lines that were given while none is waited for.
    private var given: [CaptureLine]?

    init(file: CaptureFile, lineLimit: Int = CaptureLines.lineLimit) {
        self.file = file
        self.lineLimit = lineLimit
    }

    /// Bytes of the file, as it lies there, whose lines were read.
    var position: Int {
        received > 0 ? Int(Double(file.position) * (Double(block.offset) / Double(received))) : 0
    }

    /// The number of the line that ``next()`` will give.
    var nextNumber: Int { block.peeked.first?.number ?? block.number + 1 }

    /// The next line, or nil at the end.
    func next() throws -> CaptureLine? {
        let line = try block.next() ?? read()
        if let line { given?.append(line) }
        return line
    }

    /// Lets `body` read lines, and wait for none.
    ///
    /// - Throws: `StillToCome` where it would have to; what it had read is given again.
    func withoutWaiting<Result>(_ body: () throws -> Result) throws -> Result {
        given = []
        defer { given = nil }
        do {
            return try body()
        } catch let error as StillToCome {
            block.giveBack(given ?? [])
            throw error
        }
    }

    /// A line that ``next()`` will give again, 0 the next one.
    func peek(_ place: Int) throws -> CaptureLine? {
        while block.peeked.count <= place {
            guard try block.peek() || block.peek(read()) else { return nil }
        }
        return block.peeked[place]
    }

    /// The next line, which is not in the block yet.
    private func read() throws -> CaptureLine? {
        while !isAtEnd {
            if block.byteCount > lineLimit { return try cutLine() }
            if given != nil, file.isWaiting { throw StillToCome() }
            try fill()
            if let line = block.cut() { return line }
        }
        return block.rest()
    }

    /// The beginning of a line that is too long; the rest is read past.
    private func cutLine() throws -> CaptureLine {
        let line = block.beginning()
        while !block.skipLine(), !isAtEnd { try fill() }
        return line
    }

    private func fill() throws {
        try beforeReading()
        let count = try block.fill(from: file)
        received += count
        if count == 0 { isAtEnd = true }
    }
}
