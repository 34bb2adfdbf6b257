import Foundation

/// Debian's headless Chromium.
enum Chromium {
    /// The document at `url` after it was loaded, as HTML; with it, what the browser complained of.
    ///
    /// - Parameter seconds: for how long its scripts run, on a clock that waits for nothing but the network.
    static func document(at url: String, after seconds: Int? = nil) async throws -> (html: String, complaints: [String])
    {
        try await withTemporaryDirectory { profile in
            let arguments = [
                // Tests run as root in containers, where neither its sandbox nor shared memory is to be had.
                "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr", "--log-level=0",
                "--user-data-dir=\(profile.path)", "--timeout=90000", "--dump-dom", url,
            ]
            let time = seconds.map { ["--virtual-time-budget=\($0 * 1000)"] } ?? []
            return try await ChildProcess.with(try executable, time + arguments) { browser in
                guard try await browser.awaitEnd(within: .seconds(120)) == .code(0) else {
                    throw HarnessError("chromium: \(browser.lastWords)")
                }
                let complaints = browser.errors.lines.filter { $0.contains("CONSOLE") }
                return (browser.output.lines.joined(separator: "\n"), complaints)
            }
        }
    }

    private static var executable: URL {
        get throws {
            let candidates = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"]
            guard let path = candidates.first(where: FileManager.default.isExecutableFile) else {
                throw HarnessError("no chromium: run make setup")
            }
            return URL(filePath: path)
        }
    }
}
