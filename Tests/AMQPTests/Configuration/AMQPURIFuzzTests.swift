import Testing

@testable import AMQP

/// Mutations of good URIs by a seeded generator: whatever comes out is read or refused with a typed error, and one
/// that is read prints as a URI that is read alike.
@Suite("AMQPURI under mutation")
struct AMQPURIFuzzTests {
    static let seeds: [String] =
        AMQPEndpointURITests.good.map(\.uri) + AMQPEndpointURITests.bad.map(\.uri)
    static let pieces = [
        "%", "%2", "%2F", "@", ":", "/", "?", "#", "[", "]", "&", "=", "\0", "ä", "amqp://", "5672", "\u{202e}",
    ]

    @Test("never traps, and reads its own output alike", arguments: UInt64(1)...8)
    func mutations(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            guard var text = Self.seeds.randomElement(using: &random) else { return }
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                text.mutate(with: Self.pieces, using: &random)
            }
            guard let endpoint = try? AMQPEndpoint(uri: text) else { continue }
            let again = try AMQPEndpoint(uri: endpoint.description)
            #expect(
                again.address == endpoint.address && again.virtualHost == endpoint.virtualHost,
                "\(text) (seed \(seed))"
            )
        }
    }
}

extension String {
    fileprivate mutating func mutate(with pieces: [String], using random: inout SeededGenerator) {
        let position = index(startIndex, offsetBy: Int.random(in: 0...count, using: &random))
        switch Int.random(in: 0..<3, using: &random) {
        case 0: insert(contentsOf: pieces.randomElement(using: &random) ?? "", at: position)
        case 1 where position < endIndex: remove(at: position)
        default:
            let end = index(position, offsetBy: Int.random(in: 0..<8, using: &random), limitedBy: endIndex) ?? endIndex
            replaceSubrange(position..<end, with: String(self[position..<end].reversed()))
        }
    }
}
