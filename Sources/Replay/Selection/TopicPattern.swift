/// A pattern as AMQP's topic exchanges have it: words with dots between them, `*` for one word, `#` for any number.
package struct TopicPattern: Sendable {
    private let words: [Substring]

    package init(_ pattern: String) {
        words = pattern.split(separator: ".", omittingEmptySubsequences: false)
    }

    /// Whether a topic fits.
    package func matches(_ topic: String) -> Bool {
        // The places in the pattern that the topic's words so far lead to, as a topic may fit in several ways.
        var places = reach([0])
        for word in topic.split(separator: ".", omittingEmptySubsequences: false) {
            var next: Set<Int> = []
            for place in places where place < words.count {
                switch words[place] {
                case "#": next.insert(place)
                case "*": next.insert(place + 1)
                case word: next.insert(place + 1)
                default: break
                }
            }
            places = reach(next)
        }
        return places.contains(words.count)
    }

    /// The places, and those behind each `#`, which may stand for nothing.
    private func reach(_ places: Set<Int>) -> Set<Int> {
        var all = places
        for var place in places {
            while place < words.count, words[place] == "#" {
                place += 1
                all.insert(place)
            }
        }
        return all
    }
}
