import Foundation

/// A configuration for one test: what differs from the defaults, written as TOML.
struct BridgeSettings {
    /// TOML text of each value, by table (empty: the root) and key.
    private var tables: [String: [String: String]] = [:]
    /// TOML that stands before the tables.
    private let preface: String
    /// Variables that only this daemon has.
    var environment: [String: String] = [:]

    /// Both directions off, signatures off, a monitoring port and a spool of its own.
    init(amqpURL: String) throws {
        try self.init(continuing: "")
        self["", "amqp_url"] = quoted(amqpURL)
    }

    /// As above, after a file of fedora-messaging's: of its tables none is written again.
    init(continuing preface: String) throws {
        self.preface = preface
        self["crypto", "validate_signatures"] = "false"
        self["crypto", "sign_messages"] = "false"
        self["to_amqp", "enabled"] = "false"
        self["to_fedmsg", "enabled"] = "false"
        self["monitoring", "port"] = String(try freePort())
    }

    subscript(table: String, key: String) -> String? {
        get { tables[table]?[key] }
        set { tables[table, default: [:]][key] = newValue }
    }

    /// Turns fedmsg → AMQP on, from these endpoints.
    mutating func toAMQP(from endpoints: [String], bind: Bool = false) {
        self["to_amqp", "enabled"] = "true"
        self["to_amqp", "zmq_endpoints"] = "[" + endpoints.map(quoted).joined(separator: ", ") + "]"
        self["to_amqp", "bind"] = String(bind)
        self["to_amqp", "zmq_reconnect_ivl"] = "50"
    }

    /// Turns AMQP → fedmsg on, to an endpoint that is bound, or connected to where it is a relay's.
    ///
    /// - Returns: the endpoint, on a free port unless it was given.
    @discardableResult
    mutating func toFedmsg(at endpoint: String? = nil, remotePublish: Bool = false) throws -> String {
        let endpoint = try endpoint ?? "tcp://127.0.0.1:\(freePort())"
        self["to_fedmsg", "enabled"] = "true"
        self["to_fedmsg", "publish_endpoint"] = quoted(endpoint)
        self["to_fedmsg", "remote_publish"] = String(remotePublish)
        return endpoint
    }

    /// Turns the check of signatures on, with what a peer made for it.
    mutating func validate(trusting peer: FedmsgPeer, revocationList: String = "crl.pem") {
        self["crypto", "validate_signatures"] = "true"
        self["crypto", "ca_cert_location"] = quoted(peer.path("ca.crt"))
        self["crypto", "crl_location"] = quoted(peer.path(revocationList))
    }

    /// Signs as one of a folder's certificates.
    mutating func sign(as certname: String, in folder: URL) {
        self["crypto", "sign_messages"] = "true"
        self["crypto", "ssldir"] = quoted(folder.path)
        self["crypto", "certname"] = quoted(certname)
    }

    var monitoringPort: String { self["monitoring", "port"] ?? "" }

    /// The whole as one TOML file.
    var toml: String {
        let tables = tables.sorted { $0.key < $1.key }
            .map { name, values in
                let lines = values.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)\n" }.joined()
                return (name.isEmpty ? "" : "[\(name)]\n") + lines
            }
            .joined(separator: "\n")
        return preface + "\n" + tables
    }
}

private func quoted(_ text: String) -> String { "\"\(text)\"" }
