import Testing

@testable import Replay

@Suite struct ReplayPacingTests {
    @Test(
        "messages are due by their number, or by their own spacing",
        arguments: [
            (.unlimited, 5, 100, .zero),
            (.rate(4), 0, 100, .zero),
            (.rate(4), 1, nil, .milliseconds(250)),
            (.rate(4), 10, 0, .milliseconds(2500)),
            (.rate(0.5), 3, 0, .seconds(6)),
            (.speed(1), 7, 0, .zero),
            (.speed(1), 0, 90, .seconds(90)),
            (.speed(60), 0, 90, .milliseconds(1500)),
            (.speed(0.5), 0, 3, .seconds(6)),
            // Older than the first one, or without a time: at once.
            (.speed(2), 3, -40, .zero),
            (.speed(2), 3, nil, .zero),
        ] as [(ReplayPacing, Int, Int64?, Duration)]
    )
    func delay(pacing: ReplayPacing, number: Int, seconds: Int64?, expected: Duration) {
        #expect(pacing.delay(number: number, seconds: seconds) == expected)
    }
}
