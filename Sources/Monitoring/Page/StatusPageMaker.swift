import Bridge
import Foundation
import Settings
import Spool

/// Gathers what the page shows. Its numbers are those of `/metrics`: they come from the same registry.
struct StatusPageMaker: Sendable {
    let source: StatusPageSource
    let registry: PrometheusRegistry
    let history: RateHistory
    let letters: DeadLetterReader
    /// Whether the server listens on loopback alone.
    let isLoopback: Bool

    func page(_ snapshot: StatusBoard.Snapshot) async -> StatusPage {
        let configuration = source.configuration()
        let isFull =
            switch configuration.monitoring.page {
            case .full: true
            case .states: false
            case .auto: isLoopback
            }
        let (newest, areCurrent) = isFull ? await letters.newest(path: configuration.spool.path) : ([], true)
        let spool = source.spool()
        let rates = history.rates(snapshot, at: RateHistory.now)
        return StatusPage(
            model: StatusPageModel(
                now: Date.now.timeIntervalSince1970,
                startedAt: registry.gauge("process_start_time_seconds"),
                version: source.version,
                isFull: isFull,
                snapshot: snapshot,
                spool: spool,
                toAMQP: direction(.toAMQP, snapshot.toAMQP, rates.toAMQP, spool),
                toFedmsg: direction(.toFedmsg, snapshot.toFedmsg, rates.toFedmsg, spool),
                endpoints: Int(registry.gauge("fedmsg_bridge_zmq_endpoints")),
                connectedEndpoints: Int(registry.gauge("fedmsg_bridge_zmq_connected_endpoints")),
                subscribers: Int(registry.gauge("fedmsg_bridge_zmq_subscribers")),
                certificates: certificates,
                letters: newest,
                areLettersCurrent: areCurrent,
                configuration: configuration
            )
        )
    }

    private func direction(
        _ direction: Direction,
        _ state: StatusBoard.DirectionState,
        _ rates: RateHistory.Rates,
        _ spool: SpoolStatus
    ) -> StatusPageModel.DirectionModel {
        StatusPageModel.DirectionModel(
            state: state,
            rates: rates,
            deadLetters: spool.deadLetters[direction],
            dropped: counts("dropped_total", direction, DropReason.allCases.map(\.rawValue)),
            rejected: counts("rejected_total", direction, RejectReason.allCases.map(\.rawValue))
        )
    }

    private func counts(_ name: String, _ direction: Direction, _ reasons: [String]) -> [(reason: String, count: Int64)]
    {
        reasons.compactMap { reason in
            let count = registry.counter(
                "fedmsg_bridge_\(name)",
                [("direction", direction.rawValue), ("reason", reason)]
            )
            return count > 0 ? (reason, count) : nil
        }
    }

    private var certificates: [StatusPageModel.Certificate] {
        CertificateKind.allCases.compactMap { kind in
            let expiry = registry.gauge("fedmsg_bridge_certificate_expiry_timestamp_seconds", [("what", kind.rawValue)])
            return expiry > 0 ? .init(kind: kind, expiry: expiry) : nil
        }
    }
}
