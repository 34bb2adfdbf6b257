import Foundation

/// A virtual host of one test on the shared broker: nobody else's exchanges, queues and messages are in it.
struct VirtualHost {
    let broker: RabbitMQ
    let name: String

    /// Its AMQP URL, with the credentials of `guest`, who may do everything there.
    var url: String { "amqp://guest:guest@127.0.0.1:\(broker.state.amqpPort)/\(name)" }

    /// How many clients are connected to it.
    var connections: Int {
        get async throws {
            Int(try await broker.eval(#"length(rabbit_connection_tracking:list(<<"\#(name)">>))."#)) ?? 0
        }
    }

    /// How many channels they have.
    var channels: Int {
        get async throws {
            let code = #"length([1 || [{vhost, <<"\#(name)">>}] <- rabbit_channel:info_all([vhost])])."#
            return Int(try await broker.eval(code)) ?? 0
        }
    }

    /// Makes a virtual host for the length of `body`.
    static func with<Result>(_ body: (VirtualHost) async throws -> Result) async throws -> Result {
        let host = VirtualHost(broker: try await RabbitMQ.shared.value, name: UUID().uuidString)
        try await host.broker.eval(
            """
            rabbit_vhost:add(<<"\(host.name)">>, <<"tests">>), \
            rabbit_auth_backend_internal:set_permissions(\
            <<"guest">>, <<"\(host.name)">>, <<".*">>, <<".*">>, <<".*">>, <<"tests">>).
            """
        )
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(host))
        } catch {
            result = .failure(error)
        }
        try await host.broker.eval(#"rabbit_vhost:delete(<<"\#(host.name)">>, <<"tests">>)."#)
        return try result.get()
    }
}
