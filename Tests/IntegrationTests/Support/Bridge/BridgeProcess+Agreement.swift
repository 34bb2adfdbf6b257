import Foundation
import Testing

extension BridgeProcess {
    /// What the text of each code has to name: the way out.
    private static let waysOut = [
        "broker_away": "amqp_url", "blocked": "make room there", "exchange_missing": "passive_declares",
        "queue_down": "bring back the queue's node", "access_refused": "permissions", "tls": "replace",
        "no_relay": "publish_endpoint", "no_subscriber": "require_subscriber = false", "address_in_use": "ss -ltnp",
        "ca_expired": "replace the file", "crl_expired": "replace the file", "disk_stalled": "look after the disk",
        "spool_full": "bring back the broker", "not_connected": "check zmq_endpoints", "degraded": "make room",
        "endpoint_away": "take it out of zmq_endpoints", "certificate_expires": "replace the file",
        "slow_subscriber": "look for the consumer", "held": "is removed",
        "config_not_reloaded": "correct it and reload",
    ]

    /// Asks `/ready`, the metrics, `health` and the page, which have to say the same: these codes and no other, each with
    /// the way out.
    ///
    /// - Returns: the page as a browser has it.
    @discardableResult
    func expectAgreement(status: String, codes: Set<String>) async throws -> String {
        let readiness = try #require(try await readiness())
        let notes = readiness.reasons + readiness.warnings
        #expect(readiness.status == status)
        #expect(Set(notes.map(\.code)) == codes)
        #expect(readiness.reasons.isEmpty == (status != "critical"))
        for note in notes {
            let wayOut = try #require(Self.waysOut[note.code])
            #expect(note.text.contains(wayOut), "\(note.code): \(note.text)")
        }
        #expect(try await metric("fedmsg_bridge_ready") == (status == "critical" ? 0 : 1))
        let series =
            ExpectedMetrics.notReady.map { ($0, #"fedmsg_bridge_not_ready{reason="\#($0)"}"#) }
            + ExpectedMetrics.warnings.map { ($0, #"fedmsg_bridge_warning{code="\#($0)"}"#) }
        for (code, name) in series {
            #expect(try await metric(name) == (codes.contains(code) ? 1 : 0), "\(code)")
        }
        let (exit, line) = try await HealthCommandTests.health(["--url", monitoring])
        #expect(exit == .code(status == "ok" ? 0 : status == "warning" ? 1 : 2))
        for code in codes { #expect(line.contains("\(code) for ")) }

        let (page, complaints) = try await Chromium.document(at: monitoring + "/")
        #expect(complaints == [])
        #expect(page.contains("<title>\(status.uppercased()) · fedmsg-bridge</title>"))
        let shown = page.matches(of: /<code>([a-z_]+)<\/code><time>/).map { String($0.1) }
        #expect(Set(shown) == codes)
        return page
    }
}
