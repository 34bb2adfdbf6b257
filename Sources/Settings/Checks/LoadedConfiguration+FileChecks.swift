import Foundation

extension LoadedConfiguration {
    /// The same with what only shows in use: files that cannot be read, a spool folder that cannot be
    /// written, secrets that others can read.
    ///
    /// Permissions are judged as those of the user that asks. Whether a key fits its certificate is for
    /// those to say who read them; ``adding(_:)`` takes what they say. Of a key that has a mistake already nothing more is said.
    public func checkingFiles(for use: ConfigurationUse) -> LoadedConfiguration {
        guard isWhole else { return self }
        var checks = FileChecks(loaded: self)
        checks.check(for: use)
        let mistakes = errors.compactMap(\.key)
        return adding(
            checks.diagnostics.filter { diagnostic in
                use.isConcerned(with: diagnostic, in: origins, of: files)
                    && !mistakes.contains { diagnostic.isOf($0) }
            }
        )
    }
}

private struct FileChecks {
    let loaded: LoadedConfiguration
    private(set) var diagnostics: [ConfigurationDiagnostic] = []

    init(loaded: LoadedConfiguration) { self.loaded = loaded }

    mutating func check(for use: ConfigurationUse) {
        let configuration = loaded.configuration
        switch use {
        case .run:
            checkTLS()
            if configuration.toAMQP.enabled && configuration.crypto.validateSignatures { checkCA() }
            if configuration.toFedmsg.enabled && configuration.crypto.signMessages { checkSigning() }
            checkSpool()
            checkFilesOfRoot(.error)
        case .verify, .tailAMQP, .replayToAMQP: checkTLS()
        case .drain:
            checkTLS()
            checkSpool()
            // Root can drain it all the same.
            checkFilesOfRoot(.warning)
        case .replayToFedmsg: if configuration.crypto.signMessages { checkSigning() }
        case .show, .tailFedmsg, .spool, .health: break
        }
        checkURLs()
    }

    private mutating func checkTLS() {
        guard loaded.configuration.usesTLS else { return }
        let tls = loaded.configuration.tls
        checkReadable(tls.caCert, "tls.ca_cert")
        checkReadable(tls.certfile, "tls.certfile")
        checkSecret(tls.keyfile, "tls.keyfile")
    }

    private mutating func checkCA() {
        let crypto = loaded.configuration.crypto
        checkReadable(crypto.caCertLocation, "crypto.ca_cert_location", or: "crypto.validate_signatures = false")
        checkReadable(crypto.crlLocation, "crypto.crl_location", or: "crypto.crl_location = \"\"")
    }

    private mutating func checkSigning() {
        let crypto = loaded.configuration.crypto
        guard !crypto.certname.isEmpty, !crypto.ssldir.isEmpty else { return }
        let switched = "crypto.sign_messages = false"
        checkReadable("\(crypto.ssldir)/\(crypto.certname).crt", "crypto.certname", or: switched)
        checkSecret("\(crypto.ssldir)/\(crypto.certname).key", "crypto.certname", or: switched)
    }

    private mutating func checkReadable(_ path: String, _ key: String, or alternative: String? = nil) {
        guard !path.isEmpty else { return }
        let expected = "; expected a PEM file" + (alternative.map { ", or \($0)" } ?? "")
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        if isFolder.boolValue {
            report(.error, .unreadable, key, "\(TOMLText.string(path)) is a folder\(expected)")
        } else if access(path, R_OK) != 0 {
            let reason = exists ? String(cString: strerror(errno)) : "no such file"
            report(.error, .unreadable, key, "\(TOMLText.string(path)) cannot be read: \(reason)\(expected)")
        }
    }

    private mutating func checkSecret(_ path: String, _ key: String, or alternative: String? = nil) {
        checkReadable(path, key, or: alternative)
        if !path.isEmpty && Self.isOpenToAll(path) {
            report(.warning, .exposedSecret, key, "everybody can read the key \(TOMLText.string(path)); chmod o-r it")
        }
    }

    /// Passwords in files that everybody can read.
    private mutating func checkURLs() {
        guard loaded.configuration.amqpURLs.contains(where: { BrokerURL.holdsSecret($0) }),
            let file = loaded.origins["amqp_url"].file, Self.isOpenToAll(file)
        else { return }
        report(.warning, .exposedSecret, "amqp_url", "everybody can read the password in this file; chmod o-r it")
    }

