import Bridge
import Settings
import Spool

/// Both directions as one picture: fedmsg on the left, the bridge, the broker on the right.
struct FlowPicture {
    /// How a stretch of the way is.
    private enum Way: String {
        case open, broken, off
    }

    let model: StatusPageModel

    var html: HTML {
        """
        <svg class="flow" viewBox="0 0 420 170" role="img" aria-label="\(summary)">
        <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
        <path d="M0 0 8 4 0 8z"/></marker></defs>
        \(box(x: 0, "fedmsg", publishers, subscribers))\(box(x: 158, "bridge", waiting, letters))\
        \(box(x: 316, "RabbitMQ", exchange, queue))
        \(arrow(y: 62, from: 108, to: 154, receiving, toAMQPRate))\(arrow(y: 62, from: 266, to: 312, publishing, toAMQPRate))
        \(arrow(y: 122, from: 312, to: 266, consuming, toFedmsgRate))\(arrow(y: 122, from: 154, to: 108, sending, toFedmsgRate))
        </svg>
        """
    }

    private func box(x: Int, _ title: String, _ upper: String, _ lower: String) -> HTML {
        """
        <g class="box"><rect x="\(x + 1)" y="1" width="102" height="168" rx="8"/><text class="title" x="\(x + 52)" y="26">\
        \(title)</text><text x="\(x + 52)" y="66">\(upper)</text><text x="\(x + 52)" y="126">\(lower)</text></g>
        """
    }

    private func arrow(y: Int, from: Int, to: Int, _ way: Way, _ rate: String) -> HTML {
        let middle = (from + to) / 2
        let label = way == .open ? rate : way == .off ? "off" : "✕"
        return """
            <g class="way \(way.rawValue)"><line x1="\(from)" y1="\(y)" x2="\(to)" y2="\(y)" marker-end="url(#tip)"/>\
            <text x="\(middle)" y="\(y - 9)">\(label)</text></g>
            """
    }

    // MARK: Words

    private var publishers: String {
        guard model.toAMQP.state.enabled else { return "" }
        return "\(model.connectedEndpoints)/\(model.endpoints) publishers"
    }

    private var subscribers: String {
        model.toFedmsg.state.enabled ? "\(model.subscribers) subscribers" : ""
    }

    private var waiting: String { "\(PageFormat.count(Int64(model.spool.messages))) wait" }
    private var letters: String { "\(PageFormat.count(Int64(model.spool.deadLetters.total))) refused" }
    private var exchange: String { name(model.configuration.toAMQP.exchange, of: model.toAMQP, otherwise: "exchange") }

    private var queue: String {
        name(model.configuration.queues.first?.name ?? "queue", of: model.toFedmsg, otherwise: "queue")
    }

    private func name(_ name: String, of direction: StatusPageModel.DirectionModel, otherwise: String) -> String {
        guard direction.state.enabled else { return "" }
        guard model.isFull else { return otherwise }
        return name.count > 14 ? name.prefix(13) + "…" : name
    }

    private var toAMQPRate: String { "\(PageFormat.rate(model.toAMQP.rates.now))/s" }
    private var toFedmsgRate: String { "\(PageFormat.rate(model.toFedmsg.rates.now))/s" }

    // MARK: Ways

    private var receiving: Way { way(model.toAMQP, model.connectedEndpoints > 0) }
    private var publishing: Way {
        way(model.toAMQP, model.toAMQP.state.connected && !model.holds(.blocked, .exchangeMissing))
    }
    private var consuming: Way { way(model.toFedmsg, model.toFedmsg.state.connected && model.snapshot.consuming) }
    private var sending: Way { way(model.toFedmsg, !model.holds(.noRelay, .noSubscriber, .addressInUse)) }

    private func way(_ direction: StatusPageModel.DirectionModel, _ isOpen: Bool) -> Way {
        guard direction.state.enabled else { return .off }
        return isOpen ? .open : .broken
    }

    private var summary: String {
        func words(_ way: Way) -> String { way == .open ? "open" : way == .off ? "off" : "broken" }
        return
            "fedmsg to RabbitMQ: \(words(receiving)) into the bridge, \(words(publishing)) out of it, \(toAMQPRate). "
            + "RabbitMQ to fedmsg: \(words(consuming)) into the bridge, \(words(sending)) out of it, \(toFedmsgRate)."
    }
}
