extension PEM {
    /// The DER of the first certificate as the second library reads it by which fedmsg reads certificates, Rust's `pem`
    /// under Python's `cryptography`; nil where that raises.
    ///
    /// fedmsg checks the chain of the certificate that libcrypto finds in a text, and the signature by the key of the
    /// one that this finds. Where the two differ, whoever made the text means to deceive.
    static func strictFirstCertificate(in text: [UInt8]) -> [UInt8]? {
        var rest = text[...]
        var first: [UInt8]?
        while let block = nextBlock(&rest) {
            guard !block.name.isEmpty, block.name == block.endName, let der = strictContents(block.contents) else {
                return nil
            }
            if first == nil, block.name == certificateName || block.name == oldCertificateName { first = der }
        }
        return first
    }

    private static let certificateName = Array("CERTIFICATE".utf8)[...]
    private static let oldCertificateName = Array("X509 CERTIFICATE".utf8)[...]
    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let dashes = Array("-----".utf8)

    private typealias Block = (name: ArraySlice<UInt8>, contents: ArraySlice<UInt8>, endName: ArraySlice<UInt8>)

    /// A block may begin anywhere in a line.
    private static func nextBlock(_ text: inout ArraySlice<UInt8>) -> Block? {
        guard take(&text, to: begin) != nil, let name = take(&text, to: dashes),
            let contents = take(&text, to: end), let endName = take(&text, to: dashes)
        else { return nil }
        return (name, contents, endName)
    }

    /// What is before a mark; the text goes on past it.
    private static func take(_ text: inout ArraySlice<UInt8>, to mark: [UInt8]) -> ArraySlice<UInt8>? {
        var place = text.startIndex
        while place + mark.count <= text.endIndex {
            if text[place] == mark[0], text[place..<place + mark.count].elementsEqual(mark) {
                defer { text = text[(place + mark.count)...] }
                return text[..<place]
            }
            place += 1
        }
        return nil
    }

    /// Base64 with white space at the ends of lines only, and with just the padding that it needs.
    private static func strictContents(_ contents: ArraySlice<UInt8>) -> [UInt8]? {
        var base64: [UInt8] = []
        for line in contents.split(separator: UInt8(ascii: "\n")) {
            base64 += line[..<((line.lastIndex { $0 != 0x20 && !(0x09...0x0D ~= $0) } ?? line.startIndex - 1) + 1)]
        }
        // White space before the first line is skipped too.
        if let start = base64.firstIndex(where: { $0 != 0x20 && !(0x09...0x0D ~= $0) }) { base64.removeFirst(start) }
        var data: [UInt8] = []
        guard Base64.decode(base64, into: &data), Base64.encode(data) == base64 else { return nil }
        return data
    }
}
