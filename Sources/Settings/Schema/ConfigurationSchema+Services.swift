extension ConfigurationSchema {
    static let crypto: [ConfigurationKey<BridgeConfiguration>] = [
        ConfigurationKey(
            "crypto.validate_signatures",
            \.crypto.validateSignatures,
            .bool,
            "Whether fedmsgs without a valid signature are refused."
        ),
        ConfigurationKey(
            "crypto.sign_messages",
            \.crypto.signMessages,
            .bool,
            "Whether messages to fedmsg are signed; fedmsg consumers drop what is not."
        ),
        ConfigurationKey("crypto.ssldir", \.crypto.ssldir, .file, "Folder of the certificate and key to sign with."),
        ConfigurationKey("crypto.crypto_backend", \.crypto.cryptoBackend, .backend, "How messages are signed."),
        ConfigurationKey(
            "crypto.crypto_validate_backends",
            \.crypto.cryptoValidateBackends,
            .list(of: .backend, "[\"x509\"]"),
            "Kinds of signature that are taken."
        ),
        ConfigurationKey(
            "crypto.certname",
            \.crypto.certname,
            .text("a name without /") { !$0.contains("/") },
            "Name of CERTNAME.crt and CERTNAME.key in ssldir; needed to sign."
        ),
        ConfigurationKey(
            "crypto.ca_cert_location",
            \.crypto.caCertLocation,
            .localFile,
            "PEM file of the CA that certificates are checked by."
        ),
        ConfigurationKey(
            "crypto.crl_location",
            \.crypto.crlLocation,
            .localFile,
            "PEM file of revoked certificates; empty for none."
        ),
        ConfigurationKey(
            "crypto.routing_nitpicky",
            \.crypto.routingNitpicky,
            .bool,
            "Whether topics without a rule in the routing policy are refused."
        ),
        ConfigurationKey(
            "crypto.routing_policy",
            \.crypto.routingPolicy,
            .routingPolicy,
            "Names of the certificates that may sign a topic, for each topic that is restricted."
        ),
    ]

    static let spool: [ConfigurationKey<BridgeConfiguration>] = [
        ConfigurationKey(
            "spool.path",
            \.spool.path,
            .text("a path") { !$0.isEmpty },
            "The SQLite file of messages that wait; $STATE_DIRECTORY/spool.sqlite where systemd sets that."
        ),
        ConfigurationKey(
            "spool.max_bytes",
            \.spool.maxBytes,
            .integer(in: 1_048_576...Int.max, unit: "bytes"),
            "Size of its files on disk, write-ahead log included; dead letters take at most a tenth. At least 33/16 of to_amqp.max_message_bytes and 4 MiB."
        ),
        ConfigurationKey(
            "spool.min_free_bytes",
            \.spool.minFreeBytes,
            .integer(in: 0...Int.max, unit: "bytes"),
            "Less room than this on the file system counts as full; with less than 32 MiB, a spool that fills a volume of its own may not be able to empty itself."
        ),
        ConfigurationKey(
            "spool.max_memory",
            \.spool.maxMemory,
            .integer(in: 1_048_576...Int.max, unit: "bytes"),
            "Messages between libzmq and the journal; the last may go beyond it by 1 MiB and a message, and what comes then is dropped."
        ),
        ConfigurationKey(
            "spool.synchronous",
            \.spool.synchronous,
            .choice,
            "SQLite's word: \"full\", or \"normal\", which survives a kill but not a power cut."
        ),
        ConfigurationKey(
            "spool.duplicate_window",
            \.spool.duplicateWindow,
            .seconds(in: 0...604_800),
            "How long after a message an equal one counts as its duplicate, rounded up to whole seconds; 0 for never."
        ),
        ConfigurationKey(
            "spool.dead_letter_max",
            \.spool.deadLetterMax,
            .integer(in: 0...Int(Int32.max), unit: "messages"),
            "Dead letters that are kept, the newest; the oldest of the most frequent reason fall out first."
        ),
        ConfigurationKey(
            "spool.drain_timeout",
            \.spool.drainTimeout,
            .seconds(in: 0...3600),
            "Time that a stop may take to empty it."
        ),
    ]

    static let monitoring: [ConfigurationKey<BridgeConfiguration>] = [
        ConfigurationKey(
            "monitoring.address",
            \.monitoring.address,
            .listeningAddress,
            "Address of the HTTP endpoint; empty or * for all addresses."
        ),
        ConfigurationKey(
            "monitoring.port",
            \.monitoring.port,
            .integer(in: 0...65535),
            "TCP port of the HTTP endpoint; 0 lets the system choose."
        ),
        ConfigurationKey(
            "monitoring.page",
            \.monitoring.page,
            .choice,
            "What the status page shows: \"full\", or \"states\" and numbers only; \"auto\" is full on loopback alone."
        ),
    ]

    static let log: [ConfigurationKey<BridgeConfiguration>] = [
        ConfigurationKey("log.level", \.log.level, .choice, "The least severe level that is logged."),
        ConfigurationKey("log.format", \.log.format, .choice, "A line for people, or a JSON object a line."),
    ]
}

extension ConfigurationType<BridgeConfiguration.CryptoBackend> {
    /// `x509`; of fedmsg's other backend it says that there is none here.
    fileprivate static var backend: Self {
        Self(
            name: "\"x509\"",
            syntax: .text,
            read: { value, reader in
                guard value == "gpg" else { return choice.read(value, &reader) }
                reader.report(.badValue, "gpg signatures are not supported; expected \"x509\"")
                return nil
            },
            write: choice.write
        )
    }
}

extension ConfigurationType<String> {
    /// Where to listen. As in an endpoint, an IPv6 address may stand in brackets, of which its value has none, and `*` is
    /// every address, as empty is.
    fileprivate static var listeningAddress: Self {
        let name = "an address or a host name, without the port"
        return Self(
            name: name,
            syntax: .text,
            read: { value, reader in
                guard case .string(let text) = value else { return reader.mistake(name, value) }
                // The resolver makes the loopback address of it.
                if text == "*" { return "" }
                let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
                let address = isBracketed ? text.dropFirst().dropLast() : text[...]
                // IPv6 has two colons at least; a lone one stands before a port.
                let colons = address.count { $0 == ":" }
                guard isBracketed ? colons > 1 : colons != 1, !address.contains(where: { "[]".contains($0) }) else {
                    return reader.mistake(name, value)
                }
                return String(address)
            },
            write: { .string($0) }
        )
    }

    /// A file that fedmsg would also fetch from a URL.
    fileprivate static var localFile: Self {
        Self(
            name: file.name,
            syntax: .text,
            read: { value, reader in
                guard case .string(let text) = value, text.contains("://") else { return file.read(value, &reader) }
                reader.report(
                    .badValue,
                    "expected a file, found \(value.summary): nothing is fetched; have a timer download it"
                        + " (curl --fail --output FILE URL) and name the file, which is read again when it changes"
                )
                return nil
            },
            write: { .string($0) }
        )
    }
}
