import NIOCore
import Testing

@testable import AMQP

@Suite("AddressResolver")
struct AddressResolverTests {
    @Test("takes addresses as they are", arguments: ["127.0.0.1", "::1"])
    func literals(host: String) async throws {
        #expect(try await AddressResolver.addresses(of: host, port: 5672).map(\.ipAddress) == [host])
    }

    @Test("finds every address of a name once, with the port")
    func localhost() async throws {
        let addresses = try await AddressResolver.addresses(of: "localhost", port: 5673)
        #expect(Set(addresses.map(\.ipAddress)).isSubset(of: ["127.0.0.1", "::1"]))
        #expect(addresses.allSatisfy { $0.port == 5673 })
        #expect(Set(addresses).count == addresses.count)
    }

    @Test("names the host that has no address")
    func unknown() async {
        // RFC 2606 keeps .invalid free for ever.
        let error = await #expect(throws: AMQPError.self) {
            try await AddressResolver.addresses(of: "broker.invalid", port: 5672)
        }
        #expect(error?.code == .nameResolutionFailed)
        #expect(error?.message.contains("broker.invalid") == true)
    }
}
