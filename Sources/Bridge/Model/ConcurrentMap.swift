import Foundation

/// Asked once: each answer reads files of the control group.
private let processors = ProcessInfo.processInfo.activeProcessorCount
/// For each processor: who is done with one early takes another, so that none waits long for the last.
private let sharesEach = 4

/// Does the same to each element, on as many threads as there are processors, and keeps the order.
///
/// - Parameters:
///   - least: elements below which a further share is not worth its hand-over.
///   - transform: gets a range of the elements, and gives as many results in their order.
func concurrentMap<Element: Sendable, Result: Sendable>(
    _ elements: [Element],
    least: Int,
    _ transform: @escaping @Sendable (ArraySlice<Element>) -> [Result]
) async -> [Result] {
    let shares = max(1, min(processors * sharesEach, elements.count / least))
    guard shares > 1, processors > 1 else { return transform(elements[...]) }
    let size = (elements.count + shares - 1) / shares
    return await withTaskGroup(of: (Int, [Result]).self) { group in
        for start in stride(from: 0, to: elements.count, by: size) {
            group.addTask { (start, transform(elements[start..<min(start + size, elements.count)])) }
        }
        var results: [(Int, [Result])] = []
        for await result in group { results.append(result) }
        return results.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
}
