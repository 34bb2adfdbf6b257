import Bridge

/// One direction: its rate, its last hour, its counts.
struct DirectionPanel {
    let model: StatusPageModel
    let direction: StatusPageModel.DirectionModel
    let title: String
    let endpoints: [String]

    var html: HTML {
        guard direction.state.enabled else {
            return #"<section class="panel off"><h2>\#(title)</h2><p class="quiet">Not enabled.</p></section>"#
        }
        let state = direction.state
        return """
            <section class="panel"><h2>\(title)</h2>
            <p class="rate"><strong>\(PageFormat.rate(direction.rates.now))</strong> messages/s</p>
            \(RateChart(rates: direction.rates, title: title).html)
            <dl>
            \(row("Broker", state.connected ? "connected" : "not connected"))
            \(row("Last message", lastMessage))
            \(row("Received", PageFormat.count(state.received)))
            \(row("Forwarded", PageFormat.count(state.forwarded)))
            \(row("Dropped", PageFormat.count(state.dropped), reasons(direction.dropped)))
            \(row("Rejected", PageFormat.count(state.rejected), reasons(direction.rejected)))
            \(row("Dead letters", PageFormat.count(Int64(direction.deadLetters))))
            </dl>\(list)</section>
            """
    }

    private func row(_ name: String, _ value: String, _ detail: String = "") -> HTML {
        let small: HTML = detail.isEmpty ? .empty : "<small>\(detail)</small>"
        return "<div><dt>\(name)</dt><dd>\(value)\(small)</dd></div>"
    }

    private var lastMessage: String {
        guard let time = direction.state.lastMessageAt else { return "none yet" }
        return "\(PageFormat.duration(model.now - time)) ago"
    }

    private func reasons(_ counts: [(reason: String, count: Int64)]) -> String {
        counts.sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
            .map { "\($0.reason) \(PageFormat.count($0.count))" }
            .joined(separator: ", ")
    }

    private var list: HTML {
        guard model.isFull, !endpoints.isEmpty else { return .empty }
        return #"<p class="endpoints">\#(endpoints.map { "<code>\($0)</code> " as HTML })</p>"#
    }
}
