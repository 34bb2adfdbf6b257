import Foundation

/// Asked once: each answer reads files of the control group.
private let processors = ProcessInfo.processInfo.activeProcessorCount
/// For each processor: who is done with one early takes another, so that none waits long for the last.
private let sharesEach = 4

/// Deals a range out in shares, of which as many are worked on at a time as there are processors.
///
/// - Parameters:
///   - least: below this a further share is not worth its hand-over.
///   - transform: gets a part of the range.
/// - Returns: the result of each share, in order; of an empty range, that of one share.
func concurrentMap<Result: Sendable>(
    _ range: Range<Int>,
    least: Int,
    _ transform: @escaping @Sendable (Range<Int>) -> Result
) async -> [Result] {
    let shares = max(1, min(processors * sharesEach, range.count / least))
    guard shares > 1, processors > 1 else { return [transform(range)] }
    let size = (range.count + shares - 1) / shares
    return await withTaskGroup(of: (Int, Result).self) { group in
        for start in stride(from: range.lowerBound, to: range.upperBound, by: size) {
            group.addTask { (start, transform(start..<min(start + size, range.upperBound))) }
        }
        var results: [(Int, Result)] = []
        for await result in group { results.append(result) }
        return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
