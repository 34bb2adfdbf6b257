import Testing

@testable import Monitoring

@Suite("Numbers for people")
struct PageFormatTests {
    @Test(
        "Durations",
        arguments: [(0.9, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172_800, "2 d"), (-5, "0 s")]
    )
    func durations(seconds: Double, text: String) {
        #expect(PageFormat.duration(seconds) == text)
    }

    @Test(
        "Bytes",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (10_737_418_240, "10 GiB"), (209_715_200, "200 MiB"),
        ]
    )
    func bytes(count: Int, text: String) {
        #expect(PageFormat.bytes(count) == text)
    }

    @Test(
        "Counts",
        arguments: [(0, "0"), (999, "999"), (1000, "1\u{202F}000"), (12_345_678, "12\u{202F}345\u{202F}678")]
    )
    func counts(number: Int64, text: String) {
        #expect(PageFormat.count(number) == text)
    }

    @Test(
        "Rates",
        arguments: [(0, "0"), (0.01, "< 0.1"), (0.34, "0.3"), (5, "5"), (12.55, "12.6"), (4980.2, "4\u{202F}980")]
    )
    func rates(perSecond: Double, text: String) {
        #expect(PageFormat.rate(perSecond) == text)
    }

    @Test("Times are UTC")
    func times() {
        #expect(PageFormat.time(1_564_514_352.9) == "2019-07-30 19:19:12")
    }
}
