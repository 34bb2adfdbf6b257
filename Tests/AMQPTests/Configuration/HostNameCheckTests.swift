import Testing

@testable import AMQP

@Suite("HostNameCheck")
struct HostNameCheckTests {
    @Test(
        "takes equal names, in any case, with or without a last dot, and a star for the first label",
        arguments: [
            ("broker.example", "broker.example"), ("Broker.Example", "bROKER.example"),
            ("broker.example.", "broker.example"),
            ("broker.example", "broker.example."), ("*.example.org", "broker.example.org"), ("localhost", "localhost"),
        ]
    )
    func takes(name: String, host: String) {
        #expect(HostNameCheck.matches(Array(name.utf8), host))
    }

    @Test(
        "refuses others",
        arguments: [
            ("broker.example", "broker.example.org"), ("example", "broker.example"),
            ("*.example.org", "a.b.example.org"),
            ("*.example.org", "example.org"), ("*.org", "example.org"), ("b*.example.org", "broker.example.org"),
            ("a.*.org", "a.example.org"), ("*", "localhost"), ("", ""), ("", "localhost"),
            ("*.example.org", ".example.org"),
        ]
    )
    func refuses(name: String, host: String) {
        #expect(!HostNameCheck.matches(Array(name.utf8), host))
    }
}
