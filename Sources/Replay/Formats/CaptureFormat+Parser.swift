import Fedmsg
import NIOCore

extension CaptureFormat {
    /// The format's reader; where it is ``auto``, of the format that the first lines have.
    func parser(for lines: CaptureLines) throws -> any CaptureParser {
        switch self {
        case .auto: try Self.found(in: lines).parser(for: lines)
        case .jsonl: JSONLinesParser()
        case .datagrepper: DatagrepperParser()
        case .tail: TailParser()
        case .zmq: ZeroMQLinesParser()
        }
    }

    /// Judged by the first line that is not blank, of the first few, and the one behind it.
    private static func found(in lines: CaptureLines) throws -> CaptureFormat {
        var place = 0
        while place < 16, let line = try lines.peek(place), line.isBlank { place += 1 }
        guard let line = try lines.peek(place) else { return .jsonl }
        switch line.firstByte {
        case UInt8(ascii: "{"): return try startingWithBrace(line, before: { try lines.peek(place + 1) })
        case UInt8(ascii: "["):
            // A log prefix has brackets too.
            let isArray = JSONValue.isJSON(line.bytes.readableBytesSpan) || line.bytes.isOpenList
            return isArray ? .datagrepper : .tail
        default:
            let isTopic = !line.bytes.readableBytesView.contains { $0 == 0x20 || $0 == UInt8(ascii: "{") }
            let isPair = try isTopic && lines.peek(place + 1)?.firstByte == UInt8(ascii: "{")
            return isPair ? .zmq : .tail
        }
    }

    /// - Parameter following: the line behind it, which is not waited for unless this one is open at its end.
    private static func startingWithBrace(
        _ line: CaptureLine,
        before following: () throws -> CaptureLine?
    ) throws -> CaptureFormat {
        if let object = try? JSONObject(line.bytes.readableBytesSpan) {
            let isPage = object["raw_messages"] != nil && object["msg"] == nil && object["body"] == nil
            return isPage ? .datagrepper : .jsonl
        }
        // What Python's repr begins a dictionary with.
        let second = line.bytes.readableBytesView.drop { $0 != UInt8(ascii: "{") }.dropFirst().first
        if second == UInt8(ascii: "'") || second == UInt8(ascii: "u") || second == UInt8(ascii: "b") { return .tail }
        var scanner = BracketScanner()
        if let end = scanner.scan(line.bytes.readableBytesView, isPython: false) {
            // Several pages on one line, or a line with rubbish behind it.
            let next = line.bytes.readableBytesView.dropFirst(end).first { $0 != 0x20 }
            return next == UInt8(ascii: "{") ? .datagrepper : .jsonl
        }
        // Open at the line's end: an answer over many lines, unless the next line begins anew.
        let isPretty =
            try !scanner.isInString && scanner.lastByte != 0 && following()?.firstByte != UInt8(ascii: "{")
        return isPretty || scanner.expectsValue ? .datagrepper : .jsonl
    }
}

extension ByteBuffer {
    /// Whether there is an opening bracket and nothing else, or an object behind it.
    fileprivate var isOpenList: Bool {
        let rest = readableBytesView.drop { $0 != UInt8(ascii: "[") }.dropFirst().first { $0 != 0x20 && $0 != 0x0D }
        return rest == nil || rest == UInt8(ascii: "{")
    }
}
