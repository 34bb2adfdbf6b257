/// Reads the configuration: built-in defaults, then files, then environment variables.
///
/// Later files win. `queues`, `exchanges`, `bindings`, `tls`, `qos` and `client_properties` are replaced
/// whole, as in fedora-messaging; other tables merge, and their arrays and scalars replace.
public enum ConfigurationLoader {
    /// Read where neither `--config` nor the variable names anything.
    public static let defaultPath = "/etc/fedmsg-bridge/bridge.d"

    /// Names a file or folder where `--config` does not.
    public static let configVariable = ConfigurationEnvironment.configVariable

    /// The configuration for `use`, with the files that it names looked at.
    ///
    /// - Parameters:
    ///   - paths: What `--config` named: files, or folders whose `*.toml` are read in name order.
    ///   - environment: The process's environment.
    ///   - use: What it is for; only mistakes that concern it count.
    /// - Throws: Every mistake at once.
    public static func load(
        paths: [String] = [],
        environment: [String: String],
        for use: ConfigurationUse
    ) throws(ConfigurationError) -> LoadedConfiguration {
        let loaded = read(paths: paths, environment: environment, for: use).checkingFiles(for: use)
        guard loaded.errors.isEmpty else { throw ConfigurationError(loaded.errors) }
        return loaded
    }

    /// The configuration for `use`, mistakes and all, without a look at the files that it names.
    public static func read(
        paths: [String] = [],
        environment: [String: String],
        for use: ConfigurationUse
    ) -> LoadedConfiguration {
        var files: [String] = []
        var diagnostics: [ConfigurationDiagnostic] = []
        var layers = ConfigurationLayers()
        layers.applyStateDirectory(environment)
        for file in find(paths, environment, &diagnostics) {
            files.append(file)
            do {
                layers.apply(try document(file), file: file)
            } catch {
                diagnostics.append(error.diagnostics[0])
            }
        }
        layers.applyPeerValues()
        layers.apply(environment: environment)
        layers.resolveBindings()
        var rules = ConfigurationRules(layers)
        let isWhole = !diagnostics.contains(where: \.isOfUnreadFile)
        diagnostics += layers.diagnostics + (isWhole ? rules.check(for: use) : [])
        layers.dropRepeated()
        return LoadedConfiguration(
            configuration: layers.configuration,
            origins: layers.origins,
            files: files,
            diagnostics: diagnostics.filter { use.isConcerned(with: $0, in: layers.origins, of: files) }
                .sorted(files: files)
        )
    }

    private static func find(
        _ paths: [String],
        _ environment: [String: String],
        _ diagnostics: inout [ConfigurationDiagnostic]
    ) -> [String] {
        var paths = paths
        if paths.isEmpty {
            paths = environment[configVariable].map { $0.isEmpty ? [] : [$0] } ?? []
        }
        let isDefault = paths.isEmpty
        if isDefault { paths = [defaultPath] }
        var files: [String] = []
        for path in paths {
            do throws(ConfigurationFiles.Unreadable) {
                let found = try ConfigurationFiles.files(at: path)
                files += found
                if found.isEmpty {
                    diagnostics.append(
                        ConfigurationDiagnostic(
                            .warning,
                            .missing,
                            at: .path(path),
                            key: nil,
                            "no *.toml in this folder"
                        )
                    )
                }
            } catch {
                // A container may have everything in its environment, so the default place need not exist; one that may
                // not be read is another matter.
                diagnostics.append(
                    ConfigurationDiagnostic(
                        isDefault && error.isMissing ? .warning : .error,
                        .unreadable,
                        at: .path(path),
                        key: nil,
                        error.text
                    )
                )
            }
        }
        return files
    }

    private static func document(_ file: String) throws(ConfigurationError) -> TOMLDocument {
        let text: String
        do throws(ConfigurationFiles.Unreadable) {
            text = try ConfigurationFiles.text(of: file)
        } catch {
            throw ConfigurationError([
                ConfigurationDiagnostic(.error, .unreadable, at: .path(file), key: nil, error.text)
            ])
        }
        do throws(TOMLDocument.Failure) {
            return try TOMLDocument(text)
        } catch {
            let origin = ConfigurationOrigin.file(file, line: error.position.line, column: error.position.column)
            throw ConfigurationError([
                ConfigurationDiagnostic(.error, .syntax, at: origin, key: nil, error.text)
            ])
        }
    }
}
