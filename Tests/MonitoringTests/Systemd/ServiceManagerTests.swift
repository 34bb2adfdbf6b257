import Foundation
import Testing

@testable import Bridge
@testable import Monitoring

@Suite struct ServiceManagerTests {
    @Test("Messages have systemd's names, each on a line of its own")
    func lines() {
        let cases: [(ServiceManager.Message, String)] = [
            (.ready, "READY=1"), (.stopping, "STOPPING=1"), (.watchdog, "WATCHDOG=1"),
            (.reloading(monotonic: 7), "RELOADING=1\nMONOTONIC_USEC=7"),
            (.extendTimeout(.milliseconds(1500)), "EXTEND_TIMEOUT_USEC=1500000"),
            (.status("a\nREADY=1"), #"STATUS=a\nREADY=1"#),
            (.status(String(repeating: "x", count: 5000)), "STATUS=\(String(repeating: "x", count: 600))…"),
        ]
        for (message, lines) in cases { #expect(message.lines == lines) }
    }

    @Test("systemd takes a status however long it is", arguments: ["x", "\u{1B}", "é", "a\u{2028}", "\u{E0001}"])
    func longStatus(text: String) {
        let message = ServiceManager.Message.status(String(repeating: text, count: 5000))
        #expect(message.lines.utf8.count < 4096)
    }

    @Test("The watchdog is fed twice in its time, where it watches this process")
    func watchdog() {
        let cases: [([String: String], Duration?)] = [
            ([:], nil), (["WATCHDOG_USEC": "30000000"], .seconds(15)), (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "x"], nil), (["WATCHDOG_USEC": "2", "WATCHDOG_PID": "1"], nil),
            (["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "\(getpid())"], .seconds(1)),
        ]
        for (environment, interval) in cases {
            #expect(ServiceManager(environment: environment).watchdogInterval == interval, "\(environment)")
        }
    }

    @Test("Without a manager, or with an address that is none, nothing happens")
    func nobody() {
        for path in ["", "relative", "@", "/" + String(repeating: "x", count: 200), "/nowhere/at/all"] {
            ServiceManager(environment: ["NOTIFY_SOCKET": path]).notify(.ready)
        }
        ServiceManager(environment: [:]).notify(.ready)
    }

    @Test("The status is one line with the trouble and what has been moved")
    func status() {
        var snapshot = StatusBoard.Snapshot()
        snapshot.toAMQP.enabled = true
        snapshot.toAMQP.forwarded = 3
        #expect(snapshot.line == "ok; 3 to AMQP")
        snapshot.warnings = [.init(code: "held", text: "remove it", since: 0)]
        #expect(snapshot.line == "warning: held, remove it; 3 to AMQP")
        snapshot.reasons = [.init(code: "blocked", text: "no disk", since: 0)]
        #expect(snapshot.line == "critical: blocked, no disk; 3 to AMQP")
    }
}
