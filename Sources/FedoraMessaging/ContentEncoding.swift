/// The text encodings of AMQP bodies that can become JSON in UTF-8, under the names that Python's
/// codecs give them.
public enum ContentEncoding: Sendable, Equatable {
    case utf8
    case ascii
    case latin1

    /// The encoding of a `content_encoding` property, in any case, with dashes, spaces or underscores.
    ///
    /// - Returns: `nil` for every other encoding.
    public init?(_ name: String) {
        // As fedora-messaging writes it.
        if name == "utf-8" {
            self = .utf8
            return
        }
        let normalised = name.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 }
        switch String(normalised) {
        case "utf_8", "utf8", "u8", "utf", "utf8_ucs2", "utf8_ucs4", "cp65001": self = .utf8
        case "ascii", "us_ascii", "us", "646", "ansi_x3.4_1968", "ansi_x3_4_1968", "ansi_x3.4_1986", "cp367",
            "csascii", "ibm367", "iso646_us", "iso_646.irv_1991", "iso_ir_6":
            self = .ascii
        case "latin_1", "latin1", "latin", "l1", "iso_8859_1", "iso8859_1", "iso8859", "8859", "iso_8859_1_1987",
            "iso_ir_100", "cp819", "ibm819", "csisolatin1":
            self = .latin1
        default: return nil
        }
    }
}
