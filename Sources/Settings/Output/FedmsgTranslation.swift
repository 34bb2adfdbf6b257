/// The translation of one fedmsg configuration: each key is taken, or named in a comment.
struct FedmsgTranslation {
    private let source: [String: ConfigurationValue]
    private var done: Set<String> = []
    private var lines: [String] = []

    init(_ source: [String: ConfigurationValue]) { self.source = source }

    mutating func toml() -> String {
        lines = ["# Made by fedmsg-bridge config import from what fedmsg-config printed."]
        writeToAMQP()
        writeToFedmsg()
        writeCrypto()
        writeRest()
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func writeToAMQP() {
        lines += ["", "[to_amqp]"]
        writeEndpoints()
        copy("high_water_mark", to: "to_amqp.high_water_mark")
        for name in [
            "zmq_tcp_keepalive", "zmq_tcp_keepalive_cnt", "zmq_tcp_keepalive_idle", "zmq_tcp_keepalive_intvl",
            "zmq_reconnect_ivl", "zmq_reconnect_ivl_max",
        ] {
            copy(name, to: "to_amqp.\(name)")
        }
    }

    private mutating func writeEndpoints() {
        guard case .table(let services)? = take("endpoints") else {
            comment("endpoints: none; zmq_endpoints needs at least one")
            return
        }
        var written: Set<String> = []
        lines.append("zmq_endpoints = [")
        for (service, value) in services.sorted(by: { $0.key < $1.key }) {
            if service == "relay_inbound" {
                comment(
                    "relay_inbound: where a relay listens, no publisher; fedmsg subscribes to none there either",
                    indent: 4
                )
                continue
            }
            comment(service, indent: 4)
            for case .string(let endpoint) in Self.list(value) {
                if let fault = ZeroMQEndpoint.fault(in: endpoint) {
                    comment("\(TOMLText.string(endpoint)): \(fault)", indent: 4)
                } else if ZeroMQEndpoint.isForListening(endpoint) {
                    comment("\(TOMLText.string(endpoint)) is an address to listen on: put its host there", indent: 4)
                } else if written.insert(endpoint).inserted {
                    lines.append("    \(TOMLText.string(endpoint)),")
                }
            }
        }
        lines.append("]")
    }

    private mutating func writeToFedmsg() {
        lines += ["", "[to_fedmsg]"]
        let relay = Self.list(source["relay_inbound"] ?? .array([])).first
        if source["active"] == true, let relay {
            done.formUnion(["active", "relay_inbound"])
            comment("active: messages go through the relay of relay_inbound")
            write(relay, to: "to_fedmsg.publish_endpoint")
            write(true, to: "to_fedmsg.remote_publish")
        }
        if source["high_water_mark"] == .int(0) {
            comment("high_water_mark = 0: no limit is not taken here; the default counts")
        } else {
            copy("high_water_mark", to: "to_fedmsg.high_water_mark")
        }
        if source["post_init_sleep"] == .double(0.5) {
            done.insert("post_init_sleep")
            comment("post_init_sleep = 0.5, fedmsg's default: the bridge's own counts, so that subscribers are back")
        } else {
            copy("post_init_sleep", to: "to_fedmsg.post_init_sleep")
        }
        copy("zmq_linger", to: "to_fedmsg.zmq_linger")
    }

    private mutating func writeCrypto() {
        lines += ["", "[crypto]"]
        if source["sign_messages"] == false { comment("fedmsg's default; fedmsg consumers drop what is not signed:") }
        for name in ["sign_messages", "validate_signatures", "ssldir", "crypto_backend"] {
            copy(name, to: "crypto.\(name)")
        }
        writeNitpicky()
        if case .array(let backends)? = take("crypto_validate_backends") {
            if backends != ["x509"] { comment("crypto_validate_backends: only x509 is supported") }
            write(["x509"], to: "crypto.crypto_validate_backends")
        }
        writeCertname()
        writeFile("ca_cert_location", cache: "ca_cert_cache")
        writeFile("crl_location", cache: "crl_cache")
        if case .table(let policy)? = take("routing_policy"), !policy.isEmpty {
            lines += ["", "[crypto.routing_policy]"]
            for (topic, names) in policy.sorted(by: { $0.key < $1.key }) {
                let line = "\(TOMLText.key(topic)) = \(TOMLText.value(names))"
                if case .string = names {
                    lines.append("\(TOMLText.key(topic)) = [\(TOMLText.value(names))]")
                } else if Self.isListOfNames(names) {
                    lines.append(line)
                } else {
                    comment("\(line): no list of certificate names, so nobody may")
                    lines.append("\(TOMLText.key(topic)) = []")
                }
            }
        }
    }

    /// Python takes anything that is not empty for true.
    private mutating func writeNitpicky() {
        let name = "routing_nitpicky"
        let value: ConfigurationValue? =
            switch take(name) {
            case .int(let number): .bool(number != 0)
            case .string(let text): .bool(!text.isEmpty)
            case let value: value
            }
        if let value { write(value, to: "crypto.\(name)") }
    }

    /// fedmsg keeps a certificate's name for each service and host; the bridge signs with one.
    private mutating func writeCertname() {
        if source["certname"] != nil { return copy("certname", to: "crypto.certname") }
        guard case .table(let all)? = take("certnames") else { return }
        let certnames = all.filter { if case .string = $0.value { true } else { false } }
        guard !certnames.isEmpty else { return }
        var candidates = certnames
        if case .string(let prefix)? = take("cert_prefix") {
            candidates = certnames.filter { $0.key.hasPrefix(prefix + ".") }
        }
        let names = Set(candidates.values)
        if names.count == 1, let name = names.first {
            write(name, to: "crypto.certname")
        } else {
            comment("certname: one of certnames, for sign_messages")
            for (service, name) in certnames.sorted(by: { $0.key < $1.key }) {
                comment("certname = \(TOMLText.value(name))  # \(TOMLText.comment(service))")
            }
        }
    }

    /// A PEM file that fedmsg may have fetched for itself.
    private mutating func writeFile(_ key: String, cache: String) {
        guard case .string(let location)? = take(key) else { return }
        guard location.contains("://") else { return write(.string(location), to: "crypto.\(key)") }
        done.formUnion([cache, "\(cache)_expiry"])
        let was = "\(key) was \(TOMLText.string(location)); nothing is fetched here"
        guard key != "crl_location" else {
            comment("\(was) but by fedmsg-bridge-crl.timer, with this in /etc/default/fedmsg-bridge-crl:")
            comment("CRL_URL=\(TOMLText.comment(location))")
            if case .string(let authority)? = source["ca_cert_location"], !authority.contains("://") {
                comment("CA_FILE=\(TOMLText.comment(authority))")
            }
            return write("/var/lib/fedmsg-bridge-crl/crl.pem", to: "crypto.\(key)")
        }
        let path = "/etc/pki/fedmsg/ca.crt"
        comment("\(was), so have a timer do it:")
        comment("curl --fail --silent --output \(path) \(TOMLText.comment(location))")
        write(.string(path), to: "crypto.\(key)")
    }

    /// What is left has no counterpart.
    private mutating func writeRest() {
        let rest = source.keys.filter { !done.contains($0) }.sorted()
        guard !rest.isEmpty else { return }
        lines += ["", "# Without a counterpart:"]
        for key in rest {
            comment(Self.reasons[key].map { "\(key): \($0)" } ?? key)
        }
    }

    private static let reasons = [
        "active": "publish_endpoint listens; see to_fedmsg.remote_publish",
        "ca_cert_cache": "nothing is fetched, so nothing is cached",
        "ca_cert_cache_expiry": "files are read again when they change",
        "crl_cache": "nothing is fetched, so nothing is cached",
        "crl_cache_expiry": "files are read again when they change",
        "environment": "topics have it in them already",
        "fedmsg.consumers.gateway.port": "see to_fedmsg.publish_endpoint",
        "io_threads": "the bridge has one",
        "logging": "Python's; see [log]",
        "persistent_store": "nothing is replayed on request; what waits is in [spool]",
        "relay_inbound": "to take a relay's place, to_amqp.bind = true with this as zmq_endpoints",
        "replay_endpoints": "nothing is replayed on request",
        "srv_endpoints": "what DNS said is among the endpoints",
        "topic_prefix": "topics have it in them already; the bridge's topic_prefix would put another before it",
        "topic_prefix_re": "topics are taken by to_amqp.topics",
    ]

    private mutating func take(_ key: String) -> ConfigurationValue? {
        done.insert(key)
        return source[key]
    }

    private mutating func copy(_ key: String, to path: String) {
        if let value = take(key) { write(value, to: path) }
    }

    /// A line of ours; a comment that says why, where our key does not take the value.
    private mutating func write(_ value: ConfigurationValue, to path: String) {
        guard let key = ConfigurationSchema.key(at: ConfigurationPath(dotted: path)), let name = key.path.lastKey
        else { return }
        var reader = ConfigurationReader { _ in .builtIn }
        var configuration = BridgeConfiguration()
        key.read(value, &configuration, &reader)
        let line = "\(name) = \(TOMLText.value(value))"
        if let mistake = reader.diagnostics.first {
            comment("\(line): \(mistake.text)")
        } else {
            lines.append(line)
        }
    }

    private mutating func comment(_ text: String, indent: Int = 0) {
        // Names are a stranger's text: a line break in one must not leave the comment.
        let escaped = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        lines.append(String(repeating: " ", count: indent) + "# " + (escaped ? TOMLText.comment(text) : text))
    }

    private static func isListOfNames(_ value: ConfigurationValue) -> Bool {
        guard case .array(let elements) = value else { return false }
        return elements.allSatisfy { if case .string = $0 { true } else { false } }
    }

    /// fedmsg takes a list or a single value.
    private static func list(_ value: ConfigurationValue) -> [ConfigurationValue] {
        if case .array(let elements) = value { elements } else { [value] }
    }
}
