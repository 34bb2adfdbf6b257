import Testing

@testable import Bridge

@Suite("concurrentMap")
struct ConcurrentMapTests {
    @Test("does each element once and keeps the order", arguments: [0, 1, 3, 4, 7, 8, 100, 1_001], [1, 4])
    func order(count: Int, least: Int) async {
        let shares = await concurrentMap(5..<5 + count, least: least) { share in share.map { $0 * 2 } }
        #expect(shares.flatMap(\.self) == (5..<5 + count).map { $0 * 2 })
    }

    @Test("gives no share of fewer elements than are worth it, but for the last", arguments: [5, 8, 9, 100])
    func shares(count: Int) async {
        let sizes = await concurrentMap(0..<count, least: 4) { share in share.count }
        #expect(sizes.dropLast().allSatisfy { $0 >= 4 })
    }
}
