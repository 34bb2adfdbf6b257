import Testing

@testable import AMQP

@Suite("AMQPEndpoint from a URI")
struct AMQPEndpointURITests {
    struct Good: CustomTestStringConvertible {
        var uri: String
        var expected: AMQPEndpoint
        var testDescription: String { uri }

        init(_ uri: String, _ expected: AMQPEndpoint) {
            self.uri = uri
            self.expected = expected
        }
    }

    /// The rows of RabbitMQ's URI specification, appendix A, and more.
    static let good: [Good] = [
        Good("amqp://", AMQPEndpoint()),
        Good(
            "amqp://user:pass@host:10000/vhost",
            AMQPEndpoint(host: "host", port: 10000, virtualHost: "vhost", credentials: .user("user", "pass"))
        ),
        Good(
            "amqp://user%61:%61pass@ho%61st:10000/v%2fhost",
            AMQPEndpoint(host: "hoast", port: 10000, virtualHost: "v/host", credentials: .user("usera", "apass"))
        ),
        Good("amqp://:@/", AMQPEndpoint(virtualHost: "", credentials: .user("", ""))),
        Good("amqp://user@", AMQPEndpoint(credentials: .user("user", ""))),
        Good("amqp://user:pass@", AMQPEndpoint(credentials: .user("user", "pass"))),
        Good("amqp://host", AMQPEndpoint(host: "host")),
        Good("amqp://:10000", AMQPEndpoint(port: 10000)),
        Good("amqp:///vhost", AMQPEndpoint(virtualHost: "vhost")),
        Good("amqp://host/", AMQPEndpoint(host: "host", virtualHost: "")),
        Good("amqp://host/%2f", AMQPEndpoint(host: "host")),
        Good("amqp://host/%2Fpublic_pubsub", AMQPEndpoint(host: "host", virtualHost: "/public_pubsub")),
        Good("amqp://[::1]", AMQPEndpoint(host: "::1")),
        Good("amqp://[2001:db8::7]:5673/%2F", AMQPEndpoint(host: "2001:db8::7", port: 5673)),
        Good("AMQP://host:", AMQPEndpoint(host: "host")),
        Good("amqps://host", AMQPEndpoint(host: "host", port: 5671, tls: AMQPTLSConfiguration())),
        Good("amqp://u:p:q%40r%2F%3F%23%25@h", AMQPEndpoint(host: "h", credentials: .user("u", "p:q@r/?#%"))),
        Good("amqp://u:p%C3%A4ss+word@h", AMQPEndpoint(host: "h", credentials: .user("u", "päss+word"))),
        Good("amqp://?heartbeat=5", AMQPEndpoint().with { $0.heartbeat = .seconds(5) }),
        Good(
            "amqp://h/v?heartbeat=0&connection_timeout=2500&channel_max=10&frame_max=8192",
            AMQPEndpoint(host: "h", virtualHost: "v").with {
                $0.heartbeat = .zero
                $0.connectTimeout = .milliseconds(2500)
                $0.channelMax = 10
                $0.frameMax = 8192
            }
        ),
        Good(
            "amqp://h?socket_timeout=1.5&stack_timeout=20",
            AMQPEndpoint(host: "h").with {
                $0.connectTimeout = .milliseconds(1500)
                $0.handshakeTimeout = .seconds(20)
            }
        ),
        Good(
            "amqp://?connection_attempts=3&retry_delay=5&locale=en_US",
            AMQPEndpoint().with {
                $0.parametersWithoutEffect = ["connection_attempts", "retry_delay", "locale"]
            }
        ),
        Good(
            "amqps://fedora:@rabbit/%2Fpublic_pubsub?cacertfile=/a/ca.pem&certfile=/a/c%20d.pem&keyfile=/a/k.pem"
                + "&password=s%26t&verify=verify_peer&server_name_indication=broker&auth_mechanism=external",
            AMQPEndpoint(
                host: "rabbit",
                virtualHost: "/public_pubsub",
                credentials: AMQPCredentials(
                    mechanisms: [.external],
                    username: "fedora",
                    password: AMQPSecret("")
                ),
                tls: AMQPTLSConfiguration(
                    trustRoots: .file("/a/ca.pem"),
                    certificateFile: "/a/c d.pem",
                    keyFile: "/a/k.pem",
                    keyPassword: AMQPSecret("s&t"),
                    serverName: "broker"
                )
            )
        ),
        Good(
            "amqps://h?verify=verify_none",
            AMQPEndpoint(host: "h", tls: AMQPTLSConfiguration(verification: .none))
        ),
        Good(
            "amqp://h?auth_mechanism=plain&auth_mechanism=amqplain",
            AMQPEndpoint(host: "h", credentials: AMQPCredentials(mechanisms: [.plain, .amqplain]))
        ),
        Good(
            "amqp://h?auth_mechanism=EXTERNAL&auth_mechanism=plain",
            AMQPEndpoint(host: "h", credentials: AMQPCredentials(mechanisms: [.external, .plain]))
        ),
    ]

