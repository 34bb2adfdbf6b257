/// The broker nacks whatever is published: it does not say why, but there is little that it does so for.
package struct BrokerNacks: Error, CustomStringConvertible {
    private let exchange: String

    /// - Parameter exchange: where it was published to.
    package init(exchange: String) {
        self.exchange = exchange
    }

    package var description: String {
        """
        the broker nacks what is published to '\(exchange)': a queue bound there is full (x-overflow = reject-publish), or \
        can't write; rabbitmqctl list_queues shows which: make room there, or take its binding away
        """
    }
}
