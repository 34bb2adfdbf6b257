/// A configuration as read, with what there is to say of it.
public struct LoadedConfiguration: Sendable, Equatable {
    /// The values in force; where there are errors, the rest of them.
    public var configuration: BridgeConfiguration
    /// Where each value came from.
    public let origins: ConfigurationOrigins
    /// The files read, in order.
    public let files: [String]
    /// Mistakes, warnings and keys without effect, in order of files and lines.
    public let diagnostics: [ConfigurationDiagnostic]

    /// What makes the configuration unusable.
    public var errors: [ConfigurationDiagnostic] { diagnostics.filter { $0.severity == .error } }
    /// What probably is not as meant.
    public var warnings: [ConfigurationDiagnostic] { diagnostics.filter { $0.severity == .warning } }
    /// Peers' keys without effect.
    public var unused: [ConfigurationDiagnostic] { diagnostics.filter { $0.severity == .unused } }

    /// Whether every file was read. Where one was not, what it would set is not known, nor what is missing.
    package var isWhole: Bool { !diagnostics.contains(where: \.isOfUnreadFile) }

    /// The same with more to say, as by those who read its certificates and keys.
    public func adding(_ more: [ConfigurationDiagnostic]) -> LoadedConfiguration {
        LoadedConfiguration(
            configuration: configuration,
            origins: origins,
            files: files,
            diagnostics: (diagnostics + more).sorted(files: files)
        )
    }
}

extension [ConfigurationDiagnostic] {
    /// By file in order of reading, then place, then environment, then what is set nowhere.
    func sorted(files: [String]) -> [ConfigurationDiagnostic] {
        let ranks = Dictionary(files.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        func rank(_ diagnostic: ConfigurationDiagnostic) -> (Int, Int, Int, String) {
            let text = diagnostic.description
            return switch diagnostic.origin {
            case .path(let path): (ranks[path] ?? -1, 0, 0, text)
            case .file(let path, let line, let column): (ranks[path] ?? -1, line, column, text)
            case .environment: (files.count, 0, 0, text)
            case .builtIn: (files.count + 1, 0, 0, text)
            }
        }
        return map { (rank($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
