package import Settings

/// Where a bystander hears fedmsgs, as a configuration says.
package struct FedmsgEndpoints: Equatable, Sendable {
    /// Publishers that the bridge gets its fedmsgs from.
    package var publishers: [String] = []
    /// ZeroMQ prefixes of the topics that the bridge takes.
    package var topics: [String] = []
    /// Where its own fedmsgs, of any topic, are to be had as well as others.
    package var shared: [String] = []
    /// Where its own are to be had alone.
    package var bridge: [String] = []

    /// - Parameter listen: endpoints to listen at besides.
    /// - Throws: ``Unheard`` where the configuration names a place that can't be listened at, and `listen` none instead.
    package init(_ configuration: BridgeConfiguration, listen: [String]) throws(Unheard) {
        let (toAMQP, toFedmsg) = (configuration.toAMQP, configuration.toFedmsg)
        topics = toAMQP.enabled ? toAMQP.topics : [""]
        if listen.isEmpty {
            if toAMQP.enabled, toAMQP.bind {
                throw Unheard("to_amqp.bind: publishers connect to the bridge, so nobody else can listen to them")
            }
            if toFedmsg.enabled, toFedmsg.remotePublish {
                throw Unheard(
                    "to_fedmsg.remote_publish: the bridge publishes to a relay, whose outlet is not known here"
                )
            }
        }
        if toAMQP.enabled, !toAMQP.bind { publishers = toAMQP.zmqEndpoints }
        if toFedmsg.enabled, !toFedmsg.remotePublish { bridge = [toFedmsg.publishEndpoint] }
        let listen = try listen.map(Self.connectable)
        publishers = try (publishers.map(Self.connectable) + listen).unique
        bridge = try bridge.map(Self.connectable)
        if toFedmsg.enabled {
            shared = publishers.filter { listen.contains($0) || bridge.contains($0) }
            publishers.removeAll(where: shared.contains)
            bridge.removeAll(where: shared.contains)
        }
        if all.isEmpty {
            throw Unheard("both directions are off, so there is no endpoint to listen at")
        }
    }

    /// All of them.
    package var all: [String] { publishers + shared + bridge }

    /// Where to connect to reach who listens at an endpoint: on this machine, where that is any address.
    private static func connectable(_ endpoint: String) throws(Unheard) -> String {
        guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else { return endpoint }
        let port = endpoint[endpoint.index(after: colon)...]
        guard port != "*", port != "0" else { throw Unheard("\(endpoint) has no port that could be known beforehand") }
        switch endpoint[..<colon].dropFirst("tcp://".count) {
        case "*", "0.0.0.0": return "tcp://127.0.0.1:\(port)"
        case "[::]": return "tcp://[::1]:\(port)"
        default: return endpoint
        }
    }
}

extension FedmsgEndpoints {
    /// Fedmsgs that nobody else can hear.
    package struct Unheard: Error, CustomStringConvertible {
        private let reason: String

        init(_ reason: String) {
            self.reason = reason
        }

        package var description: String { "\(reason): say where with --listen ENDPOINT" }
    }
}

extension [String] {
    fileprivate var unique: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
