import Settings
import Testing

@Suite struct FedmsgImportTests {
    @Test func `what the real fedmsg-config prints becomes a file that is taken`() throws {
        let toml = try FedmsgImport.toml(from: try fixture("fedmsg-config.json"))
        let loaded = try read(toml, for: .run)
        #expect(loaded.diagnostics.isEmpty)
        let configuration = loaded.configuration
        #expect(configuration.toAMQP.zmqEndpoints == ["tcp://hub.fedoraproject.org:9940", "tcp://127.0.0.1:4001"])
        #expect(configuration.toAMQP.socketOptions == BridgeConfiguration.SocketOptions())
        #expect(configuration.toFedmsg == BridgeConfiguration.ToFedmsg())
        #expect(!configuration.crypto.signMessages && configuration.crypto.validateSignatures)
        #expect(configuration.crypto.crlLocation == "/var/lib/fedmsg-bridge-crl/crl.pem")
        #expect(
            configuration.crypto.routingPolicy
                == ["org.fedoraproject.prod.announce.announcement": ["announce-lockbox.phx2.fedoraproject.org"]]
        )
        #expect(configuration.topicPrefix.isEmpty)
    }

    @Test func `each key of the real configuration is taken or named in a comment`() throws {
        let json = try fixture("fedmsg-config.json")
        let toml = try FedmsgImport.toml(from: json)
        let keys = json.split(separator: "\n").compactMap { $0.firstMatch(of: #/^  "([^"]+)"/#)?.output.1 }
        #expect(keys.count == 42)
        let caches: Set<Substring> = ["ca_cert_cache", "ca_cert_cache_expiry", "crl_cache", "crl_cache_expiry"]
        // persistent_store is None and certnames is empty: both say nothing.
        let missing = keys.filter { key in
            let name = key == "endpoints" ? "zmq_endpoints" : key
            return !toml.contains(name) && !caches.contains(key)
        }
        #expect(missing == ["persistent_store", "certnames"])
    }

    @Test(
        arguments: [
            (
                #"{"endpoints": {"a": ["tcp://a:1", "tcp://b:2"], "b": "tcp://a:1"}}"#,
                #"zmq_endpoints = ["# + "\n    # a\n    \"tcp://a:1\",\n    \"tcp://b:2\",\n    # b\n]"
            ),
            (
                #"{"endpoints": {"a\n[b]": ["tcp://*:1", "nonsense"]}}"#,
                "zmq_endpoints = [\n    # a\\n[b]\n    # \"tcp://*:1\" is an address to listen on: put its host there\n    # \"nonsense\": expected an endpoint like tcp://host:9940, ipc:///path or inproc://name\n]"
            ),
            ("{}", "[to_amqp]\n# endpoints: none; zmq_endpoints needs at least one"),
            (#"{"high_water_mark": 500}"#, "[to_fedmsg]\nhigh_water_mark = 500"),
            (
                #"{"high_water_mark": 0}"#,
                "[to_fedmsg]\n# high_water_mark = 0: no limit is not taken here; the default counts"
            ),
            (
                #"{"zmq_tcp_keepalive_cnt": 0, "zmq_tcp_keepalive_idle": -1}"#,
                "# zmq_tcp_keepalive_cnt = 0: expected an integer from 1 to 127, or -1, found 0\nzmq_tcp_keepalive_idle = -1\n"
            ),
            (#"{"post_init_sleep": 1.5}"#, "[to_fedmsg]\npost_init_sleep = 1.5"),
            (
                #"{"zmq_linger": -1}"#,
                "[to_fedmsg]\n# zmq_linger = -1: expected an integer from 0 to 3600000 (milliseconds), found -1"
            ),
            (
                #"{"active": true, "relay_inbound": ["tcp://relay:2003"]}"#,
                "# active: messages go through the relay of relay_inbound\npublish_endpoint = \"tcp://relay:2003\"\nremote_publish = true"
            ),
            (
                #"{"relay_inbound": "tcp://relay:2003"}"#,
                "# relay_inbound: to take a relay's place, to_amqp.bind = true with this as zmq_endpoints"
            ),
            (
                #"{"crypto_backend": "gpg", "crypto_validate_backends": ["x509", "gpg"]}"#,
                "# crypto_backend = \"gpg\": gpg signatures are not supported; expected \"x509\"\n# crypto_validate_backends: only x509 is supported\ncrypto_validate_backends = [\"x509\"]"
            ),
            (
                #"{"sign_messages": false}"#,
                "[crypto]\n# fedmsg's default; fedmsg consumers drop what is not signed:\nsign_messages = false"
            ),
            (#"{"certname": "bridge"}"#, "[crypto]\ncertname = \"bridge\""),
            (#"{"certnames": {"a.h1": "x", "b.h1": "x"}}"#, "[crypto]\ncertname = \"x\""),
            (#"{"certnames": {"a.h1": "x", "b.h1": "y"}, "cert_prefix": "b"}"#, "[crypto]\ncertname = \"y\""),
            (
                #"{"certnames": {"a.h1": "x", "b.h1": "y"}}"#,
                "# certname: one of certnames, for sign_messages\n# certname = \"x\"  # a.h1\n# certname = \"y\"  # b.h1"
            ),
            (
                #"{"ca_cert_location": "/etc/ca.crt", "crl_location": null}"#,
                "[crypto]\nca_cert_location = \"/etc/ca.crt\"\n"
            ),
            (
                #"{"ca_cert_location": "https://h/ca.crt", "ca_cert_cache": "/c"}"#,
                "[crypto]\n# ca_cert_location was \"https://h/ca.crt\"; nothing is fetched here, so have a timer do it:\n# curl --fail --silent --output /etc/pki/fedmsg/ca.crt https://h/ca.crt\nca_cert_location = \"/etc/pki/fedmsg/ca.crt\"\n"
            ),
            (
                #"{"ca_cert_location": "/etc/ca.crt", "validate_signatures": true}"#,
                "ca_cert_location = \"/etc/ca.crt\"\n# crl_location was \"https://fedoraproject.org/fedmsg/crl.pem\"; nothing is fetched here but by fedmsg-bridge-crl.timer, with this in /etc/default/fedmsg-bridge-crl:\n# CRL_URL=https://fedoraproject.org/fedmsg/crl.pem\n# CA_FILE=/etc/ca.crt\ncrl_location = \"/var/lib/fedmsg-bridge-crl/crl.pem\"\n"
            ),
            (
                #"{"ca_cert_location": "https://h/ca.crt", "crl_location": "https://h/crl.pem"}"#,
                "\n# CRL_URL=https://h/crl.pem\ncrl_location = "
            ),
            (
                #"{"crl_location": ""}"#,
                "# ca_cert_location was \"https://fedoraproject.org/fedmsg/ca.crt\"; nothing is fetched here, so have a timer do it:\n# curl --fail --silent --output /etc/pki/fedmsg/ca.crt https://fedoraproject.org/fedmsg/ca.crt\nca_cert_location = \"/etc/pki/fedmsg/ca.crt\"\ncrl_location = \"\"\n"
            ),
            (#"{"validate_signatures": false}"#, "[crypto]\nvalidate_signatures = false\n"),
            (
                #"{"routing_policy": {"a.b": ["c"], "d": 1, "e": null, "f": "shell"}}"#,
                "[crypto.routing_policy]\n\"a.b\" = [\"c\"]\n# d = 1: no list of certificate names, so nobody may\nd = []\ne = []\nf = [\"shell\"]"
            ),
            (#"{"routing_nitpicky": 1}"#, "[crypto]\nrouting_nitpicky = true"),
            (#"{"routing_nitpicky": ""}"#, "[crypto]\nrouting_nitpicky = false"),
            (
                #"{"endpoints": {"relay_inbound": ["tcp://127.0.0.1:2003"], "x": ["tcp://h:1"]}}"#,
                "zmq_endpoints = [\n    # relay_inbound: where a relay listens, no publisher; fedmsg subscribes to none there either\n    # x\n    \"tcp://h:1\",\n]"
            ),
            (
                #"{"stomp_pass": "secret", "something": {"else": 1}}"#,
                "# Without a counterpart:\n# something\n# stomp_pass\n"
            ),
        ]
    )
    func `a key of fedmsg becomes ours`(json: String, expected: String) throws {
        let toml = try FedmsgImport.toml(from: json)
        #expect(toml.contains(expected), "\(toml)")
        #expect(!toml.contains("secret"))
        #expect(try read(toml).diagnostics.isEmpty)
    }

    @Test(arguments: [#"{"crl_location": null}"#, #"{"validate_signatures": false}"#])
    func `no list of revoked certificates is named where fedmsg would look at none`(json: String) throws {
        #expect(try !FedmsgImport.toml(from: json).contains("crl"))
    }

    @Test(arguments: ["", "[]", "null", "tcp://a", "{\"a\": 1"])
    func `what is no JSON object is refused`(json: String) {
        let error = #expect(throws: ConfigurationError.self) { try FedmsgImport.toml(from: json) }
        #expect(
            error?.description == "fedmsg-config: expected a JSON object, as fedmsg-config prints it without --query"
        )
    }
}
