import AMQP
import Fedmsg
import Foundation
public import Settings
import Synchronization
import ZeroMQ

extension BridgeService {
    /// The configuration as it acts now, reloads included.
    public var configurationInForce: BridgeConfiguration { current.withLock { $0 } }

    /// Takes over what of another configuration can change while it runs.
    ///
    /// Endpoints, topics, routing policy and certificates change in place; so do exchanges and bindings, of which the
    /// broker keeps what is gone. For other URLs of the broker or files of `[tls]`, new contents included, it
    /// reconnects, and loses nothing by that.
    ///
    /// - Returns: the keys, or tables, whose new values wait for a restart.
    /// - Throws: what is wrong with it; nothing has changed then.
    public func reload(_ new: BridgeConfiguration) async throws -> [String] {
        let old = current.withLock { $0 }
        var next = old
        next.takeChangeable(from: new)
        let amqp = try AMQPConfiguration(next)
        try await amqp.checkFiles()
        let (newVerifier, newSigner) = try Self.signatures(next)
        try await fedmsgSide.change(endpoints: next.toAMQP.zmqEndpoints, topics: next.toAMQP.topics)
        if let newVerifier { verifier?.adopt(newVerifier) }
        if let newSigner { signer?.adopt(newSigner) }
        await certificates.reload(amqp)
        let tlsFiles = next.tls.contents
        let hasNewFiles = self.tlsFiles.withLock { current in
            defer { current = tlsFiles }
            return current != tlsFiles
        }
        if (next.exchanges, next.bindings) != (old.exchanges, old.bindings) {
            await client.setTopology(
                publishing: AMQPTopology(publishing: next),
                consuming: AMQPTopology(consuming: next)
            )
        }
        if next.amqpURLs != old.amqpURLs || next.tls != old.tls || hasNewFiles
            || next.clientProperties != old.clientProperties
        {
            try await client.reconnect(with: amqp)
        }
        current.withLock { $0 = next }
        return next.differences(from: new)
    }
}

extension BridgeConfiguration {
    /// What can change without a restart.
    fileprivate mutating func takeChangeable(from new: BridgeConfiguration) {
        log = new.log
        amqpURLs = new.amqpURLs
        tls = new.tls
        clientProperties = new.clientProperties
        exchanges = new.exchanges
        bindings = new.bindings
        toAMQP.zmqEndpoints = new.toAMQP.zmqEndpoints
        toAMQP.topics = new.toAMQP.topics
        let switches = (crypto.validateSignatures, crypto.signMessages)
        crypto = new.crypto
        (crypto.validateSignatures, crypto.signMessages) = switches
    }

    /// The keys and tables that differ, as the files name them.
    fileprivate func differences(from other: BridgeConfiguration) -> [String] {
        let parts: [(String, Bool)] = [
            ("passive_declares", passiveDeclares == other.passiveDeclares),
            ("topic_prefix", topicPrefix == other.topicPrefix),
            ("publish_priority", publishPriority == other.publishPriority),
            ("queues", queues == other.queues),
            ("qos", qos == other.qos),
            ("to_amqp", toAMQP == other.toAMQP),
            ("to_fedmsg", toFedmsg == other.toFedmsg),
            ("crypto.validate_signatures", crypto.validateSignatures == other.crypto.validateSignatures),
            ("crypto.sign_messages", crypto.signMessages == other.crypto.signMessages),
            ("spool", spool == other.spool),
            ("monitoring", monitoring == other.monitoring),
        ]
        return parts.filter { !$0.1 }.map(\.0)
    }
}

extension BridgeConfiguration.TLS {
    /// What its files hold; nothing for those that can't be read, which is found elsewhere.
    var contents: [Data?] {
        [caCert, certfile, keyfile].map { $0.isEmpty ? nil : FileManager.default.contents(atPath: $0) }
    }
}
