import Foundation
import Testing

@testable import Replay

@Suite struct CaptureReaderTests {
    @Test(
        "Stopped amid a message, it says where that begins, and reads no more",
        arguments: [
            (CaptureFormat.jsonl, "{}\n{}\n", 2, 3), (.zmq, "t.1\n{}\nt.2\n", 1, 3),
            (.tail, "prefix\n{'a': 1,\n", 0, 1),
            (.datagrepper, "{}\n[{},\n{},\n", 1, 2), (.datagrepper, "{}\n{}[\n{},\n", 2, 2),
            (.datagrepper, "{}\n{}", 1, 2),
        ]
    )
    func stopped(format: CaptureFormat, text: String, messages: Int, line: Int) throws {
        let capture = try Capture(text)
        let reader = try CaptureReader(paths: [capture.path], format: format)
        var reads = 0
        reader.beforeReading = {
            reads += 1
            if reads > 1 { throw CancellationError() }
        }
        var count = 0
        #expect(throws: CancellationError.self) {
            while try reader.next() != nil { count += 1 }
        }
        #expect(count == messages)
        #expect(throws: CancellationError.self) { try reader.next() }
        #expect(reader.nextLine == line)
    }

    @Test(
        "What is still to come through a pipe is not waited for, and is read whole once it is there",
        .timeLimit(.minutes(5)),
        arguments: [
            (CaptureFormat.jsonl, ["{}\n\n \n{", "}\n"], [[1], [4]]),
            (.zmq, ["t.1\n{}\n\nt.2\n", "{}\n"], [[1], [4]]),
            (.tail, ["{'a': 1}\nprefix\n{'a': 1,\n", " 'b': 2}\n"], [[1], [3]]),
            (.datagrepper, ["[{},\n{}]{}{\n\"msg\":\n", "{}\n", "}\n"], [[1, 2, 2], [], [2]]),
        ] as [(CaptureFormat, [String], [[Int]])]
    )
    func withoutWaiting(format: CaptureFormat, pieces: [String], lines: [[Int]]) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "pipe-\(UUID().uuidString)").path
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        // Open for both, so that neither end waits for the other.
        let pipe = try #require(FileHandle(forUpdatingAtPath: path))
        let first = try Capture("{}\n")
        let reader = try CaptureReader(paths: [first.path, path], format: format == .zmq ? .auto : format)
        #expect(try reader.next()?.line == 1)
        #expect(throws: StillToCome.self) { while try reader.next(waiting: false) != nil {} }
        for (piece, lines) in zip(pieces, lines) {
            try pipe.write(contentsOf: Data(piece.utf8))
            var found: [Int] = []
            if piece == pieces.first { found.append(try #require(try reader.next()).line) }
            #expect(throws: StillToCome.self) {
                while let item = try reader.next(waiting: false) {
                    guard case .message = item else { break }
                    found.append(item.line)
                }
            }
            #expect(found == lines)
        }
    }
}