    @Test("is what the specification says", arguments: good)
    func reads(_ row: Good) throws {
        #expect(try AMQPEndpoint(uri: row.uri) == row.expected)
    }

    /// Each with the part that the error has to name and a word of its message.
    static let bad: [(uri: String, part: String, word: String)] = [
        ("", "scheme", "amqp://"),
        ("host:5672", "scheme", "amqp://"),
        ("http://host", "scheme", "amqps"),
        ("amqp:/host", "scheme", "amqp://"),
        ("amqp://ho st", "whole", "%20"),
        ("amqp://host\n", "whole", "control"),
        ("amqp://host:0", "port", "65535"),
        ("amqp://host:65536", "port", "65535"),
        ("amqp://host:+5", "port", "65535"),
        ("amqp://host:99999999999999999999", "port", "65535"),
        ("amqp://::1:5672", "host", "brackets"),
        ("amqp://[::1", "host", "']'"),
        ("amqp://[host]", "host", "IPv6"),
        ("amqp://[::1]x", "host", "brackets"),
        ("amqp://ho%2Fst", "host", "character"),
        ("amqp://höst", "host", "character"),
        ("amqp://host/a/b", "virtual host", "%2F"),
        ("amqp://host//public_pubsub", "virtual host", "%2F"),
        ("amqp://host/%", "virtual host", "%25"),
        ("amqp://host/%2", "virtual host", "%25"),
        ("amqp://host/%zz", "virtual host", "%25"),
        ("amqp://host/%ff", "virtual host", "UTF-8"),
        ("amqp://host/a%00b", "virtual host", "zero"),
        ("amqp://u:%f@host", "password", "%25"),
        ("amqp://host/v#frag", "fragment", "%23"),
        ("amqp://u:a@b@host", "user name and password", "%40"),
        ("amqp://u:a/b@host", "host", "%2F"),
        ("amqp://u:a?b@host", "host", "%3F"),
        ("amqp://u:secret", "port", "percent"),
        ("amqp://host?heartbeat", "parameters", "name=value"),
        ("amqp://host?=5", "parameters", "name=value"),
        ("amqp://host?hartbeat=5", "parameter hartbeat", "did you mean heartbeat?"),
        ("amqps://host?password=a&SECRET=5", "parameters", "a & in a password is written %26"),
        ("amqp://host?conection_timout=5", "parameter conection_timout", "did you mean connection_timeout?"),
        ("amqp://host?Heartbeat=5", "parameter Heartbeat", "did you mean heartbeat?"),
        ("amqp://host?heartbeat=5&heartbeat=6", "parameter heartbeat", "twice"),
        ("amqp://host?heartbeat=-1", "parameter heartbeat", "65535"),
        ("amqp://host?heartbeat=1.5", "parameter heartbeat", "whole"),
        ("amqp://host?heartbeat=", "parameter heartbeat", "whole"),
        ("amqp://host?connection_timeout=0", "parameter connection_timeout", "from 1"),
        ("amqp://host?frame_max=100", "parameter frame_max", "4096"),
        ("amqp://host?socket_timeout=nan", "parameter socket_timeout", "seconds"),
        ("amqp://host?socket_timeout=0", "parameter socket_timeout", "more than 0"),
        ("amqp://host?socket_timeout=1&connection_timeout=1000", "parameter socket_timeout", "connection_timeout"),
        ("amqp://host?cacertfile=/ca.pem", "parameter cacertfile", "amqps"),
        ("amqps://host?certfile=/c.pem", "parameter certfile", "keyfile"),
        ("amqps://host?keyfile=/c.pem", "parameter keyfile", "certfile"),
        ("amqps://host?cacertfile=", "parameter cacertfile", "empty"),
        ("amqps://host?verify=yes", "parameter verify", "verify_peer"),
        ("amqps://host?ssl_options={}", "parameter ssl_options", "cacertfile"),
        ("amqps://host?depth=3", "parameter depth", "chains"),
        ("amqp://host?client_properties={}", "parameter client_properties", "URI"),
        ("amqp://host?auth_mechanism=kerberos", "parameter auth_mechanism", "external"),
    ]

