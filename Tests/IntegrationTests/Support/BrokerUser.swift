import Foundation

/// A user of one test, who may do in its virtual host what the test says.
struct BrokerUser {
    let host: VirtualHost
    let name: String

    var url: String { "amqp://\(name):secret@127.0.0.1:\(host.broker.state.amqpPort)/\(host.name)" }

    /// Makes one, who may do everything at first.
    static func with<Result>(on host: VirtualHost, _ body: (BrokerUser) async throws -> Result) async throws -> Result {
        let user = BrokerUser(host: host, name: "user-\(UUID().uuidString)")
        try await host.broker.eval(
            "rabbit_auth_backend_internal:add_user(<<\"\(user.name)\">>, <<\"secret\">>, <<\"tests\">>)."
        )
        let result: Swift.Result<Result, any Error>
        do {
            try await user.permit(write: ".*")
            result = .success(try await body(user))
        } catch {
            result = .failure(error)
        }
        try await host.broker.eval(
            "rabbit_auth_backend_internal:delete_user(<<\"\(user.name)\">>, <<\"tests\">>)."
        )
        return try result.get()
    }

    /// Where it may write and read; it may make everything.
    func permit(write: String, read: String = ".*") async throws {
        try await host.broker.eval(
            """
            rabbit_auth_backend_internal:set_permissions(<<"\(name)">>, <<"\(host.name)">>, \
            <<".*">>, <<"\(write)">>, <<"\(read)">>, <<"tests">>).
            """
        )
    }

    /// To which topics of the bridge's exchange it may write.
    func permitTopics(write: String) async throws {
        try await host.broker.eval(
            """
            rabbit_auth_backend_internal:set_topic_permissions(<<"\(name)">>, <<"\(host.name)">>, \
            <<"\(FedmsgToAMQP.exchange)">>, <<"\(write)">>, <<".*">>, <<"tests">>).
            """
        )
    }

    /// How many `max-connections` or `max-channels` it may have; -1 is without limit.
    func limit(_ kind: String, to count: Int) async throws {
        try await host.broker.eval(
            #"""
            rabbit_auth_backend_internal:set_user_limits(<<"\#(name)">>, <<"{\"\#(kind)\": \#(count)}">>, <<"tests">>).
            """#
        )
    }

    /// Closes its connections.
    func disconnect() async throws {
        try await host.broker.eval("rabbit_networking:close_all_user_connections(<<\"\(name)\">>, <<\"tests\">>).")
    }
}
