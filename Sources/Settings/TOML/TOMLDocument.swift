import TOMLKit

/// A TOML text, its values, and where in the text each key stands.
struct TOMLDocument {
    let root: [String: ConfigurationValue]
    let index: TOMLKeyIndex

    /// What is wrong with a text that cannot be taken.
    struct Failure: Error, Equatable {
        let position: TOMLPosition
        let text: String
    }

    init(_ text: String) throws(Failure) {
        // TOMLKit passes text on as C strings: a zero byte would end the file early and unnoticed.
        if let zero = text.utf8.firstIndex(of: 0) {
            throw Failure(position: TOMLPosition(in: text, at: zero), text: "a zero byte is not allowed")
        }
        index = TOMLKeyIndex(text)
        var bytes = Array(text.utf8)
        for colon in index.colons { bytes[colon] = UInt8(ascii: "=") }
        if let fault = index.fault {
            _ = try Self.parse(bytes.prefix(fault.expression))
            throw fault.failure
        }
        let table = try Self.parse(bytes[...])
        if let position = index.zeroEscape {
            throw Failure(position: position, text: "the character U+0000 is not allowed")
        }
        root = try Self.convert(table, at: ConfigurationPath(), index: index)
    }

    private static func parse(_ bytes: ArraySlice<UInt8>) throws(Failure) -> TOMLTable {
        do {
            return try TOMLTable(string: String(decoding: bytes, as: UTF8.self))
        } catch let error as TOMLParseError {
            let begin = error.source.begin
            throw Failure(position: TOMLPosition(line: begin.line, column: begin.column), text: error.description)
        } catch {
            throw Failure(position: TOMLPosition(line: 1, column: 1), text: "\(error)")
        }
    }

    private static func convert(_ table: TOMLTable, at path: ConfigurationPath, index: TOMLKeyIndex) throws(Failure)
        -> [String: ConfigurationValue]
    {
        var result: [String: ConfigurationValue] = [:]
        for (key, value) in table {
            result[key] = try convert(value, at: path.key(key), index: index)
        }
        return result
    }

    private static func convert(_ value: any TOMLValueConvertible, at path: ConfigurationPath, index: TOMLKeyIndex)
        throws(Failure) -> ConfigurationValue
    {
        if let text = value.string { return .string(text) }
        if let flag = value.bool { return .bool(flag) }
        if let number = value.int { return .int(number) }
        if let number = value.double { return .double(number) }
        if let table = value.table { return .table(try convert(table, at: path, index: index)) }
        if let array = value.array {
            var elements: [ConfigurationValue] = []
            for (offset, element) in array.enumerated() {
                elements.append(try convert(element, at: path.index(offset), index: index))
            }
            return .array(elements)
        }
        throw Failure(
            position: index.position(of: path),
            text: "\(path): a date or time is not taken here; write it as text"
        )
    }
}
