import FedoraMessaging
import Testing

@Suite struct SentAtTests {
    @Test(
        arguments: [
            ("2019-07-30T19:12:22+00:00", 1_564_513_942),
            ("2019-07-30T19:12:22", 1_564_513_942),
            ("2019-07-30 19:12:22Z", 1_564_513_942),
            ("2019-07-30t19:12:22.999999z", 1_564_513_942),
            ("2019-07-30T21:12:22,5+0200", 1_564_513_942),
            ("2019-07-30T14:12:22-05", 1_564_513_942),
            ("2020-02-29T00:00:00+00:00", 1_582_934_400),
            ("0001-01-01T00:00:00", -62_135_596_800),
            ("9999-12-31T23:59:59", 253_402_300_799),
        ] as [(String, Int64)]
    )
    func `reads every form of a time`(text: String, seconds: Int64) {
        #expect(SentAt.seconds(text) == seconds)
    }

    @Test(arguments: [
        "", "2019", "2019-07-30", "2019-07-30T19:12", "2019-07-30T19:12:22+", "2019-07-30T19:12:22+1",
        "2019-07-30T19:12:22+01:", "2019-07-30T19:12:22.", "2019-07-30T19:12:22 ", "2019-7-30T19:12:22",
        "2019-02-29T00:00:00", "2019-13-01T00:00:00", "2019-07-30T24:00:00", "2019-07-30T19:60:00",
        "0000-01-01T00:00:00", "0001-01-01T00:00:00+01:00", "２019-07-30T19:12:22",
    ])
    func `refuses what is no time`(text: String) {
        #expect(SentAt.seconds(text) == nil)
    }

    @Test(arguments: [0, 1_564_513_942, -1, -62_135_596_800, 253_402_300_799] as [Int64])
    func `reads what it writes`(seconds: Int64) throws {
        #expect(SentAt.seconds(try #require(SentAt.text(seconds))) == seconds)
    }

    @Test(
        arguments: [("utf-8", .utf8), ("UTF_8", .utf8), ("us-ascii", .ascii), ("ISO 8859-1", .latin1), ("utf-16", nil)]
            as [(String, ContentEncoding?)]
    )
    func `knows encodings by every name of theirs`(name: String, encoding: ContentEncoding?) {
        #expect(ContentEncoding(name) == encoding)
    }
}
