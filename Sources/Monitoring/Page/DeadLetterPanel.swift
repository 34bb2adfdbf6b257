import Spool

/// The newest messages that could not be bridged.
struct DeadLetterPanel {
    let model: StatusPageModel

    var html: HTML {
        guard model.isFull, !model.letters.isEmpty || model.spool.deadLetters.total > 0 else { return .empty }
        let stale: HTML =
            model.areLettersCurrent ? .empty : #"<p class="quiet">The disk does not answer: as last read.</p>"#
        return """
            <section class="panel wide"><h2>Dead letters</h2>\(stale)
            <div class="scroll" tabindex="0" role="region" aria-label="Newest dead letters"><table>
            <thead><tr><th class="number">Id</th><th>Rejected</th><th>Direction</th><th>Reason</th><th>Topic</th><th>What was \
            seen</th></tr></thead>
            <tbody>\(model.letters.map(row))</tbody></table></div>
            <p class="quiet"><code>fedmsg-bridge spool show ID</code> shows one, <code>retry</code> tries it again, \
            <code>drop</code> deletes it.</p></section>
            """
    }

    private func row(_ letter: DeadLetterSummary) -> HTML {
        """
        <tr><td class="number">\(Int(letter.id))</td><td>\(PageFormat.time(Double(letter.rejectedAt) / 1e6))</td>\
        <td>\(letter.direction.rawValue)</td><td><code>\(letter.reason)</code></td><td class="topic">\(letter.topic)</td>\
        <td class="detail">\(letter.detail)</td></tr>
        """
    }
}
