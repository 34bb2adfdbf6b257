/// The members of any JSON object, as places in its bytes.
///
/// A name that comes twice stands where it came first and has the value that came last, as in a Python dictionary.
package struct JSONObject {
    /// Names are decoded, and UTF-8 but for lone surrogates.
    package let members: [(name: [UInt8], value: JSONValue)]

    /// - Throws: `EnvelopeError.badJSON` or `.notAnObject`.
    package init(_ bytes: RawSpan) throws(EnvelopeError) {
        var index = TopLevelIndex<NamedMembers>()
        do throws(JSONError) {
            try JSONScanner.scan(bytes, into: &index)
        } catch {
            throw .badJSON(error)
        }
        guard index.kind == .object else { throw .notAnObject(index.kind) }
        members = index.keys.members
    }

    /// The value of a member.
    package subscript(name: String) -> JSONValue? {
        members.first { $0.name.elementsEqual(name.utf8) }?.value
    }
}

/// Keyed by bytes: `String` takes names for equal that Python keeps apart.
struct NamedMembers: TopLevelKeys {
    private(set) var members: [(name: [UInt8], value: JSONValue)] = []
    private var places: [[UInt8]: Int] = [:]
    private var current: [UInt8] = []

    mutating func key(_ key: JSONString, in bytes: RawSpan) {
        current.removeAll(keepingCapacity: true)
        JSONText.decode(bytes.extracting(key.contents), into: &current)
    }

    mutating func value(_ value: JSONValue) {
        if let place = places[current] {
            members[place].value = value
        } else {
            places[current] = members.count
            members.append((current, value))
        }
    }
}
