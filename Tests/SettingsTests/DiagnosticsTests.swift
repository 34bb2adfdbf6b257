import Settings
import Testing

@Suite struct DiagnosticsTests {
    @Test(
        arguments: [
            ("ampq_url = \"\"", "ampq_url: unknown key; did you mean amqp_url?"),
            ("[to_amq]\na = 1", "to_amq: unknown key; did you mean to_amqp?"),
            (
                "validate_signatures = false",
                "validate_signatures: unknown key; did you mean crypto.validate_signatures?"
            ),
            ("[to_amqp]\nzmq_linger = 1", "to_amqp.zmq_linger: unknown key; did you mean to_fedmsg.zmq_linger?"),
            ("zmq_endpoint = []", "zmq_endpoint: unknown key; did you mean to_amqp.zmq_endpoints?"),
            ("to_amqp.bidn = true", "to_amqp.bidn: unknown key; did you mean bind?"),
            ("irc_method = \"notice\"", "irc_method: unknown key"),
            ("[tls]\ncacert = \"\"", "tls.cacert: unknown key; did you mean ca_cert?"),
            ("[queues.a]\ndurabel = true", "queues.a.durabel: unknown key; did you mean durable?"),
            ("[exchanges.\"a.b\"]\nkind = 1", "exchanges.\"a.b\".kind: unknown key"),
            ("amqp_url = []", "amqp_url: expected an amqp:// or amqps:// URL, or a list of them, found an empty list"),
            ("amqp_url = [\"amqp://a\", 1]", "amqp_url[1]: expected an amqp:// or amqps:// URL, found 1"),
            (
                "amqp_url = \"localhost\"",
                "amqp_url: expected a URL that begins with amqp:// or amqps://, found the text \"localhost\""
            ),
            (
                "amqp_url = \"u:p@h\"",
                "amqp_url: expected a URL that begins with amqp:// or amqps://, found the text \"***@h\""
            ),
            (
                "amqp_url = \"amqp:/u:p@h,amqp://v:q@i\"",
                "amqp_url: expected a URL that begins with amqp:// or amqps://, found the text \"***@i\""
            ),
            (
                "amqp_url = \"http://u:p@h\"",
                "amqp_url: expected a URL that begins with amqp:// or amqps://, found the text \"http://u:***@h\""
            ),
            (
                "amqp_url = \"amqp://h:99999\"",
                "amqp_url: the port must be a number from 1 to 65535, found the text \"amqp://h:99999\""
            ),
            (
                "amqp_url = \"amqp://u:p/w@h/%zz\"",
                "amqp_url: % must be followed by two hexadecimal digits; write %25 for itself, found the text \"amqp://u:***@h/%zz\""
            ),
            (
                "amqp_url = \"amqp://h//public_pubsub\"",
                "amqp_url: a / in the virtual host is written %2F, found the text \"amqp://h//public_pubsub\""
            ),
            (
                "amqp_url = \"amqp://h /\"",
                "amqp_url: a URL has no spaces or control characters; write %20 for a space, found the text \"amqp://h /\""
            ),
            ("publish_priority = 256", "publish_priority: expected an integer from 0 to 255, found 256"),
            ("publish_priority = 1.5", "publish_priority: expected an integer from 0 to 255, found 1.5"),
            ("tls = 1", "tls: expected a table, found 1"),
            ("to_amqp = []", "to_amqp: expected a table, found an empty list"),
            ("client_properties = 1", "client_properties: expected a table, found 1"),
            ("queues = [1]", "queues: expected a table of tables, found a list"),
            ("queues.a = 1", "queues.a: expected a table, found 1"),
            ("queues.\"\" = {}", "queues.\"\": a name must have 1 to 255 bytes"),
            ("bindings = {}", "bindings: expected a list of tables ([[bindings]]), found a table"),
            ("bindings = [1]", "bindings[0]: expected a table, found 1"),
            ("[[bindings]]\nexchange = \"a\"", "bindings[0]: routing_keys is missing"),
            ("[[bindings]]\nrouting_keys = []", "bindings[0]: exchange is missing"),
            (
                "[[bindings]]\nexchange = \"a\"\nrouting_keys = \"#\"",
                "bindings[0].routing_keys: expected a list of patterns, found the text \"#\""
            ),
            (
                "to_amqp.zmq_endpoints = \"tcp://a:1\"",
                "to_amqp.zmq_endpoints: expected a list of endpoints, found the text \"tcp://a:1\""
            ),
            (
                "to_amqp.zmq_endpoints = [\"a:1\"]",
                "to_amqp.zmq_endpoints[0]: expected an endpoint like tcp://host:9940, ipc:///path or inproc://name, found the text \"a:1\""
            ),
            (
                "to_amqp.zmq_endpoints = [\"udp://a:1\"]",
                "to_amqp.zmq_endpoints[0]: expected tcp://, ipc:// or inproc://, found the text \"udp://a:1\""
            ),
            (
                "to_amqp.zmq_endpoints = [\"tcp://a\"]",
                "to_amqp.zmq_endpoints[0]: a port must follow the host, as in tcp://host:9940, found the text \"tcp://a\""
            ),
            (
                "to_amqp.zmq_endpoints = [\"tcp://a:x\"]",
                "to_amqp.zmq_endpoints[0]: the port must be a number from 0 to 65535, found the text \"tcp://a:x\""
            ),
            (
                "to_amqp.zmq_endpoints = [\"tcp://::1:1\"]",
                "to_amqp.zmq_endpoints[0]: an IPv6 address stands in brackets, as in tcp://[::1]:9940, found the text \"tcp://::1:1\""
            ),
            (
                "to_amqp.zmq_endpoints = [\"tcp://_fedmsg.example:9940\"]",
                "to_amqp.zmq_endpoints[0]: a host begins with a letter or digit (or [), and has only these and . - _ : %, found the text \"tcp://_fedmsg.example:9940\""
            ),
            (
                "to_amqp.zmq_endpoints = [\"tcp://a:1\", \"tcp://a/b:1\"]",
                "to_amqp.zmq_endpoints[1]: a host begins with a letter or digit (or [), and has only these and . - _ : %, found the text \"tcp://a/b:1\""
            ),
            (
                "to_amqp.zmq_endpoints = [\"tcp://*:0;a:1\"]",
                "to_amqp.zmq_endpoints[0]: a host begins with a letter or digit (or [), and has only these and . - _ : %, found the text \"tcp://*:0;a:1\""
            ),
            (
                "to_fedmsg.publish_endpoint = \"ipc://\(String(repeating: "x", count: 108))\"",
                "to_fedmsg.publish_endpoint: a path has at most 107 bytes, found the text \"ipc://\(String(repeating: "x", count: 73))…\""
            ),
            (
                "to_amqp.zmq_endpoints = [\"ipc://@\"]",
                "to_amqp.zmq_endpoints[0]: a name must follow @, found the text \"ipc://@\""
            ),
            (
                "to_amqp.zmq_endpoints = [\"ipc://\"]",
                "to_amqp.zmq_endpoints[0]: a path or name must follow ://, found the text \"ipc://\""
            ),
            (
                "to_amqp.body = \"message\"",
                "to_amqp.body: expected \"msg\" or \"envelope\", found the text \"message\""
            ),
            ("to_amqp.exchange = \"\"", "to_amqp.exchange: expected a name of 1 to 255 bytes, found empty text"),
            (
                "to_amqp.max_message_bytes = 0",
                "to_amqp.max_message_bytes: expected an integer from 1 to 536870912 (bytes), found 0"
            ),
            (
                "to_amqp.zmq_tcp_keepalive_cnt = 128",
                "to_amqp.zmq_tcp_keepalive_cnt: expected an integer from 1 to 127, or -1, found 128"
            ),
            (
                "to_amqp.zmq_tcp_keepalive_idle = 0",
                "to_amqp.zmq_tcp_keepalive_idle: expected an integer from 1 to 32767 (seconds), or -1, found 0"
            ),
            (
                "to_amqp.zmq_tcp_keepalive_intvl = -2",
                "to_amqp.zmq_tcp_keepalive_intvl: expected an integer from 1 to 32767 (seconds), or -1, found -2"
            ),
            (
                "to_amqp.zmq_reconnect_ivl = 0.5",
                "to_amqp.zmq_reconnect_ivl: expected an integer from 1 to 3600000 (milliseconds), found 0.5"
            ),
            (
                "to_fedmsg.high_water_mark = 0",
                "to_fedmsg.high_water_mark: 0 would be no limit, and a kill would lose what libzmq holds; expected at least 1"
            ),
            (
                "to_fedmsg.high_water_mark = -1",
                "to_fedmsg.high_water_mark: expected an integer from 1 to 2147483647 (messages), found -1"
            ),
            (
                "to_fedmsg.post_init_sleep = -0.5",
                "to_fedmsg.post_init_sleep: expected seconds from 0 to 3600, found -0.5"
            ),
            (
                "to_fedmsg.post_init_sleep = \"2s\"",
                "to_fedmsg.post_init_sleep: expected seconds from 0 to 3600, found the text \"2s\""
            ),
            (
                "to_fedmsg.post_init_sleep = nan",
                "to_fedmsg.post_init_sleep: expected seconds from 0 to 3600, found nan"
            ),
            (
                "crypto.crypto_backend = \"gpg\"",
                "crypto.crypto_backend: gpg signatures are not supported; expected \"x509\""
            ),
            (
                "crypto.crypto_backend = \"x508\"",
                "crypto.crypto_backend: expected \"x509\", found the text \"x508\"; did you mean \"x509\"?"
            ),
            (
                "crypto.crypto_validate_backends = [\"x509\", \"gpg\"]",
                "crypto.crypto_validate_backends[1]: gpg signatures are not supported; expected \"x509\""
            ),
            (
                "crypto.ca_cert_location = \"https://h/ca.crt\"",
                "crypto.ca_cert_location: expected a file, found the text \"https://h/ca.crt\": nothing is fetched; have a timer download it (curl --fail --output FILE URL) and name the file, which is read again when it changes"
            ),
            ("crypto.certname = \"../a\"", "crypto.certname: expected a name without /, found the text \"../a\""),
            (
                "crypto.routing_policy.\"a.b\" = \"c\"",
                "crypto.routing_policy.\"a.b\": expected a list of certificate names, found the text \"c\""
            ),
            ("crypto.routing_policy.a = [1]", "crypto.routing_policy.a[0]: expected text, found 1"),
            ("spool.max_bytes = 1000", "spool.max_bytes: expected an integer of at least 1048576 (bytes), found 1000"),
            (
                "spool.synchronous = \"fulll\"",
                "spool.synchronous: expected \"full\" or \"normal\", found the text \"fulll\"; did you mean \"full\"?"
            ),
            (
                "monitoring.address = \"127.0.0.1:9949\"",
                "monitoring.address: expected an address or a host name, without the port, found the text \"127.0.0.1:9949\""
            ),
            (
                "monitoring.address = \"[::1]:9949\"",
                "monitoring.address: expected an address or a host name, without the port, found the text \"[::1]:9949\""
            ),
            (
                "monitoring.address = \"[localhost]\"",
                "monitoring.address: expected an address or a host name, without the port, found the text \"[localhost]\""
            ),
            (
                "monitoring.page = \"all\"",
                "monitoring.page: expected \"auto\" or \"full\" or \"states\", found the text \"all\""
            ),
            (
                "log.level = \"INFO\"",
                "log.level: expected \"trace\" or \"debug\" or \"info\" or \"notice\" or \"warning\" or \"error\" or \"critical\", found the text \"INFO\"; did you mean \"info\"?"
            ),
            (
                "topic_prefix = \"a\\u001b[31m\\n\"\ntopic_prefi = 1",
                "topic_prefi: unknown key; did you mean topic_prefix?"
            ),
            (
                "log.format = \"a\\u001b[31m\\n<0>\"",
                "log.format: expected \"text\" or \"json\", found the text \"a\\u001B[31m\\n<0>\""
            ),
        ]
    )
    func `a mistake is told in full`(text: String, expected: String) throws {
        let lines = try read(text).lines(.error)
        #expect(lines.map { $0.drop { $0 != " " }.dropFirst() } == [Substring(expected)])
    }

    @Test func `a mistake has its line, column, key and what was expected as values`() throws {
        let loaded = try read("[to_amqp]\nzmq_endpoints = [\n  \"tcp://a:1\",\n  5,\n]\nenabld = true")
        let diagnostics = loaded.errors
        #expect(diagnostics.map(\.code) == [.badValue, .unknownKey])
        #expect(diagnostics.map { $0.key?.description } == ["to_amqp.zmq_endpoints[1]", "to_amqp.enabld"])
        #expect(diagnostics.map(\.expected) == ["an endpoint like tcp://host:9940", nil])
        #expect(diagnostics.map(\.found) == ["5", nil])
        #expect(diagnostics.map(\.nearest) == [nil, "enabled"])
        let places = diagnostics.map { diagnostic -> [Int] in
            guard case .file(_, let line, let column) = diagnostic.origin else { return [] }
            return [line, column]
        }
        #expect(places == [[4, 3], [6, 1]])
    }

    @Test func `control characters in a key or path are escaped`() throws {
        let line = try #require(try read("\"a\\n<0>\" = 1").lines(.error).first)
        #expect(line == "bridge.toml:1: \"a\\n<0>\": unknown key")
    }
}
