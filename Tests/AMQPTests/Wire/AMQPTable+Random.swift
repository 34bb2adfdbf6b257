@testable import AMQP

extension AMQPTable {
    static func random(using generator: inout SeededGenerator, levels: Int = 4) -> AMQPTable {
        AMQPTable(
            (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                Entry(.random(upTo: 40, using: &generator), .random(using: &generator, levels: levels))
            }
        )
    }
}

extension AMQPFieldValue {
    static func random(using generator: inout SeededGenerator, levels: Int) -> AMQPFieldValue {
        switch Int.random(in: 0..<(levels > 1 ? 18 : 16), using: &generator) {
        case 0: .boolean(.random(using: &generator))
        case 1: .int8(.random(in: .min ... .max, using: &generator))
        case 2: .uint8(.random(in: .min ... .max, using: &generator))
        case 3: .int16(.random(in: .min ... .max, using: &generator))
        case 4: .uint16(.random(in: .min ... .max, using: &generator))
        case 5: .int32(.random(in: .min ... .max, using: &generator))
        case 6: .uint32(.random(in: .min ... .max, using: &generator))
        case 7: .int64(.random(in: .min ... .max, using: &generator))
        case 8: .float(.random(in: -1e30...1e30, using: &generator))
        case 9: .double(.random(in: -1e300...1e300, using: &generator))
        case 10:
            .decimal(scale: .random(in: 0...9, using: &generator), value: .random(in: .min ... .max, using: &generator))
        case 11: .longString(.random(upTo: 300, using: &generator))
        // 0xFF is in no UTF-8.
        case 12: .longStringBytes([0xFF] + .random(upTo: 40, using: &generator))
        case 13: .bytes(.random(upTo: 300, using: &generator))
        case 14: .timestamp(.random(in: .min ... .max, using: &generator))
        case 15: .void
        case 16:
            .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                    .random(using: &generator, levels: levels - 1)
                }
            )
        default: .table(.random(using: &generator, levels: levels - 1))
        }
    }
}

extension String {
    /// Text of characters from one to four bytes.
    static func random(upTo length: Int, using generator: inout SeededGenerator) -> String {
        String(
            (0..<Int.random(in: 0...length, using: &generator)).map { _ in
                "aZ0-\0é€😀".randomElement(using: &generator) ?? "a"
            }
        )
    }
}

extension [UInt8] {
    static func random(upTo length: Int, using generator: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...length, using: &generator)).map { _ in .random(in: .min ... .max, using: &generator) }
    }
}
