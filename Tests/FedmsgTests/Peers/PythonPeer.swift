import Foundation

/// Python as the judge of what JSON is and how it is written.
struct PythonPeer {
    /// `FEDMSG_BRIDGE_PYTHON`, else the virtual environment at the repository's root, else `python3`.
    static var command: [String] {
        if let python = ProcessInfo.processInfo.environment["FEDMSG_BRIDGE_PYTHON"] { return [python] }
        let root = folder.appending(path: "../../..").standardized
        let virtual = root.appending(path: ".venv/bin/python").path
        if FileManager.default.isExecutableFile(atPath: virtual) { return [virtual] }
        return ["/usr/bin/env", "python3"]
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    /// What `canonical.py` answers to each case: nil where Python raises.
    static func canonical(_ cases: [[UInt8]]) async throws -> [[UInt8]?] {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let questions = folder.appending(path: "cases")
        let answers = folder.appending(path: "answers")
        var records = Data()
        for bytes in cases {
            withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { records.append(contentsOf: $0) }
            records.append(contentsOf: bytes)
        }
        try records.write(to: questions)

        let process = Process()
        process.executableURL = URL(filePath: command[0])
        process.arguments =
            command.dropFirst() + [self.folder.appending(path: "canonical.py").path, questions.path, answers.path]
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        for await _ in ends {}
        // Else the test's time limit has ended the wait. A child of a thread of Dispatch blocks every other signal.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try Task.checkCancellation()
        guard process.terminationStatus == 0 else { throw PeerFailed(status: process.terminationStatus) }

        let data = [UInt8](try Data(contentsOf: answers))
        var texts: [[UInt8]?] = []
        var offset = 0
        while offset + 4 <= data.count {
            let count = (0..<4).reduce(0) { $0 | Int(data[offset + $1]) << (8 * $1) }
            let text = data[offset + 4..<offset + 4 + count]
            texts.append(text.first == UInt8(ascii: "=") ? Array(text.dropFirst()) : nil)
            offset += 4 + count
        }
        return texts
    }

    struct PeerFailed: Error {
        let status: Int32
    }
}
