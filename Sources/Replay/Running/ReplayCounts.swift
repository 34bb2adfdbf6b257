/// What became of the messages that were read.
package struct ReplayCounts: Equatable, Sendable, CustomStringConvertible {
    package var read = 0
    package var translated = 0
    /// Left out because they were not asked for.
    package var dropped = 0
    package var rejected = 0

    package init() {}

    /// The last line of a replay.
    package var description: String {
        "\(read) read, \(translated) translated, \(dropped) dropped, \(rejected) rejected"
    }
}
