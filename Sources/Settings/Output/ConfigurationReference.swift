/// The reference of all keys, as `docs/configuration.md` has it.
enum ConfigurationReference {
    static func markdown() -> String {
        var text = introduction
        var table: ConfigurationPath?
        let keys = ConfigurationSchema.keys
        for key in keys.filter({ $0.path.components.count == 1 }) + keys.filter({ $0.path.components.count > 1 }) {
            if key.path.parent != table {
                table = key.path.parent
                text += "\n## \(table.map { $0.components.isEmpty ? "Top level" : "`[\($0)]`" } ?? "")\n"
            }
            text += entry(key, default: key.value(BridgeConfiguration()), variable: key.variable)
            switch key.path.lastKey {
            case "exchanges": text += part("[exchanges.NAME]", ConfigurationSchema.exchange, of: .init(name: ""))
            case "queues": text += part("[queues.NAME]", ConfigurationSchema.queue, of: .init(name: ""))
            case "bindings": text += part("[[bindings]]", ConfigurationSchema.binding, of: nil)
            default: break
            }
        }
        return text + peers()
    }

    private static let introduction = """
        # Configuration

        <!-- Generated from the schema in Sources/Settings; a test compares the two. -->

        After this page you know what every key means, what it takes and what it is where nothing sets it. `bridge.d`, as shipped, has an
        example of each.

        `--config` takes a file or a folder and may be repeated; a folder means its `*.toml` in name order. Without it
        `$\(ConfigurationEnvironment.configVariable)` counts, then `\(ConfigurationLoader.defaultPath)`.

        Later files win. `queues`, `exchanges`, `bindings`, `tls`, `qos` and `client_properties` are replaced whole, as in
        fedora-messaging; other tables merge, and their arrays and scalars replace. The environment wins over files: the
        variable beside each key holds a scalar as it is, anything else as TOML. Durations are seconds and sizes bytes;
        only fedmsg's `zmq_…` keys are milliseconds, as there.

        `fedmsg-bridge config check` names every mistake with file and line, `config show --origin` where each value
        comes from, and `config import` turns what `fedmsg-config` prints into such a file.

        """

    private static func entry<Root>(
        _ key: ConfigurationKey<Root>,
        default value: ConfigurationValue?,
        variable: String?
    ) -> String {
        let facts = [
            "Takes \(key.type)",
            value.map { "default `\(TOMLText.value($0))`" } ?? "no default",
            variable.map { "`$\($0)`" },
        ]
        let name = key.path.lastKey ?? ""
        return "\n### `\(name)`\n\n\(key.meaning)\n\n\(facts.compactMap { $0 }.joined(separator: "; ")).\n"
    }

    private static func part<Root>(_ header: String, _ keys: [ConfigurationKey<Root>], of root: Root?) -> String {
        var text = "\nIn `\(header)`:\n\n"
        for key in keys {
            let value = root.flatMap { key.value($0) }.map { "; default `\(TOMLText.value($0))`" } ?? ""
            text += "- `\(key.path)`: \(key.meaning) Takes \(key.type)\(value).\n"
        }
        return text
    }

    private static func peers() -> String {
        var text = """

            ## Peers' files

            A stock fedora-messaging `config.toml` and the first bridge's file are taken as they are. These keys of theirs
            are none of ours; `config check -v` names those that have no effect.

            | key | here |
            | --- | --- |

            """
        for key in ConfigurationSchema.peerKeys {
            let effect = key.actsAs.map { "acts as `\($0)`, unless a file sets that" } ?? "no effect: \(key.reason)"
            text += "| `\(key.path)` | \(effect) |\n"
        }
        return text
    }
}
