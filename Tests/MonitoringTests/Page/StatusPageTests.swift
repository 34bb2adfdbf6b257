import Bridge
import Settings
import Spool
import Testing

@testable import Bridge
@testable import Monitoring

/// What the page says of a state; that it is a page is for a browser to say.
@Suite("What the page says")
struct StatusPageTests {
    private static let now = 1_800_000_000.0

    /// Every number another one.
    private static var model: StatusPageModel {
        var snapshot = StatusBoard.Snapshot()
        snapshot.toAMQP.enabled = true
        snapshot.toAMQP.connected = true
        (snapshot.toAMQP.received, snapshot.toAMQP.forwarded) = (1001, 1002)
        (snapshot.toAMQP.dropped, snapshot.toAMQP.rejected) = (1003, 1004)
        snapshot.toAMQP.lastMessageAt = now - 7
        snapshot.toFedmsg.enabled = true
        snapshot.toFedmsg.connected = true
        (snapshot.toFedmsg.received, snapshot.toFedmsg.forwarded) = (2001, 2002)
        (snapshot.toFedmsg.dropped, snapshot.toFedmsg.rejected) = (2003, 2004)
        snapshot.consuming = true
        var spool = SpoolStatus()
        (spool.messages, spool.bytes, spool.fileBytes, spool.maxBytes) = (3001, 2048, 3072, 4096)
        spool.unjournalledMessages = 3002
        spool.oldestReceivedAt = Int64((now - 180) * 1e6)
        (spool.deadLetters.toAMQP, spool.deadLetters.toFedmsg) = (41, 42)
        var configuration = BridgeConfiguration()
        configuration.amqpURLs = ["amqp://guest:sesame@localhost"]
        configuration.toAMQP.zmqEndpoints = ["tcp://hub.example:9940"]
        return StatusPageModel(
            now: now,
            startedAt: now - 3 * 86_400,
            version: "1.2.3",
            isFull: true,
            snapshot: snapshot,
            spool: spool,
            toAMQP: .init(
                state: snapshot.toAMQP,
                rates: .init(now: 12, peak: 50, points: [50, 12]),
                deadLetters: 41,
                dropped: [("looped", 3), ("duplicate", 1000)],
                rejected: [("policy", 1004)]
            ),
            toFedmsg: .init(
                state: snapshot.toFedmsg,
                rates: .init(now: 13),
                deadLetters: 42,
                dropped: [],
                rejected: []
            ),
            endpoints: 6,
            connectedEndpoints: 5,
            subscribers: 8,
            certificates: [],
            letters: [],
            areLettersCurrent: true,
            configuration: configuration
        )
    }

    /// Its rows, as `name: value`, with detail behind it; thin spaces left out.
    private static func rows(_ model: StatusPageModel) -> [String] {
        StatusPage(model: model).html.text.replacing("\u{202F}", with: "")
            .matches(of: /<dt>(.*?)<\/dt><dd(?: class="(\w+)")?>(.*?)<\/dd>/)
            .map { match in
                let value = match.3.replacing("<small>", with: " (").replacing("</small>", with: ")")
                return "\(match.1): \(value)" + (match.2.map { " \($0)" } ?? "")
            }
    }

    /// How each stretch of the way is: into the bridge and out of it, in both directions.
    private static func ways(_ model: StatusPageModel) -> [String] {
        StatusPage(model: model).html.text.matches(of: /class="way (\w+)"/).map { String($0.1) }
    }

    @Test("Every number stands where it belongs")
    func numbers() {
        #expect(
            Self.rows(Self.model) == [
                "Broker: connected", "Last message: 7 s ago", "Received: 1001", "Forwarded: 1002",
                "Dropped: 1003 (duplicate 1000, looped 3)", "Rejected: 1004 (policy 1004)", "Dead letters: 41",
                "Broker: connected", "Last message: none yet", "Received: 2001", "Forwarded: 2002", "Dropped: 2003",
                "Rejected: 2004", "Dead letters: 42", "Size: 2 KiB", "Oldest: 3 min", "Files: 3 KiB of 4 KiB",
                "In memory alone: 3002", "State: takes messages",
            ]
        )
        let page = StatusPage(model: Self.model).html.text.replacing("\u{202F}", with: "")
        for text in [
            "<title>OK · fedmsg-bridge</title>", "Messages move.", "1.2.3 · up 3 d", "5/6 publishers", "8 subscribers",
            "3001 wait", "83 refused", "<strong>3001</strong> messages wait", "peak 50/s", "12/s", "13/s",
            "tcp://hub.example:9940", "guest:***@localhost", "2027-01-15 08:00:00",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(!page.contains("sesame"))
    }

