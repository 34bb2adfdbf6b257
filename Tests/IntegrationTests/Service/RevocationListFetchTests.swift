import Foundation
import Testing

/// `fetch-crl`, as `fedmsg-bridge-crl.service` runs it.
@Suite("fetch-crl", .timeLimit(.minutes(2)))
struct RevocationListFetchTests {
    private static let pki = Project.root.appending(path: "Tests/FedmsgTests/Fixtures/pki").path

    @Test(
        "takes the CA's list, one signed with SHA-1 too, whether or not the system refuses those",
        arguments: ["crl.pem", "crl-sha1.pem"],
        [false, true]
    )
    func takes(list: String, underPolicy: Bool) async throws {
        try await withTemporaryDirectory { folder in
            let (exit, words) = try await Self.fetch(list, into: folder, underPolicy: underPolicy)
            #expect(exit == .code(0), "\(words)")
            let taken = try String(contentsOf: folder.appending(path: "crl.pem"), encoding: .utf8)
            #expect(taken == (try String(contentsOfFile: "\(Self.pki)/\(list)", encoding: .utf8)))
        }
    }

    @Test(
        "leaves the list as it was for one that has another's signature, has expired, or is none",
        arguments: [
            ("crl-otherkey.pem", "CRL signature failure; "), ("crl-expired.pem", "has expired"),
            ("ca.crt", "is no revocation list"),
        ]
    )
    func refuses(list: String, words: String) async throws {
        try await withTemporaryDirectory { folder in
            try Data("old".utf8).write(to: folder.appending(path: "crl.pem"))
            let (exit, text) = try await Self.fetch(list, into: folder, underPolicy: true)
            #expect(exit == .code(1))
            #expect(text.contains(words), "\(text)")
            #expect(try String(contentsOf: folder.appending(path: "crl.pem"), encoding: .utf8) == "old")
            // Nothing is left beside it.
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["crl.pem"])
        }
    }

    private static func fetch(
        _ list: String,
        into folder: URL,
        underPolicy: Bool
    ) async throws -> (ChildProcess.Exit?, String) {
        try await withTemporaryDirectory { libraries in
            let bridge = try Project.bridge.deletingLastPathComponent().path
            var environment = ProcessInfo.processInfo.environment
            environment["PATH"] = [bridge, environment["PATH"]].compactMap(\.self).joined(separator: ":")
            if underPolicy {
                let library = libraries.appending(path: "sha1_policy.so").path
                environment["LD_PRELOAD"] = try await PreloadedLibrary.compiled("sha1_policy.c", to: library)
            }
            let script = Project.root.appending(path: "deploy/systemd/fetch-crl").path
            let arguments = [script, "file://\(pki)/\(list)", "\(pki)/ca.crt", folder.appending(path: "crl.pem").path]
            return try await ChildProcess.with(URL(filePath: "/bin/sh"), arguments, environment: environment) {
                process in
                let exit = try await process.awaitEnd()
                return (exit, process.lastWords)
            }
        }
    }
}