    @Test("is refused with the part and what to do", arguments: bad)
    func refuses(uri: String, part: String, word: String) {
        let error = #expect(throws: AMQPError.self) { try AMQPEndpoint(uri: uri) }
        #expect(error?.code == .invalidURI)
        #expect(error?.subject == .uriPart(part))
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }

    @Test(
        "keeps a password that was not percent-encoded out of its error",
        arguments: [
            "amqp://user:hunt/er2@host", "amqp://user:hunt?er2=x@host", "amqp://user:hunt#er2@host",
            "amqp://user:hunt@er2@host", "amqp://user:hunt%er2@host", "amqp://user:hunt:er2",
            "amqp://user:hunt er2@host",
            "amqp://user:hunt/er2?a=b@host", "amqp://user:hunt/er2/x@host", "amqp://user:hunt[er2@host:x",
        ]
    )
    func masksPasswordsInErrors(uri: String) {
        let error = #expect(throws: AMQPError.self) { try AMQPEndpoint(uri: uri) }
        let text = "\(error as Any) \(String(reflecting: error))"
        #expect(!text.contains("hunt") && !text.contains("er2"), "\(text)")
    }

    @Test("prints without its passwords, however it is printed")
    func masksPasswords() throws {
        let uri = "amqps://user:hunter2@host/v?certfile=/c&keyfile=/k&password=hunter3"
        let configuration = try AMQPConfiguration(uri: uri)
        let endpoint = configuration.endpoints[0]
        var text = "\(endpoint) \(String(reflecting: endpoint)) \(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &text)
        dump(endpoint.credentials, to: &text)
        text += "\(endpoint.credentials) \(String(reflecting: endpoint.tls))"
        #expect(!text.contains("hunter"))
        #expect(endpoint.description == "amqps://user:***@host:5671/v")
    }

    @Test("prints a URI that names the same endpoint")
    func printsURI() throws {
        let endpoint = AMQPEndpoint(host: "::1", virtualHost: "/ä b", credentials: .user("a/b", "secret"))
        let printed = endpoint.description
        #expect(printed == "amqp://a%2Fb:***@[::1]:5672/%2F%C3%A4%20b")
        let read = try AMQPEndpoint(uri: printed)
        #expect(read.virtualHost == endpoint.virtualHost)
        #expect(read.host == endpoint.host)
        #expect(read.credentials.username == endpoint.credentials.username)
    }

    @Test("says for an empty virtual host what was probably meant")
    func hintsAtVirtualHost() throws {
        #expect(try AMQPEndpoint(uri: "amqp://h/").virtualHostHint?.contains("%2F") == true)
        #expect(try AMQPEndpoint(uri: "amqp://h").virtualHostHint == nil)
    }
}

extension AMQPCredentials {
    static func user(_ username: String, _ password: String) -> Self {
        .plain(username: username, password: password)
    }
}

extension AMQPEndpoint {
    fileprivate func with(_ change: (inout AMQPEndpoint) -> Void) -> AMQPEndpoint {
        var endpoint = self
        change(&endpoint)
        return endpoint
    }
}
