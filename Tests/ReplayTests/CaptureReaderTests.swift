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
}
