public import Metrics

/// What is counted of the ZeroMQ sockets.
public struct FedmsgGauges: Sendable {
    private let endpoints: Meter
    private let connectedEndpoints: Meter
    private let subscribers: Meter
    private let slowSubscribersLeft: Counter

    /// The series, each with 0.
    public init(factory: any MetricsFactory) {
        endpoints = Meter("zmq_endpoints", factory: factory)
        connectedEndpoints = Meter("zmq_connected_endpoints", factory: factory)
        subscribers = Meter("zmq_subscribers", factory: factory)
        slowSubscribersLeft = Counter(
            label: "fedmsg_bridge_slow_subscribers_left_total",
            dimensions: [],
            factory: factory
        )
    }

    func setEndpoints(_ count: Int) { endpoints.set(count) }
    func setConnectedEndpoints(_ count: Int) { connectedEndpoints.set(count) }
    func setSubscribers(_ count: Int) { subscribers.set(count) }
    func slowSubscriberLeft() { slowSubscribersLeft.increment() }
}
