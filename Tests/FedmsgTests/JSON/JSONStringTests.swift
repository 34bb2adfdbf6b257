import Fedmsg
import Testing

@Suite struct JSONStringTests {
    @Test(
        "text is escaped as Python does it, whatever its length and wherever the character stands",
        arguments: zip(
            ["\"", "\\", "\n", "\u{1}", "\u{7F}", "é", "€", "😀"],
            [#"\""#, #"\\"#, #"\n"#, #"\u0001"#, #"\u007f"#, #"\u00e9"#, #"\u20ac"#, #"\ud83d\ude00"#]
        )
    )
    func escapes(_ character: String, _ escape: String) {
        for length in 0..<34 {
            for place in 0...length {
                let (head, tail) = (String(repeating: "~", count: place), String(repeating: " ", count: length - place))
                var json: [UInt8] = [UInt8(ascii: ":")]
                json.appendJSONString(head + character + tail)
                #expect(String(decoding: json, as: UTF8.self) == ":\"" + head + escape + tail + "\"")
            }
        }
    }

    @Test("plain text of any length stays as it is", arguments: 0..<34)
    func plain(_ length: Int) {
        var json: [UInt8] = []
        let text = String(String(repeating: "abcdefg", count: 5).prefix(length))
        json.appendJSONString(text)
        #expect(String(decoding: json, as: UTF8.self) == "\"\(text)\"")
    }
}
