import Foundation

/// What a peer says of the numbered messages that it took.
struct NumberedSequence: Decodable {
    /// How many came.
    let received: Int
    /// All numbers in the order of their arrival: the first of consecutive ones, and how many they are.
    let runs: [[Int]]
    /// How many others came between them.
    let others: Int

    /// Each number that came, once.
    var distinct: IndexSet { ranges.reduce(into: IndexSet()) { $0.insert(integersIn: $1) } }

    /// How many came that had come before.
    var repeats: Int { received - distinct.count }

    /// The most that came again before another number did, or before they began once more.
    var longestRepeat: Int {
        var seen = IndexSet()
        var longest = 0
        var current = 0
        var end = 0
        for range in ranges {
            let again = seen.intersection(IndexSet(integersIn: range)).count
            current = range.lowerBound < end ? again : current + again
            longest = max(longest, current)
            if again < range.count { current = 0 }
            seen.insert(integersIn: range)
            end = range.upperBound
        }
        return longest
    }

    /// Whether each number that came for the first time is above all that came before it.
    var isInOrderApartFromRepeats: Bool {
        var seen = IndexSet()
        return ranges.allSatisfy { range in
            let new = IndexSet(integersIn: range).subtracting(seen)
            defer { seen.insert(integersIn: range) }
            return (new.first ?? .max) > (seen.last ?? -1)
        }
    }

    private var ranges: [Range<Int>] { runs.map { $0[0]..<$0[0] + $0[1] } }
}

/// A peer that keeps account of the numbered messages it takes.
protocol NumberedReceiver {
    /// Those that came so far.
    func numbers() async throws -> NumberedSequence
}

extension NumberedReceiver {
    /// Waits until every number up to this one has come at least once, and says what came.
    func numbers(untilAll count: Int, within limit: Duration = .seconds(120)) async throws -> NumberedSequence {
        let wanted = IndexSet(integersIn: 0..<count)
        var last: NumberedSequence?
        return try await eventually(
            "all \(count) numbers",
            within: limit,
            every: .milliseconds(100),
            detail: { "came: \(last.map { "\($0.distinct.count), in runs \($0.runs.prefix(20))" } ?? "nothing")" }
        ) {
            let numbers = try await numbers()
            last = numbers
            // The union is cheap, and a superset is what is asked for.
            return numbers.distinct.union(wanted).count == numbers.distinct.count ? numbers : nil
        }
    }
}
