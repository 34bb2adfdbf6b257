/// Every series of the daemon, written out: dashboards and alerts are made for these names and labels.
enum ExpectedMetrics {
    static let dropReasons = ["looped", "duplicate", "spool_full"]
    static let rejectReasons = [
        "bad_frames", "bad_json", "not_an_object", "no_msg", "body_not_an_object", "topic_too_long", "bad_topic",
        "topic_mismatch", "bad_headers", "bad_encoding", "unsigned", "bad_signature", "bad_certificate", "revoked",
        "policy",
        "unroutable", "refused", "no_id",
    ]
    static let notReady = [
        "broker_away", "blocked", "exchange_missing", "queue_down", "access_refused", "tls", "no_relay",
        "no_subscriber",
        "address_in_use", "ca_expired", "crl_expired", "disk_stalled", "spool_full", "not_connected",
    ]
    static let warnings = [
        "degraded", "endpoint_away", "certificate_expires", "slow_subscriber", "held", "config_not_reloaded",
    ]
    static let bounds = [
        "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "60",
        "300",
        "900", "3600", "21600", "+Inf",
    ]

    static var series: Set<String> {
        Set(plain + perDirection + perReason + histogram("journal_commit_seconds") + latencies + codes)
    }

    private static let plain =
        [
            "unjournalled_messages", "unjournalled_bytes", "spool_messages", "spool_bytes", "spool_file_bytes",
            "spool_max_bytes", "spool_oldest_timestamp_seconds", "ready", "amqp_blocked", "zmq_endpoints",
            "zmq_connected_endpoints", "zmq_subscribers", "slow_subscribers_left_total",
            "config_last_reload_successful",
            "build_info",
        ].map { "fedmsg_bridge_\($0)" }
        + [
            "cpu_seconds_total", "open_fds", "max_fds", "resident_memory_bytes", "virtual_memory_bytes",
            "start_time_seconds",
        ].map { "process_\($0)" }

    private static var perDirection: [String] {
        let names = [
            "received_total", "forwarded_total", "retried_total", "in_flight_messages", "dead_letters",
            "last_message_timestamp_seconds", "amqp_connected", "amqp_reconnects_total",
        ]
        return directions.flatMap { direction in names.map { #"fedmsg_bridge_\#($0){direction="\#(direction)"}"# } }
    }

    private static var perReason: [String] {
        let names = [
            ("dropped_total", dropReasons), ("rejected_total", rejectReasons),
            ("dead_letters_evicted_total", rejectReasons),
        ]
        return directions.flatMap { direction in
            names.flatMap { name, reasons in
                reasons.map { #"fedmsg_bridge_\#(name){direction="\#(direction)",reason="\#($0)"}"# }
            }
        }
    }

    private static var latencies: [String] {
        directions.flatMap { histogram("latency_seconds", label: #"direction="\#($0)""#) }
    }

    private static var codes: [String] {
        notReady.map { #"fedmsg_bridge_not_ready{reason="\#($0)"}"# }
            + warnings.map { #"fedmsg_bridge_warning{code="\#($0)"}"# }
            + ["ca", "crl", "own", "tls"].map {
                #"fedmsg_bridge_certificate_expiry_timestamp_seconds{what="\#($0)"}"#
            }
    }

    private static let directions = ["to_amqp", "to_fedmsg"]

    private static func histogram(_ name: String, label: String = "") -> [String] {
        let (comma, braced) = label.isEmpty ? ("", "") : (",", "{\(label)}")
        return bounds.map { #"fedmsg_bridge_\#(name)_bucket{\#(label)\#(comma)le="\#($0)"}"# }
            + ["fedmsg_bridge_\(name)_sum\(braced)", "fedmsg_bridge_\(name)_count\(braced)"]
    }
}
