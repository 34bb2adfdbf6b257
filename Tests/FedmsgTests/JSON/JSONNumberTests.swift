import Testing

@testable import Fedmsg

@Suite struct JSONNumberTests {
    @Test(
        "a float is the nearest double, as Swift's own reader has it, and is rounded down from there",
        arguments: [
            "0.0", "-0.0", "1.5", "-1.5", "0.1", "1344350850.886738", "9007199254740992.0", "9007199254740993.0",
            "900719925474099.3", "99999999999999.99", "9999999999999999.9", "0.000000000000001", "1e3", "1.5E-7",
            "123456789012345678901234567890.5", "4.35", "8.99999999999999", "0.9007199254740991", "0.9999999999999999",
            "2.675", "1344350850.99999999999", "17976931348623157e292",
        ]
    )
    func double(text: String) {
        let bytes = text.utf8Span.span.bytes
        #expect(JSONNumber.double(bytes).bitPattern == Double(text)?.bitPattern)
        #expect(JSONNumber.floor(bytes) == Double(text).flatMap { Int64(exactly: $0.rounded(.down)) })
    }

    @Test("that holds for any digits with a point among them")
    func anyDigits() {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var digits = String(state >> UInt64(state % 50))
            digits.insert(".", at: digits.index(digits.startIndex, offsetBy: 1 + Int(state >> 32) % digits.count))
            if digits.hasSuffix(".") { digits += "0" }
            let bytes = digits.utf8Span.span.bytes
            #expect(JSONNumber.double(bytes) == Double(digits), "\(digits)")
            #expect(
                JSONNumber.floor(bytes) == Double(digits).flatMap { Int64(exactly: $0.rounded(.down)) },
                "\(digits)"
            )
        }
    }
}
