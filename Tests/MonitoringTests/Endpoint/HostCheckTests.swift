import Testing

@testable import Monitoring

@Suite("Host check")
struct HostCheckTests {
    @Test(
        "On loopback only names of this machine are answered",
        arguments: [
            ("localhost", true), ("LOCALHOST:9949", true), ("127.0.0.1", true), ("127.8.9.1:80", true),
            ("[::1]:9949", true),
            (nil, true), ("", true), ("evil.example", false), ("127.0.0.1.evil.example", false),
            ("localhost.evil", false),
            ("127.0.0.1@evil.example", false), ("192.0.2.1", false), ("[2001:db8::1]", false),
        ] as [(String?, Bool)]
    )
    func loopback(authority: String?, isAllowed: Bool) {
        for address in ["127.0.0.1", "localhost", "::1"] {
            #expect(HostCheck(address: address).allows(authority) == isAllowed)
        }
    }

    @Test("Elsewhere the name is not ours to know", arguments: ["0.0.0.0", "192.0.2.7", "", "bridge.example"])
    func elsewhere(address: String) {
        #expect(HostCheck(address: address).allows("anything.example"))
    }
}