    @Test("An arrow is broken where messages stop, and there alone")
    func arrows() {
        func ways(_ change: (inout StatusPageModel) -> Void) -> [String] {
            var model = Self.model
            change(&model)
            model.toAMQP.state = model.snapshot.toAMQP
            model.toFedmsg.state = model.snapshot.toFedmsg
            return Self.ways(model)
        }
        func reason(_ code: ReadinessReason) -> (inout StatusPageModel) -> Void {
            { $0.snapshot.reasons = [.init(code: code.rawValue, text: "", since: 0)] }
        }
        #expect(ways { _ in } == ["open", "open", "open", "open"])
        #expect(ways { $0.connectedEndpoints = 0 } == ["broken", "open", "open", "open"])
        #expect(ways { $0.snapshot.toAMQP.connected = false } == ["open", "broken", "open", "open"])
        #expect(ways { $0.snapshot.toFedmsg.connected = false } == ["open", "open", "broken", "open"])
        #expect(ways { $0.snapshot.consuming = false } == ["open", "open", "broken", "open"])
        #expect(ways { $0.snapshot.toAMQP.enabled = false } == ["off", "off", "open", "open"])
        #expect(ways { $0.snapshot.toFedmsg.enabled = false } == ["open", "open", "off", "off"])
        for code in [ReadinessReason.blocked, .exchangeMissing] {
            #expect(ways(reason(code)) == ["open", "broken", "open", "open"], "\(code)")
        }
        for code in [ReadinessReason.noRelay, .noSubscriber, .addressInUse] {
            #expect(ways(reason(code)) == ["open", "open", "open", "broken"], "\(code)")
        }
    }

    @Test("Each trouble stands at the top, with since when and what to do")
    func troubles() {
        var model = Self.model
        model.snapshot.warnings = [.init(code: "held", text: "remove <it>\u{1B}[2J", since: Self.now - 60)]
        #expect(StatusPage(model: model).html.text.contains("<title>WARNING · "))
        model.snapshot.reasons = [.init(code: "blocked", text: "make room", since: Self.now - 7200)]
        let page = StatusPage(model: model).html.text
        #expect(page.contains("<title>CRITICAL · "))
        #expect(page.contains("<code>blocked</code><time>since 2027-01-15 06:00:00 (2 h)</time></div><p>make room</p>"))
        #expect(page.contains("<code>held</code><time>since 2027-01-15 07:59:00 (60 s)</time></div>"))
        #expect(page.contains("<p>remove &lt;it&gt;\\u{1B}[2J</p>"))
    }

    @Test("What combines with a character of markup does not hide it")
    func combining() {
        var model = Self.model
        model.snapshot.warnings = [.init(code: "held", text: "\u{0D4E}<b \"\u{301}", since: Self.now)]
        #expect(StatusPage(model: model).html.text.contains("<p>\u{0D4E}&lt;b &quot;\u{301}</p>"))
    }

    @Test("An expiry is coloured from 14 days ahead on")
    func certificates() {
        var model = Self.model
        let day = 86_400.0
        model.certificates = [
            .init(kind: .authority, expiry: Self.now + 15 * day),
            .init(kind: .revocationList, expiry: Self.now + 13 * day),
            .init(kind: .tls, expiry: Self.now - 3 * day),
        ]
        #expect(
            Self.rows(model).suffix(3) == [
                "fedmsg CA: in 15 d (2027-01-30 08:00:00) ok",
                "Revocation list: in 13 d (2027-01-28 08:00:00) warning",
                "TLS certificates: expired 3 d ago (2027-01-12 08:00:00) critical",
            ]
        )
    }

    @Test("States and numbers only: no endpoint, no text, no name, no configuration")
    func states() {
        var model = Self.model
        model.isFull = false
        model.snapshot.reasons = [.init(code: "blocked", text: "make room", since: Self.now)]
        let page = StatusPage(model: model).html.text
        #expect(page.contains("<code>blocked</code>"))
        #expect(page.contains("duplicate 1\u{202F}000"))
        for secret in ["hub.example", "make room", "zmq.topic", "localhost", "fedmsg-bridge</text>", "<details"] {
            #expect(!page.contains(secret), "\(secret)")
        }
    }

    @Test("A disk that does not answer, and a spool that takes nothing, are told")
    func disk() {
        var model = Self.model
        model.areLettersCurrent = false
        model.spool.refusal = .diskFull
        let page = StatusPage(model: model).html.text
        #expect(page.contains("The disk does not answer: as last read."))
        #expect(Self.rows(model).last == "State: takes nothing")
    }
}
