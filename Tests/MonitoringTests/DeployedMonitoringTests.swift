import Foundation
import Monitoring
import Testing

@Suite("What deploy/monitoring asks for")
struct DeployedMonitoringTests {
    @Test("is a metric that exists", arguments: ["alerts.yaml", "grafana-dashboard.json"])
    func metricsExist(file: String) throws {
        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
        let suffixes = ["_bucket", "_sum", "_count"]
        let names = Set(
            text.matches(of: /\b(?:fedmsg_bridge|process)_[a-z_]+/).map { match in
                let name = String(match.output)
                guard let suffix = suffixes.first(where: name.hasSuffix) else { return name }
                return String(name.dropLast(suffix.count))
            }
        )
        #expect(names.count > 10)
        #expect(names.subtracting(MetricHelp.texts.keys).isEmpty)
    }

    @Test("is read: the dashboard is JSON with titles and queries")
    func dashboardIsJSON() throws {
        let data = try Data(contentsOf: folder.appending(path: "grafana-dashboard.json"))
        let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        for panel in panels {
            #expect(panel["title"] as? String != nil)
            #expect((panel["targets"] as? [[String: Any]])?.isEmpty == false)
        }
    }

    private let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "deploy/monitoring")
}
