import Foundation

/// Fedora's broker rebuilt: TLS, logins by client certificate, the virtual host `/public_pubsub`, and a user `fedora` who
/// may make neither exchanges nor queues.
struct FedoraBroker {
    static let queue = "6ab1a5f7-3a3e-4b53-a0b4-1c1b0a3f5f0e"
    static let exchange = "zmq.topic"
    /// What a login by password must never show in a log.
    static let password = "correct-horse-battery"

    private static let host = "/public_pubsub"
    /// Write on the queue is what a binding needs, besides read on the exchange.
    static let rights = "^(zmq\\\\.topic|\(queue))$"

    let broker: RabbitMQ
    let certificates: Certificates
    /// A client of the administrator's.
    let amqp: PlainAMQP
    private let port: Int

    /// Starts the broker, with the exchange and both queues that its administrator made.
    static func with<Result>(_ body: (FedoraBroker) async throws -> Result) async throws -> Result {
        try await withTemporaryDirectory { folder in
            let certificates = try await Certificates(in: folder)
            try await certificates.renewClient(commonName: "fedora")
            let options = ["--tls", folder.path, "--plugins", "rabbitmq_auth_mechanism_ssl"]
            return try await RabbitMQ.withOwn(options) { broker in
                guard let port = broker.state.amqpsPort else { throw HarnessError("no TLS listener") }
                try await broker.eval(
                    """
                    rabbit_vhost:add(<<"\(host)">>, <<"tests">>), \
                    rabbit_auth_backend_internal:add_user(<<"fedora">>, <<"\(password)">>, <<"tests">>), \
                    rabbit_auth_backend_internal:set_permissions(\
                    <<"guest">>, <<"\(host)">>, <<".*">>, <<".*">>, <<".*">>, <<"tests">>).
                    """
                )
                let url = "amqp://guest:guest@127.0.0.1:\(broker.state.amqpPort)/%2Fpublic_pubsub"
                return try await PlainAMQP.with(url: url) { amqp in
                    try await amqp.declare(queue: queue)
                    try await amqp.declare(queue: FedmsgToAMQP.queue, boundTo: exchange)
                    let fedora = FedoraBroker(broker: broker, certificates: certificates, amqp: amqp, port: port)
                    try await fedora.permit(write: rights)
                    return try await body(fedora)
                }
            }
        }
    }

    /// Gives the user no right to make anything, that to read everything, and this one to write.
    func permit(write: String) async throws {
        try await broker.eval(
            """
            rabbit_auth_backend_internal:set_permissions(\
            <<"fedora">>, <<"\(Self.host)">>, <<"^$">>, <<"\(write)">>, <<".*">>, <<"tests">>).
            """
        )
    }

    /// Takes the exchange away.
    func deleteExchange() async throws {
        try await broker.eval(
            """
            rabbit_exchange:delete(\
            rabbit_misc:r(<<"\(Self.host)">>, exchange, <<"\(Self.exchange)">>), false, <<"tests">>).
            """
        )
    }

    /// Gives the broker another certificate.
    func renewServer(days: Int = 1, names: String = "DNS:localhost,IP:127.0.0.1") async throws {
        try await certificates.renewServer(days: days, names: names)
        try await broker.eval("ssl:clear_pem_cache().")
    }

    /// `config.toml` as fedora-messaging ships it, with paths, queue and exchange filled in.
    ///
    /// - Parameters:
    ///   - login: user and password of the URL.
    ///   - ca: the file of the authority to believe, this broker's unless it is given.
    ///   - withCertificate: whether the client has one.
    func configuration(login: String = "fedora:", ca: String? = nil, withCertificate: Bool = true) -> String {
        """
        amqp_url = "amqps://\(login)@127.0.0.1:\(port)/%2Fpublic_pubsub"
        callback = "fedora_messaging.example:printer"
        passive_declares = true
        topic_prefix = ""
        publish_exchange = "amq.topic"

        [tls]
        ca_cert = "\(ca ?? certificates.ca)"
        keyfile = "\(withCertificate ? certificates.key : "")"
        certfile = "\(withCertificate ? certificates.certificate : "")"

        [client_properties]
        app = "Example Application"
        app_url = "https://github.com/fedora-infra/fedora-messaging"
        app_contacts_email = ["jcline@fedoraproject.org"]

        [exchanges."amq.topic"]
        type = "topic"
        durable = true
        auto_delete = false
        arguments = {}

        [queues.\(Self.queue)]
        durable = true
        auto_delete = false
        exclusive = false
        arguments = {}

        [[bindings]]
        queue = "\(Self.queue)"
        exchange = "amq.topic"
        routing_keys = ["#"]

        [consumer_config]
        example_key = "for my consumer"

        [qos]
        prefetch_size = 0
        prefetch_count = 25

        [log_config]
        version = 1
        disable_existing_loggers = true

        [log_config.formatters.simple]
        format = "[%(levelname)s %(name)s] %(message)s"

        [log_config.handlers.console]
        class = "logging.StreamHandler"
        formatter = "simple"
        stream = "ext://sys.stdout"

        [log_config.loggers.fedora_messaging]
        level = "INFO"
        propagate = false
        handlers = ["console"]

        [log_config.root]
        level = "WARNING"
        handlers = ["console"]
        """
    }
}
