/// Reads the values of one file, or one variable, and collects what is wrong with them.
struct ConfigurationReader {
    /// Where a path of this source stands.
    let locate: (ConfigurationPath) -> ConfigurationOrigin
    /// The path being read.
    private(set) var path = ConfigurationPath()
    private(set) var diagnostics: [ConfigurationDiagnostic] = []
    /// Elements of lists that could not be read, and are not among the values.
    private(set) var omitted: Set<ConfigurationPath> = []

    init(locate: @escaping (ConfigurationPath) -> ConfigurationOrigin) { self.locate = locate }

    /// Reads one step further down.
    @discardableResult
    mutating func at<Result>(
        _ component: ConfigurationPath.Component,
        _ body: (inout ConfigurationReader) -> Result
    ) -> Result {
        descend(component)
        defer { ascend() }
        return body(&self)
    }

    /// Steps down; whoever does steps up again with ``ascend()``.
    mutating func descend(_ component: ConfigurationPath.Component) { path.components.append(component) }

    /// Steps up.
    mutating func ascend() { path.components.removeLast() }

    /// Reads each element; those with mistakes are left out.
    mutating func elements<Element>(
        _ values: [ConfigurationValue],
        _ read: (ConfigurationValue, inout ConfigurationReader) -> Element?
    ) -> [Element] {
        values.enumerated().compactMap { offset, value in
            let element = at(.index(offset)) { read(value, &$0) }
            if element == nil { omitted.insert(path.index(offset)) }
            return element
        }
    }

    /// Reads a table whose keys are all directly in it.
    mutating func read<Root>(
        _ table: [String: ConfigurationValue],
        _ keys: [ConfigurationKey<Root>],
        into root: inout Root
    ) {
        for (name, value) in table {
            if let key = keys.first(where: { $0.path.lastKey == name }) {
                at(.key(name)) { key.read(value, &root, &$0) }
            } else {
                let nearest = Suggestion.nearest(to: name, among: keys.compactMap(\.path.lastKey))
                at(.key(name)) { $0.unknownKey(nearest: nearest) }
            }
        }
    }

    /// Reports a value that is not what its key takes. Always nil.
    mutating func mistake<Value>(_ expected: String, _ value: ConfigurationValue, nearest names: [String] = [])
        -> Value?
    {
        let found = value.summary
        var text = "expected \(expected), found \(found)"
        var nearest: String?
        if case .string(let name) = value {
            nearest = Suggestion.nearest(to: name, among: names)
            if let nearest { text += "; did you mean \"\(nearest)\"?" }
        }
        append(
            ConfigurationDiagnostic(
                .error,
                .badValue,
                at: locate(path),
                key: path,
                text,
                expected: expected,
                found: found,
                nearest: nearest
            )
        )
        return nil
    }

    /// Reports a key that does not exist.
    mutating func unknownKey(nearest: String?) {
        let text = "unknown key" + (nearest.map { "; did you mean \($0)?" } ?? "")
        append(ConfigurationDiagnostic(.error, .unknownKey, at: locate(path), key: path, text, nearest: nearest))
    }

    /// Reports anything else.
    mutating func report(_ code: ConfigurationDiagnostic.Code, _ text: String) {
        append(ConfigurationDiagnostic(.error, code, at: locate(path), key: path, text))
    }

    mutating func append(_ diagnostic: ConfigurationDiagnostic) { diagnostics.append(diagnostic) }

    static func isAMQPName(_ name: String) -> Bool { (1...255).contains(name.utf8.count) }
}
