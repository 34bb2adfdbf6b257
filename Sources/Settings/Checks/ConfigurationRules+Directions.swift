extension ConfigurationRules {
    mutating func checkEndpoints() {
        let toAMQP = configuration.toAMQP
        let path = ConfigurationPath(dotted: "to_amqp.zmq_endpoints")
        if toAMQP.zmqEndpoints.isEmpty {
            fail(path, .missing, "no endpoint; expected at least one, or to_amqp.enabled = false")
        }
        var seen: Set<String> = []
        for (place, endpoint) in zip(places(in: path), toAMQP.zmqEndpoints) {
            if !toAMQP.bind && ZeroMQEndpoint.isForListening(endpoint) {
                fail(
                    place,
                    .conflict,
                    "\(TOMLText.string(endpoint)) is an address to listen on; expected a host and port to connect to,"
                        + " or to_amqp.bind = true"
                )
            }
            if !seen.insert(endpoint).inserted { warnRepeated(endpoint, place) }
        }
    }

    mutating func checkTopics() {
        let path = ConfigurationPath(dotted: "to_amqp.topics")
        if configuration.toAMQP.topics.isEmpty {
            fail(path, .missing, "no topic, so no message; expected at least one, [\"\"] for all")
        }
        var seen: Set<String> = []
        for (place, topic) in zip(places(in: path), configuration.toAMQP.topics) {
            if topic.contains(where: { "*#".contains($0) }) {
                warn(place, .doubtful, "\(TOMLText.string(topic)) is a prefix: ZeroMQ knows no wildcards")
            }
            if !seen.insert(topic).inserted { warnRepeated(topic, place) }
        }
    }

    private mutating func warnRepeated(_ element: String, _ place: ConfigurationPath) {
        warn(place, .doubtful, "\(TOMLText.string(element)) is there already: it counts once")
    }

    mutating func checkPublishEndpoint() {
        let toFedmsg = configuration.toFedmsg
        if toFedmsg.remotePublish && ZeroMQEndpoint.isForListening(toFedmsg.publishEndpoint) {
            fail(
                "to_fedmsg.publish_endpoint",
                .conflict,
                "\(TOMLText.string(toFedmsg.publishEndpoint)) is an address to listen on; expected the relay's host and port,"
                    + " or to_fedmsg.remote_publish = false"
            )
        }
    }

    mutating func checkQueues() {
        for queue in configuration.queues where queue.autoDelete || queue.exclusive {
            let message = "it goes with its consumer, and keeps nothing while the bridge is away"
            warn(ConfigurationPath([.key("queues"), .key(queue.name)]), .doubtful, message)
        }
        for queue in configuration.queues where queue.arguments["x-queue-type"] == "stream" {
            fail(
                ConfigurationPath(["queues", queue.name, "arguments", "x-queue-type"].map { .key($0) }),
                .badValue,
                "a stream gives the bridge nothing of what comes while it is away; expected \"quorum\" or \"classic\","
                    + " with a name of its own where a stream has this one"
            )
        }
        if configuration.queues.isEmpty && configuration.bindings.isEmpty {
            fail(
                "queues",
                .missing,
                "no queue and no binding, so no message; expected one, or to_fedmsg.enabled = false"
            )
        }
    }

    mutating func checkBindings() {
        if origins["bindings"] == .builtIn, origins["queues"] != .builtIn, !configuration.queues.isEmpty {
            let message = "none is set, so the queue gets all of \"amq.topic\"; bindings = [] leaves it as it is bound"
            warn("bindings", .doubtful, message)
        }
        let names = Set(configuration.queues.map(\.name))
        let listed = names.sorted().map { TOMLText.string($0) }.joined(separator: ", ")
        for (path, binding) in zip(places(in: ConfigurationPath(dotted: "bindings")), configuration.bindings) {
            if let queue = binding.queue {
                if !names.contains(queue) {
                    let nearest = Suggestion.nearest(to: queue, among: names)
                    let hint =
                        nearest.map { "did you mean \(TOMLText.string($0))?" }
                        ?? "expected a table [queues.\(TOMLText.key(queue))]"
                    fail(path.key("queue"), .conflict, "the queue \(TOMLText.string(queue)) is not declared; \(hint)")
                }
            } else if names.isEmpty {
                warn(path, .doubtful, "no queue: one that the broker names keeps nothing while the bridge is away")
            } else {
                fail(path, .missing, "queue is missing; expected one of \(listed)")
            }
            if binding.routingKeys.isEmpty {
                warn(path.key("routing_keys"), .doubtful, "no pattern, so nothing is bound; [\"#\"] is everything")
            }
            if configuration.toAMQP.enabled && !binding.exchange.isEmpty
                && binding.exchange == configuration.toAMQP.exchange
            {
                warn(
                    path.key("exchange"),
                    .doubtful,
                    "\(TOMLText.string(binding.exchange)) is where the bridge itself publishes: what it sent comes back, to be dropped"
                )
            }
        }
    }

    mutating func checkUsername() {
        let username = configuration.toFedmsg.username
        if username != "amqp-bridge" {
            warn(
                "to_fedmsg.username",
                .doubtful,
                "\(TOMLText.string(username)) defeats the first bridge's check for loops, which knows amqp-bridge only"
            )
        }
    }

    mutating func checkValidation() {
        let crypto = configuration.crypto
        guard crypto.validateSignatures else { return }
        let switched = "crypto.validate_signatures = false"
        if crypto.caCertLocation.isEmpty {
            failMissing("crypto.ca_cert_location", "needed to check signatures; expected a PEM file", or: switched)
        }
        if crypto.cryptoValidateBackends.isEmpty {
            let text = "no kind of signature, so no message; expected [\"x509\"]"
            failMissing("crypto.crypto_validate_backends", text, or: switched)
        }
    }

    mutating func checkSigning() {
        let crypto = configuration.crypto
        guard crypto.signMessages else { return }
        let switched = "crypto.sign_messages = false"
        if crypto.certname.isEmpty {
            let text = "needed to sign; expected the name of CERTNAME.crt and CERTNAME.key in \(crypto.ssldir)"
            failMissing("crypto.certname", text, or: switched)
        }
        if crypto.ssldir.isEmpty { failMissing("crypto.ssldir", "needed to sign; expected a folder", or: switched) }
    }

    private mutating func failMissing(_ key: String, _ text: String, or alternative: String) {
        fail(key, .missing, "\(text), or \(alternative)")
    }
}
