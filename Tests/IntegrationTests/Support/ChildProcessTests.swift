import Foundation
import Testing

@Suite("Processes that tests start")
struct ChildProcessTests {
    /// Else a connection that a test closes stays open for as long as the process runs that another test has started.
    @Test("hold nothing of the tests' own open")
    func inheritance() async throws {
        // As NIO makes its sockets: not to be closed at an exec.
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        try await ChildProcess.with(URL(filePath: "/bin/cat"), []) { cat in
            try cat.write(line: "runs")
            try await eventually("its answer") { cat.output.lines == ["runs"] }
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(cat.identifier)/fd")
            #expect(open.sorted() == ["0", "1", "2"])
        }
    }
}
