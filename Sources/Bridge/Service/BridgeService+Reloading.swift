import AMQP
public import Settings
import Spool
import Synchronization

extension BridgeService {
    /// The configuration as it acts now, reloads included.
    public var configurationInForce: BridgeConfiguration { current.withLock { $0 } }

    /// Takes over what of another configuration can change while it runs.
    ///
    /// Where the broker is reached in another way, or as somebody else, it reconnects; all else changes in place. Nothing is
    /// lost by either.
    ///
    /// - Returns: the keys whose new values wait for a restart.
    /// - Throws: what is wrong with it; nothing has changed then.
    public func reload(_ new: BridgeConfiguration) async throws -> [String] {
        let old = current.withLock { $0 }
        var next = old
        let leaving = old.directionsSwitchedOff(by: new)
        next.takeChangeable(from: new, leaving: leaving)
        guard next != old else {
            // Room may have been made for the spool.
            journal.changeLimits(to: JournalConfiguration(next.spool))
            // A file that can't be used is its own trouble, which ends once it is mended.
            await certificates.look(leaving: leaving)
            return next.keys(differingFrom: new)
        }
        let amqp = try AMQPConfiguration(next)
        try await amqp.checkFiles()
        // What a direction that is switched off has stays until the restart: its files may be gone.
        let inForce = certificates.readers
        let verifier = leaving.contains(.toAMQP) ? inForce.verifier : try Self.verifier(next)
        let signer = leaving.contains(.toFedmsg) ? inForce.signer : try Self.signer(next)
        try await fedmsgSide.change(to: next)
        journal.changeLimits(to: JournalConfiguration(next.spool))
        pipeline.change(to: next, verifier: verifier)
        writer.change(signer: signer)
        let reconnects =
            (next.amqpURLs, next.tls) != (old.amqpURLs, old.tls)
            || next.clientProperties != old.clientProperties
        let readers = CertificateWatch.Readers(verifier: verifier, signer: signer, amqp: amqp, leaving: leaving)
        try await certificates.change(to: readers, reconnects: reconnects) { renew in
            try await amqpSide.change(to: next, renewing: renew)
        }
        current.withLock { $0 = next }
        return next.keys(differingFrom: new)
    }
}

extension BridgeConfiguration {
    /// What can change without a restart.
    fileprivate mutating func takeChangeable(from new: BridgeConfiguration, leaving: Set<Direction>) {
        log = new.log
        amqpURLs = new.amqpURLs
        passiveDeclares = new.passiveDeclares
        topicPrefix = new.topicPrefix
        publishPriority = new.publishPriority
        tls = new.tls
        clientProperties = new.clientProperties
        exchanges = new.exchanges
        if !leaving.contains(.toAMQP) { takeToAMQP(from: new) }
        if !leaving.contains(.toFedmsg) { takeToFedmsg(from: new) }
        // The largest message has to fit, by the limit of messages that is in force.
        if !toAMQP.enabled || new.spool.maxBytes >= toAMQP.leastSpoolBytes { spool.maxBytes = new.spool.maxBytes }
        spool.maxMemory = new.spool.maxMemory
        spool.minFreeBytes = new.spool.minFreeBytes
        spool.deadLetterMax = new.spool.deadLetterMax
        monitoring.page = new.monitoring.page
    }

    /// Directions that `new` switches off: they run on until the restart, and nobody has checked what else is said of them.
    fileprivate func directionsSwitchedOff(by new: BridgeConfiguration) -> Set<Direction> {
        var directions: Set<Direction> = []
        if toAMQP.enabled, !new.toAMQP.enabled { directions.insert(.toAMQP) }
        if toFedmsg.enabled, !new.toFedmsg.enabled { directions.insert(.toFedmsg) }
        return directions
    }

    private mutating func takeToAMQP(from new: BridgeConfiguration) {
        // Addresses to listen on are none to connect to.
        if toAMQP.bind == new.toAMQP.bind { toAMQP.zmqEndpoints = new.toAMQP.zmqEndpoints }
        toAMQP.topics = new.toAMQP.topics
        toAMQP.exchange = new.toAMQP.exchange
        toAMQP.body = new.toAMQP.body
        toAMQP.mandatory = new.toAMQP.mandatory
        crypto.validateSignatures = new.crypto.validateSignatures
        crypto.cryptoValidateBackends = new.crypto.cryptoValidateBackends
        crypto.caCertLocation = new.crypto.caCertLocation
        crypto.crlLocation = new.crypto.crlLocation
        crypto.routingNitpicky = new.crypto.routingNitpicky
        crypto.routingPolicy = new.crypto.routingPolicy
    }

    private mutating func takeToFedmsg(from new: BridgeConfiguration) {
        queues = new.queues
        bindings = new.bindings
        qos = new.qos
        toFedmsg.username = new.toFedmsg.username
        toFedmsg.bridgeUsernames = new.toFedmsg.bridgeUsernames
        toFedmsg.requireSubscriber = new.toFedmsg.requireSubscriber
        toFedmsg.slowSubscriberGrace = new.toFedmsg.slowSubscriberGrace
        crypto.signMessages = new.crypto.signMessages
        crypto.ssldir = new.crypto.ssldir
        crypto.cryptoBackend = new.crypto.cryptoBackend
        crypto.certname = new.crypto.certname
    }
}
