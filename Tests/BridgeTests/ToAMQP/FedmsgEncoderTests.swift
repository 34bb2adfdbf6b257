import Fedmsg
import NIOCore
import Settings
import Testing

@testable import AMQP
@testable import Bridge

@Suite("FedmsgEncoder")
struct FedmsgEncoderTests {
    @Test("a fedmsg goes out as its message does, whatever it holds", arguments: 0..<200 as Range<UInt64>)
    func sameBytes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var configuration = BridgeConfiguration()
        configuration.toAMQP.mandatory = Bool.random(using: &generator)
        configuration.toAMQP.body = Bool.random(using: &generator) ? .envelope : .msg
        configuration.topicPrefix = Bool.random(using: &generator) ? "org.example" : ""
        configuration.publishPriority = Bool.random(using: &generator) ? 7 : nil
        let translator = ToAMQPTranslator(configuration: configuration)
        var encoder = FedmsgEncoder(reservingCapacity: 1)
        var made: [(BridgedFedmsg, EncodedMessage)] = []
        let names = [0, 1, 255, 256].map { #""\#(String(repeating: "n", count: $0))":-1"# }.joined(separator: ",")
        let full = #"{"msg":{},"username":"u","i":-1,"timestamp":1564513942,"headers":{\#(names)}}"#
        for envelope in [full] + (0..<8).map({ _ in String.randomEnvelope(using: &generator) }) {
            let envelope = ByteBuffer(string: envelope)
            let topic = ByteBuffer(repeating: 0x74, count: Int.random(in: 1...240, using: &generator))
            let fedmsg = try translator.translate(topic: topic, envelope: envelope)
            made.append((fedmsg, try encoder.encode(fedmsg, as: translator.template)))
        }
        for (fedmsg, encoded) in made {
            var body = fedmsg.payload
            body.narrow(to: encoded.body)
            var output = FrameWriter(frameMax: 131_072)
            try EncodedPublish(encoded.head, in: encoder.heads, body: body).write(to: &output, number: 5, channel: 3)
            var expected = FrameWriter(frameMax: 131_072)
            try fedmsg.message.write(to: &expected, number: 5, channel: 3)
            #expect(output.take() == expected.take())
            // Spare room of the buffer would hide a capacity that is too small.
            let table = try #require(fedmsg.message.properties.headers).encoded()
            #expect(table.readableBytes <= fedmsg.headerTableCapacity)
        }
    }
}

extension String {
    /// An envelope with any of its keys, each of them of any kind.
    fileprivate static func randomEnvelope(using generator: inout SeededGenerator) -> String {
        var members = [#""msg":{}"#]
        for key in ["msg_id", "timestamp", "username", "i", "headers"] where Bool.random(using: &generator) {
            let value =
                switch key {
                case "headers" where Int.random(in: 0..<4, using: &generator) > 0: randomObject(using: &generator)
                default: randomValue(using: &generator)
                }
            members.append(#""\#(key)":\#(value)"#)
        }
        return "{" + members.shuffled(using: &generator).joined(separator: ",") + "}"
    }

    private static func randomObject(using generator: inout SeededGenerator) -> String {
        let members = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
            "\(randomText(using: &generator)):\(randomValue(using: &generator))"
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func randomValue(using generator: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<7, using: &generator) {
        case 0: "true"
        case 1: "\(Int64.random(in: .min ... .max, using: &generator))"
        case 2: "\(Int.random(in: 0...9, using: &generator))"
        case 3: "1564513942.\(generator.next())"
        case 4: "null"
        default: randomText(using: &generator)
        }
    }

    private static func randomText(using generator: inout SeededGenerator) -> String {
        let parts = ["a", "é", "\u{1F600}", #"\u0041"#, #"\ud83d\ude00"#, #"\n"#, "priority", "x-fedmsg-bridge"]
        let count = Int.random(in: 0...10, using: &generator) == 0 ? 200 : 6
        let text = (0..<Int.random(in: 0...count, using: &generator)).map { _ in
            parts.randomElement(using: &generator) ?? ""
        }
        return "\"" + text.joined() + "\""
    }
}
