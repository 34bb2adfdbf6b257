extension AMQPConfiguration {
    /// The table of connection.start-ok.
    ///
    /// `authentication_failure_close` is what turns a wrong password into a 403 instead of a bare end of the socket.
    var startOkProperties: AMQPTable {
        var properties: AMQPTable = [
            "product": "fedmsg-bridge AMQP",
            "platform": "Swift",
            "capabilities": .table([
                "authentication_failure_close": true,
                "basic.nack": true,
                "connection.blocked": true,
                "consumer_cancel_notify": true,
                "exchange_exchange_bindings": true,
                "publisher_confirms": true,
            ]),
        ]
        properties["connection_name"] = connectionName.map { .longString($0) }
        for entry in clientProperties.entries {
            properties[entry.key] = entry.value
        }
        return properties
    }
}
