/// What values must satisfy together, judged without looking at files or the network.
struct ConfigurationRules {
    let configuration: BridgeConfiguration
    let origins: ConfigurationOrigins
    private let omitted: Set<ConfigurationPath>
    private let mistakes: [ConfigurationPath]
    private var diagnostics: [ConfigurationDiagnostic] = []

    init(_ layers: ConfigurationLayers) {
        configuration = layers.configuration
        origins = layers.origins
        omitted = layers.omitted
        mistakes = layers.diagnostics.filter { $0.severity == .error }.compactMap(\.key)
            .flatMap { [$0] + ConfigurationSchema.places(ofPeers: $0) }
    }

    /// Where the elements of the list at `path` stand in it, those aside that could not be read.
    func places(in path: ConfigurationPath) -> some Sequence<ConfigurationPath> {
        (0...).lazy.map { path.index($0) }.filter { [omitted] in !omitted.contains($0) }
    }

    /// Judges what `use` depends on. Of what could not be read nothing more is said.
    mutating func check(for use: ConfigurationUse) -> [ConfigurationDiagnostic] {
        switch use {
        case .run:
            checkEnabled()
            checkTLS()
            if configuration.toAMQP.enabled {
                checkEndpoints()
                checkTopics()
                checkValidation()
            }
            if configuration.toFedmsg.enabled {
                checkPublishEndpoint()
                checkQueues()
                checkBindings()
                checkSigning()
                checkUsername()
            }
            checkSizes()
        case .verify:
            checkTLS()
            if configuration.toAMQP.enabled { checkEndpoints() }
        case .tailFedmsg: if configuration.toAMQP.enabled { checkEndpoints() }
        case .tailAMQP, .replayToAMQP, .drain: checkTLS()
        case .replayToFedmsg: checkSigning()
        case .show, .spool, .health: break
        }
        return diagnostics.filter { diagnostic in !mistakes.contains { diagnostic.isOf($0) } }
    }

    private mutating func checkEnabled() {
        if !configuration.toAMQP.enabled && !configuration.toFedmsg.enabled {
            warn("to_fedmsg.enabled", .doubtful, "neither direction is enabled: the bridge carries nothing")
        }
    }

    private mutating func checkTLS() {
        let tls = configuration.tls
        if !tls.certfile.isEmpty && tls.keyfile.isEmpty {
            fail("tls.certfile", .missing, "its key is missing; expected keyfile beside it")
        }
        if !tls.keyfile.isEmpty && tls.certfile.isEmpty {
            fail("tls.keyfile", .missing, "its certificate is missing; expected certfile beside it")
        }
        if !tls.certfile.isEmpty && !configuration.usesTLS {
            warn("tls.certfile", .doubtful, "no effect: no amqp_url begins with amqps://")
        }
    }

    private mutating func checkSizes() {
        let (size, toAMQP) = (configuration.spool.maxBytes, configuration.toAMQP)
        if toAMQP.enabled, size < toAMQP.leastSpoolBytes {
            fail(
                "spool.max_bytes",
                .conflict,
                "\(size) has no room for one message of to_amqp.max_message_bytes (\(toAMQP.maxMessageBytes)) and its log;"
                    + " expected at least \(toAMQP.leastSpoolBytes)"
            )
        }
        let interval = configuration.toAMQP.socketOptions.zmqReconnectIvl
        let ceiling = configuration.toAMQP.socketOptions.zmqReconnectIvlMax
        if ceiling != 0 && ceiling < interval {
            fail(
                "to_amqp.zmq_reconnect_ivl_max",
                .conflict,
                "less than zmq_reconnect_ivl; expected at least that, or 0"
            )
        }
    }

    mutating func fail(_ key: String, _ code: ConfigurationDiagnostic.Code, _ text: String) {
        fail(ConfigurationPath(dotted: key), code, text)
    }

    mutating func fail(_ path: ConfigurationPath, _ code: ConfigurationDiagnostic.Code, _ text: String) {
        diagnostics.append(ConfigurationDiagnostic(.error, code, at: origins[path], key: path, text))
    }

    mutating func warn(_ key: String, _ code: ConfigurationDiagnostic.Code, _ text: String) {
        warn(ConfigurationPath(dotted: key), code, text)
    }

    mutating func warn(_ path: ConfigurationPath, _ code: ConfigurationDiagnostic.Code, _ text: String) {
        diagnostics.append(ConfigurationDiagnostic(.warning, code, at: origins[path], key: path, text))
    }
}
