import Foundation
import Settings

/// Reads `files` (name and text, in order of names) as one folder, and says everything about them
/// with names relative to it.
func read(
    _ files: [String: String],
    environment: [String: String] = [:],
    for use: ConfigurationUse = .show
) throws -> LoadedConfiguration {
    try withFolder(files) { ConfigurationLoader.read(paths: [$0], environment: environment, for: use) }
}

/// Reads one file, `bridge.toml`.
func read(_ text: String, environment: [String: String] = [:], for use: ConfigurationUse = .show) throws
    -> LoadedConfiguration
{
    try read(["bridge.toml": text], environment: environment, for: use)
}

/// A folder with `files`, gone afterwards.
func withFolder<Result>(_ files: [String: String], _ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("configuration-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
        try text.write(to: folder.appendingPathComponent(name), atomically: false, encoding: .utf8)
    }
    return try body(folder.path)
}

extension LoadedConfiguration {
    /// What there is to say, one line each, file names without their folder.
    func lines(_ severity: ConfigurationDiagnostic.Severity) -> [String] {
        diagnostics.filter { $0.severity == severity }.map { diagnostic in
            guard let file = diagnostic.origin.file else { return "\(diagnostic)" }
            let name = file.split(separator: "/").last.map { String($0) } ?? file
            return "\(diagnostic)".replacingOccurrences(of: file, with: name)
        }
    }
}
