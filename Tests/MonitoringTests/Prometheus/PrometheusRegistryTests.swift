import CoreMetrics
import Testing

@testable import Monitoring

@Suite("Prometheus registry")
struct PrometheusRegistryTests {
    @Test("A series is there with 0 before anything happened, under HELP and TYPE")
    func startsAtZero() {
        let registry = PrometheusRegistry(help: ["a_total": "What happened."])
        _ = registry.makeCounter(label: "a_total", dimensions: [("reason", "x")])
        #expect(registry.render() == "# HELP a_total What happened.\n# TYPE a_total counter\na_total{reason=\"x\"} 0\n")
    }

    @Test("A series that is made twice is one")
    func sameSeries() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "a_total", dimensions: [("a", "1"), ("b", "2")]).increment(by: 1)
        registry.makeCounter(label: "a_total", dimensions: [("b", "2"), ("a", "1")]).increment(by: 2)
        #expect(registry.render().hasSuffix("\na_total{a=\"1\",b=\"2\"} 3\n"))
    }

    @Test("A counter never goes back")
    func noReset() {
        let counter = PrometheusRegistry().makeCounter(label: "a_total", dimensions: [])
        counter.increment(by: 3)
        counter.reset()
        #expect((counter as? PrometheusCounter)?.value == 3)
    }

    @Test("Quotes, backslashes and line breaks in a label's value are escaped")
    func escaping() {
        let registry = PrometheusRegistry()
        _ = registry.makeCounter(label: "a_total", dimensions: [("x", "a\"b\\c\nd\"\u{301}")])
        #expect(registry.render().contains(#"a_total{x="a\"b\\c\nd\""# + "\u{301}\"} 0"))
    }

    @Test("A histogram's buckets reach from 1 ms to 6 h and add up")
    func histogram() {
        let registry = PrometheusRegistry()
        let histogram = registry.makeRecorder(label: "a_seconds", dimensions: [], aggregate: true)
        for value in [0.0005, 0.001, 0.002, 3600, 86_400] { histogram.record(value) }
        let lines = registry.render().split(separator: "\n")
        let buckets = lines.filter { $0.hasPrefix("a_seconds_bucket") }
        #expect(buckets.first == #"a_seconds_bucket{le="0.001"} 2"#)
        #expect(buckets.dropLast().last == #"a_seconds_bucket{le="21600"} 4"#)
        #expect(buckets.last == #"a_seconds_bucket{le="+Inf"} 5"#)
        #expect(lines.contains("a_seconds_sum 90000.0035"))
        #expect(lines.last == "a_seconds_count 5")
    }
}
