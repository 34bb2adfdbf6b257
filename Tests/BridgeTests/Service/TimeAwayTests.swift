import Foundation
import Testing

@testable import Bridge

@Suite struct TimeAwayTests {
    @Test(
        arguments: [
            // A quiet bus, a new spool, and a lock that tells nothing.
            (received: 10, listened: 70, from: 70), (nil, 70, 70), (80, nil, 80),
            // Killed after the last time that was noted.
            (80, 70, 80),
            // The clock has gone back since, over one of them or both.
            (80, 120, 80), (120, 70, 70), (120, 120, nil), (nil, nil, nil),
            // Back within a second.
            (80, 100, nil),
        ] as [(received: Int64?, listened: Int64?, from: Int64?)]
    )
    func `it begins when a fedmsg last came or could have come, the later of the two`(
        received: Int64?,
        listened: Int64?,
        from: Int64?
    ) {
        let time = TimeAway(
            received: received.map { $0 * 1_000_000 },
            listened: listened.map { $0 * 1_000_000 },
            now: 100_000_000
        )
        #expect(time?.from == from)
        #expect(time == nil || time?.until == 100)
    }

    @Test func `the command leaves out what came from a bridge, whatever the bridges are called`() throws {
        let time = try #require(TimeAway(received: 1_000_000, listened: nil, now: 2_000_000))
        let loops = LoopCheck(usernames: ["it's \"é\"", "other-bridge"])
        #expect(
            time.command(leavingOut: loops, replay: "replay -c /etc")
                == #"""
                curl -sSf --retry 5 'https://apps.fedoraproject.org/datagrepper/raw?start=1&end=2&order=asc&rows_per_page=100&page=[1-50]' \#
                | jq -c '.raw_messages[] | select(.username | IN($ARGS.positional[]) | not)' \#
                --args amqp-bridge 'it'\''s "é"' other-bridge | replay -c /etc --format jsonl -
                """#
        )
    }
}
