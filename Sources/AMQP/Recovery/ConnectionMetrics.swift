internal import Metrics

/// What is counted of one of a client's connections, with its role as `role`.
struct ConnectionMetrics: Sendable {
    /// 1 while it is open.
    let connected: Gauge
    /// Each time it was opened, the first time included.
    let connects: Counter
    /// Each time but the first.
    let reconnects: Counter
    /// Addresses that could not be connected to.
    let failures: Counter
    /// Each time it ended by itself.
    let losses: Counter
    /// 1 while the broker takes no publishes on it.
    let blocked: Gauge

    init(role: AMQPConnectionRole) {
        let role = [("role", role.rawValue)]
        connected = Gauge(label: "amqp_client_connected", dimensions: role)
        connects = Counter(label: "amqp_client_connects_total", dimensions: role)
        reconnects = Counter(label: "amqp_client_reconnects_total", dimensions: role)
        failures = Counter(label: "amqp_client_connect_failures_total", dimensions: role)
        losses = Counter(label: "amqp_client_losses_total", dimensions: role)
        blocked = Gauge(label: "amqp_client_blocked", dimensions: role)
    }
}
