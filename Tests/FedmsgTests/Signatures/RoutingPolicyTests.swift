import Testing

@testable import Fedmsg

@Suite("RoutingPolicy")
struct RoutingPolicyTests {
    @Test(
        "a topic that Python can't look up is refused whatever the policy, another that is no text is in no policy",
        arguments: [
            ("{}", false, true), ("[]", false, true), ("{}", true, true), ("1", false, false), ("null", false, false),
            ("1", true, true), ("null", true, true),
        ]
    )
    func judgesTopics(_ topic: String, _ isNitpicky: Bool, _ isRefused: Bool) throws {
        let bytes = Array(#"{"msg":{},"topic":\#(topic)}"#.utf8)
        let policy = RoutingPolicy([:], isNitpicky: isNitpicky)
        let objection = try policy.objection(to: "app01", sending: Envelope(bytes), in: bytes.span.bytes)
        #expect(objection?.reason == (isRefused ? .policy : nil))
    }

    @Test(
        "names are compared as Python compares them, by code points",
        arguments: [("café", nil), ("cafe\u{301}", .policy)] as [(String, SignatureRefusal.Reason?)]
    )
    func comparesNames(_ commonName: String, _ reason: SignatureRefusal.Reason?) throws {
        let bytes = Array(#"{"msg":{},"topic":"a"}"#.utf8)
        let policy = RoutingPolicy(["a": ["café"]], isNitpicky: false)
        let objection = try policy.objection(to: commonName, sending: Envelope(bytes), in: bytes.span.bytes)
        #expect(objection?.reason == reason)
    }
}
