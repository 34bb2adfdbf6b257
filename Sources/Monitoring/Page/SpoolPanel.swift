import Spool

/// What waits on disk, and how much room there is.
struct SpoolPanel {
    let model: StatusPageModel

    var html: HTML {
        let spool = model.spool
        return """
            <section class="panel"><h2>Spool</h2>
            <p class="rate"><strong>\(PageFormat.count(Int64(spool.messages)))</strong> messages wait</p>
            <meter min="0" max="\(max(spool.maxBytes, 1))" value="\(spool.fileBytes)" aria-label="Spool in use"></meter>
            <dl>
            \(row("Size", PageFormat.bytes(spool.bytes)))
            \(row("Oldest", oldest))
            \(row("Files", "\(PageFormat.bytes(spool.fileBytes)) of \(PageFormat.bytes(spool.maxBytes))"))
            \(row("In memory alone", PageFormat.count(Int64(spool.unjournalledMessages))))
            \(row("State", spool.refusal == nil ? "takes messages" : "takes nothing"))
            </dl></section>
            """
    }

    private func row(_ name: String, _ value: String) -> HTML {
        "<div><dt>\(name)</dt><dd>\(value)</dd></div>"
    }

    private var oldest: String {
        guard let time = model.spool.oldestReceivedAt else { return "–" }
        return PageFormat.duration(model.now - Double(time) / 1e6)
    }
}
