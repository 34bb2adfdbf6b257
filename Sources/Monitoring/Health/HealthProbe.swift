public import Foundation
import NIOHTTP1

/// Asks a daemon how it is, from another process.
public struct HealthProbe: Sendable {
    private let client: HTTPGet

    /// - Parameter url: where its monitoring endpoint is, as `http://127.0.0.1:9949`; `nil` for what is no such URL.
    public init?(url: URL) {
        guard let client = HTTPGet(base: url) else { return nil }
        self.client = client
    }

    /// The verdict on `/ready` and `/metrics`.
    public func verdict(_ thresholds: HealthThresholds, now: Double) async -> HealthVerdict {
        do {
            let ready = try await client.get("/ready")
            guard let report = try? JSONDecoder().decode(ReadinessReport.self, from: Data(ready.body.utf8)) else {
                return stranger("/ready", ready.status)
            }
            let metrics = try await client.get("/metrics")
            let verdict = HealthCheck.verdict(
                report: report,
                metrics: MetricsText(metrics.body),
                thresholds: thresholds,
                now: now
            )
            return verdict ?? stranger("/metrics", metrics.status)
        } catch let error as HTTPParserError where error != .invalidEOFState {
            // Of a bridge that ends amid its answer that one is missing its end.
            return HealthVerdict(.unknown, "what answers at \(client.base) speaks no HTTP, so it is no fedmsg-bridge")
        } catch {
            return HealthVerdict(.critical, "\(client.base): \(error)")
        }
    }

    /// Whether every loop of the daemon turns, by `/live` alone.
    public func isLive() async -> (Bool, String) {
        do {
            let answer = try await client.get("/live")
            return (answer.status == 200, answer.body)
        } catch {
            return (false, "\(client.base): \(error)")
        }
    }

    private func stranger(_ path: String, _ status: Int) -> HealthVerdict {
        HealthVerdict(.unknown, "what answers at \(client.base)\(path) (HTTP \(status)) is no fedmsg-bridge")
    }
}
