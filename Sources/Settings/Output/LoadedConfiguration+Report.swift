import Foundation

extension LoadedConfiguration {
    /// What `config check` prints: one line for each mistake and warning, and a last one that sums up.
    ///
    /// - Parameter verbose: Whether peers' keys without effect are named too.
    public func report(verbose: Bool = false) -> String {
        let lines = diagnostics.compactMap { diagnostic -> String? in
            switch diagnostic.severity {
            case .error: "\(diagnostic)"
            case .warning: "warning: \(diagnostic)"
            case .unused: verbose ? "unused: \(diagnostic)" : nil
            }
        }
        return (lines + [summary]).joined(separator: "\n")
    }

    private var summary: String {
        let counts = [
            Self.count(files.count, "file"), Self.count(errors.count, "mistake"), Self.count(warnings.count, "warning"),
        ]
        return "\(counts.joined(separator: ", "))" + (unused.isEmpty ? "" : ", \(unused.count) without effect")
    }

    private static func count(_ count: Int, _ noun: String) -> String {
        "\(count == 0 ? "no" : String(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    /// What `config check --json` prints: an object with `ok`, `files` and `diagnostics`, each of these with
    /// `severity`, `code`, `text` and, where known, `file`, `line`, `column`, `variable`, `key`, `expected`,
    /// `found`, `nearest`.
    public func json(verbose: Bool = false) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let shown = diagnostics.filter { verbose || $0.severity != .unused }
        let report = Report(ok: errors.isEmpty, files: files, diagnostics: shown.map { Report.Entry($0) })
        // Text, numbers and booleans always encode.
        return (try? encoder.encode(report)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

/// The JSON form of a report.
private struct Report: Encodable {
    let ok: Bool
    let files: [String]
    let diagnostics: [Entry]

    struct Entry: Encodable {
        let severity: String
        let code: String
        let text: String
        var file: String?
        var line: Int?
        var column: Int?
        var variable: String?
        let key: String?
        let expected: String?
        let found: String?
        let nearest: String?

        init(_ diagnostic: ConfigurationDiagnostic) {
            severity = diagnostic.severity.rawValue
            code = diagnostic.code.rawValue
            text = diagnostic.text
            key = diagnostic.key?.description
            expected = diagnostic.expected
            found = diagnostic.found
            nearest = diagnostic.nearest
            switch diagnostic.origin {
            case .builtIn: break
            case .path(let path): file = path
            case .file(let path, let line, let column):
                file = path
                self.line = line
                self.column = column
            case .environment(let name): variable = name
            }
        }
    }
}
