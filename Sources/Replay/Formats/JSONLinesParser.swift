/// One message a line; blank lines are nothing.
struct JSONLinesParser: CaptureParser {
    func next(_ lines: CaptureLines) throws -> CapturedItem? {
        while let line = try lines.next() {
            if line.isCut { return line.tooLong }
            if !line.isBlank { return line.message() }
        }
        return nil
    }
}
