import Bridge

/// How things stand in a word, and everything that is not as it should be, since when.
struct Headline {
    let model: StatusPageModel

    var html: HTML {
        """
        <section class="headline \(model.status.rawValue)" aria-label="State">
        <p class="state"><span class="dot" aria-hidden="true"></span><strong>\(model.status.rawValue.uppercased())</strong> \
        \(sentence)</p>
        \(notes(model.snapshot.reasons, "critical"))\(notes(model.snapshot.warnings, "warning"))
        </section>
        """
    }

    private var sentence: String {
        switch model.status {
        case .ok: "Messages move."
        case .warning: "Messages move; something wants attention."
        case .critical: "Messages do not move as they should."
        }
    }

    private func notes(_ notes: [StatusBoard.Note], _ kind: String) -> HTML {
        guard !notes.isEmpty else { return .empty }
        let items = notes.map { note -> HTML in
            let text: HTML = model.isFull ? "<p>\(note.text)</p>" : .empty
            return """
                <li><div><code>\(note.code)</code><time>since \(PageFormat.time(note.since)) \
                (\(PageFormat.duration(model.now - note.since)))</time></div>\(text)</li>
                """
        }
        return #"<ul class="notes \#(kind)">\#(items)</ul>"#
    }
}