    private mutating func checkSpool() {
        let path = spoolFile
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            if isFolder.boolValue {
                report(.error, .badValue, "spool.path", "\(TOMLText.string(path)) is a folder; expected a file in it")
                return
            }
            checkWritable(path)
        }
        for file in Self.filesBeside(path) where FileManager.default.fileExists(atPath: file) {
            checkWritable(file, Self.rightOwner)
        }
        // A folder that is missing is made, where its own folder lets us.
        var folder = Self.parent(of: path)
        while !FileManager.default.fileExists(atPath: folder), folder != "/", folder != "." {
            folder = Self.parent(of: folder)
        }
        checkWritable(folder)
    }

    /// The file that a link leads to, where the spool's path is one: it has the others beside it.
    private var spoolFile: String {
        var path = loaded.configuration.spool.path
        for _ in 0..<40 {
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { break }
            path = target.hasPrefix("/") ? target : "\(Self.parent(of: path))/\(target)"
        }
        return path
    }

    /// What root may have made, with a copy of the spool or an older version's `spool drain`.
    private static func filesBeside(_ path: String) -> [String] { [".lock", "-wal", "-shm"].map { path + $0 } }

    private static let rightOwner = "; it must belong to the user that the daemon runs as, as the spool does"

    /// To root, who may ask before the daemon does, every file is writable.
    private mutating func checkFilesOfRoot(_ severity: ConfigurationDiagnostic.Severity) {
        let path = spoolFile
        guard geteuid() == 0, let owner = Self.owner(of: path), owner != 0 else { return }
        for file in Self.filesBeside(path) where Self.owner(of: file) == 0 {
            report(severity, .unreadable, "spool.path", "\(TOMLText.string(file)) belongs to root\(Self.rightOwner)")
        }
    }

    private mutating func checkWritable(_ path: String, _ wayOut: String = "") {
        guard access(path, W_OK) != 0 else { return }
        let error = errno
        // What an error of the disk made read-only is no mistake of the configuration, and may be mended any time.
        report(
            error == EROFS && Self.isOnReadOnlyDisk(path) ? .warning : .error,
            .unreadable,
            "spool.path",
            "\(TOMLText.string(path)) cannot be written: \(String(cString: strerror(error)))"
                + (error == EACCES ? wayOut : "")
        )
    }

    /// Whether the file system itself is read-only, and not only as this process may see it: a unit's `ProtectSystem` is no
    /// error of the disk.
    private static func isOnReadOnlyDisk(_ path: String) -> Bool {
        guard let real = realpath(path, nil) else { return false }
        defer { free(real) }
        let folders = String(cString: real) + "/"
        // Mount id, parent, device, root, mount point, options, …, "-", type, source, the file system's own options.
        let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        let fields = mounts.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count > 6 }
        let own = fields.filter { $0[4] == "/" || folders.hasPrefix($0[4] + "/") }.max { $0[4].count < $1[4].count }
        return own?.last?.split(separator: ",").contains("ro") ?? false
    }

    private static func parent(of path: String) -> String {
        let folder = (path as NSString).deletingLastPathComponent
        return folder.isEmpty ? "." : folder
    }

    /// Whether any user can read the file: by its own mode and its folders'.
    private static func isOpenToAll(_ path: String) -> Bool {
        guard mode(of: path) & S_IROTH != 0 else { return false }
        var folder = parent(of: path)
        while folder != "/" && folder != "." {
            if mode(of: folder) & S_IXOTH == 0 { return false }
            folder = parent(of: folder)
        }
        return true
    }

    private static func mode(of path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode : 0
    }

    private static func owner(of path: String) -> uid_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_uid : nil
    }

    private mutating func report(
        _ severity: ConfigurationDiagnostic.Severity,
        _ code: ConfigurationDiagnostic.Code,
        _ key: String,
        _ text: String
    ) {
        let path = ConfigurationPath(dotted: key)
        diagnostics.append(ConfigurationDiagnostic(severity, code, at: loaded.origins[path], key: path, text))
    }
}
