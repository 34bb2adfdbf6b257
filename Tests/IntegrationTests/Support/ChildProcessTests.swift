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

    @Test("take no input once they are over")
    func input() async throws {
        let cat = try await ChildProcess.with(URL(filePath: "/bin/cat"), []) { $0 }
        // One of these gets the descriptor that was its input, unless another test is faster.
        var pairs: [[Int32]] = []
        defer { for descriptor in pairs.joined() { close(descriptor) } }
        for _ in 0..<4 {
            var pair: [Int32] = [-1, -1]
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair)
            pairs.append(pair)
        }
        #expect(throws: HarnessError.self) { try cat.write(line: "nobody's") }
    }

    @Test("have ended once all that they and theirs wrote is here")
    func end() async throws {
        let script = "exec 3<&0; { read -r line <&3; echo $line; } & exit 3"
        try await ChildProcess.with(URL(filePath: "/bin/sh"), ["-c", script]) { shell in
            try await eventually("the shell is gone") {
                !FileManager.default.fileExists(atPath: "/proc/\(shell.identifier)")
            }
            #expect(shell.exit == nil)
            try shell.write(line: "late")
            #expect(try await shell.awaitEnd() == .code(3))
            #expect(shell.output.lines == ["late"])
        }
    }
}
