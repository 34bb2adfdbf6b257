import Metrics

extension Meter {
    /// A series of the bridge's, which is there from the start with 0.
    convenience init(_ name: String, _ dimensions: [(String, String)] = [], factory: any MetricsFactory) {
        self.init(label: "fedmsg_bridge_\(name)", dimensions: dimensions, factory: factory)
        set(0)
    }
}
