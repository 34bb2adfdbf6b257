/// Envelopes of every kind that can be bridged, one a line, as a seed gives them again.
struct GeneratedEnvelope {
    private static let texts = [
        #""""#, #""a""#, #""caf\u00e9""#, #""日本語 😀""#, #""\"\\\/\b\f\n\r\t""#, "\"\u{85}\u{2028}\u{2029}\u{7F}\"",
        #""\ud83d\ude00""#, #""\ud800""#, #""\u0000""#, #""}{][,:'""#,
    ]
    private static let numbers = [
        "0", "-0", "1", "-1", "1.50", "1e300", "1E400", "NaN", "-Infinity", "9223372036854775807",
        "9223372036854775808",
        "123456789012345678901234567890", "-9223372036854775808", "0.1e-7",
    ]
    private static let words = ["true", "false", "null"]
    private static let timestamps = [
        "0", "1564513942", "1564513942.75", "-62135596800", "253402300799", "253402300800", "1e9", #""2019""#, "null",
        "[1]", "1e400", "-1.5",
    ]
    private static let names = [
        #""a""#, #""b.c""#, #""sent-at""#, #""priority""#, #""x-fedmsg-bridge""#, #""fedora_messaging_schema""#,
        #""é""#, #""""#,
        #""\u0061""#,
    ]

    let text: String
    /// Whether its `msg_id` stays as it is on the way there and back.
    let hasLastingID: Bool

    init(using random: inout Xorshift) {
        let space = ["", " ", "\t"][random.next(below: 3)]
        var members = [
            #""topic":\#(space)"org.example.\#(random.next(below: 100))""#,
            #""msg":\#(space)\#(Self.object(&random, depth: 3, space))"#,
        ]
        hasLastingID = random.next(below: 3) > 0
        if hasLastingID {
            members.append(#""msg_id":\#(space)"2019-\#(random.next())""#)
        } else if let id = Self.one(of: [#""abc""#, "5", #""""#, #""20-1""#, #""\ud800""#], &random) {
            members.append(#""msg_id":\#(space)\#(id)"#)
        }
        if let timestamp = Self.one(of: Self.timestamps, &random) {
            members.append(#""timestamp":\#(space)\#(timestamp)"#)
        }
        if let username = Self.one(of: Self.texts + Self.words, &random) {
            members.append(#""username":\#(space)\#(username)"#)
        }
        if let counter = Self.one(of: Self.numbers + Self.texts, &random) {
            members.append(#""i":\#(space)\#(counter)"#)
        }
        if let headers = Self.one(of: [Self.object(&random, depth: 1, space), "[]", "null", #""a""#], &random) {
            members.append(#""headers":\#(space)\#(headers)"#)
        }
        if random.next(below: 4) == 0 { members.append(#""unknown":\#(Self.value(&random, depth: 2, space))"#) }
        text = "{" + members.shuffled(using: &random).joined(separator: "," + space) + "}"
    }

    /// One of them, or nothing.
    private static func one(of choices: [String], _ random: inout Xorshift) -> String? {
        let place = random.next(below: choices.count + 1)
        return place < choices.count ? choices[place] : nil
    }

    private static func object(_ random: inout Xorshift, depth: Int, _ space: String) -> String {
        let members = (0..<random.next(below: 5)).map { _ in
            names[random.next(below: names.count)] + ":" + space + value(&random, depth: depth - 1, space)
        }
        return "{" + space + members.joined(separator: "," + space) + "}"
    }

    private static func value(_ random: inout Xorshift, depth: Int, _ space: String) -> String {
        switch random.next(below: depth > 0 ? 5 : 3) {
        case 0: return texts[random.next(below: texts.count)]
        case 1: return numbers[random.next(below: numbers.count)]
        case 2: return words[random.next(below: words.count)]
        case 3: return object(&random, depth: depth, space)
        default:
            let values = (0..<random.next(below: 4)).map { _ in value(&random, depth: depth - 1, space) }
            return "[" + values.joined(separator: "," + space) + "]"
        }
    }
}
