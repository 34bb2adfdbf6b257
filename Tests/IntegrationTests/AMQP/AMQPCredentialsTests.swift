import AMQP
import Foundation
import NIOCore
import Synchronization
import Testing

@Suite("AMQP credentials", .timeLimit(.minutes(2)))
struct AMQPCredentialsTests {
    @Test("AMQPLAIN logs in, and a wrong password is named")
    func amqplain() async throws {
        var endpoint = try await Broker.endpoint()
        endpoint.credentials.mechanisms = [.amqplain]
        let connection = try await Broker.connect(to: endpoint)
        let mechanisms = try await RabbitMQ.shared.value.ctl("list_connections", "auth_mechanism")
        #expect(mechanisms.contains("AMQPLAIN"))
        await connection.close()

        endpoint.credentials.password = AMQPSecret("wrong")
        let wrong = endpoint
        let error = await #expect(throws: AMQPError.self) { try await Broker.connect(to: wrong) }
        #expect(error?.code == .authenticationRefused)
    }

    @Test("a token is replaced before it expires, on the same connection, and a reconnect takes a new one")
    func tokens() async throws {
        try await RabbitMQ.withOwn(["--plugins", "rabbitmq_auth_backend_oauth2"]) { broker in
            let issuer = try await TokenIssuer(broker, lifetime: .seconds(20))
            var configuration = try TestClient.configuration(broker.state.amqpURL)
            configuration.tokenProvider = { _ in try await issuer.issue() }
            try await TestClient.with(configuration, publishing: AMQPTopology()) { client, events in
                try await declare("first", by: client)
                let generation = events.generation(.publishing)
                try await issuer.latestExpires()
                // The broker asks the token anew about a queue that it has not been asked about.
                try await declare("second", by: client)
                #expect(events.generation(.publishing) == generation)

                let before = issuer.expiries.count
                await client.reconnect()
                try await declare("third", by: client)
                #expect(issuer.expiries.count > before)
            }
        }
    }

    @Test("a provider that fails is told, and asked again; a token that expired refuses what it would have allowed")
    func providerFails() async throws {
        struct NoToken: Error {}
        try await RabbitMQ.withOwn(["--plugins", "rabbitmq_auth_backend_oauth2"]) { broker in
            let issuer = try await TokenIssuer(broker, lifetime: .seconds(20))
            let isDown = Atomic(false)
            var configuration = try TestClient.configuration(broker.state.amqpURL)
            configuration.tokenProvider = { _ in
                if isDown.load(ordering: .relaxed) { throw NoToken() }
                return try await issuer.issue()
            }
            try await TestClient.with(configuration, publishing: AMQPTopology()) { client, events in
                try await declare("first", by: client)
                isDown.store(true, ordering: .relaxed)
                let error = try await events.first("word of the failed renewal") { event in
                    if case .tokenRenewalFailed(.publishing, let error) = event { error } else { nil }
                }
                #expect(error.code == .tokenUnavailable)
                try await issuer.latestExpires()
                let refusal = await #expect(throws: AMQPError.self) { try await declare("second", by: client) }
                #expect(refusal?.reply?.code == .accessRefused)
            }
        }
    }

    private func declare(_ queue: String, by client: AMQPClient) async throws {
        try await client.withChannel { _ = try await $0.declare(AMQPQueue.temporary(queue)) }
    }
}

/// Issues OAuth 2 tokens that the broker takes, and no other password.
private final class TokenIssuer: Sendable {
    private let broker: RabbitMQ
    private let lifetime: Duration
    private let issued = Mutex<[Int]>([])

    /// When the tokens so far expire, in seconds since 1970.
    var expiries: [Int] { issued.withLock { $0 } }

    init(_ broker: RabbitMQ, lifetime: Duration) async throws {
        self.broker = broker
        self.lifetime = lifetime
        try await broker.eval(
            """
            application:set_env(rabbitmq_auth_backend_oauth2, resource_server_id, <<"rabbitmq">>), \
            application:set_env(rabbitmq_auth_backend_oauth2, key_config, [{default_key, <<"key">>}, \
            {signing_keys, #{<<"key">> => {map, \(Self.key)}}}]), \
            application:set_env(rabbit, auth_backends, [rabbit_auth_backend_oauth2]).
            """
        )
    }

    func issue() async throws -> AMQPToken {
        let expiry = Int(Date.now.timeIntervalSince1970) + Int(lifetime.components.seconds)
        let claims = """
            #{<<"exp">> => \(expiry), <<"aud">> => [<<"rabbitmq">>], <<"sub">> => <<"tester">>, \
            <<"scope">> => [<<"rabbitmq.configure:*/*">>, <<"rabbitmq.write:*/*">>, <<"rabbitmq.read:*/*">>]}
            """
        let header = #"#{<<"alg">> => <<"HS256">>, <<"kid">> => <<"key">>}"#
        let token = try await broker.eval(
            "binary_to_list(element(2, jose_jws:compact(jose_jwt:sign(jose_jwk:from_map(\(Self.key)), \(header), \(claims)))))."
        )
        issued.withLock { $0.append(expiry) }
        let text = token.trimmingCharacters(in: CharacterSet(charactersIn: "\" \n"))
        return AMQPToken(AMQPSecret(text), lifetime: lifetime)
    }

    /// Waits until the latest token so far is good no more.
    func latestExpires() async throws {
        let expiry = try #require(expiries.last)
        try await eventually("the token to expire") { Date.now.timeIntervalSince1970 > Double(expiry) + 1 }
    }

    private static let key = #"#{<<"kty">> => <<"oct">>, <<"k">> => <<"c2VjcmV0LW9mLXRoZS10ZXN0cw">>}"#
}
