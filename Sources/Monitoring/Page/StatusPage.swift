import Settings

/// The page for people. Everything on it is made here: it is read without a script.
struct StatusPage {
    let model: StatusPageModel

    var html: HTML {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>\(model.status.rawValue.uppercased()) · fedmsg-bridge</title>
        <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"><script src="/refresh.js" defer></script></head>
        <body><header><h1>fedmsg-bridge</h1><p>as of <time id="now">\(PageFormat.time(model.now))</time> UTC</p></header>
        <main>
        \(Headline(model: model).html)
        <section class="panel wide" aria-label="Flow">\(FlowPicture(model: model).html)</section>
        <div class="columns">\(panels)</div>
        \(DeadLetterPanel(model: model).html)
        \(configuration)
        </main>
        <footer>\(model.version) · up \(PageFormat.duration(model.now - model.startedAt)) · <a href="/ready">/ready</a> \
        <a href="/metrics">/metrics</a> <a href="/live">/live</a></footer></body></html>

        """
    }

    private var panels: [HTML] {
        let configuration = model.configuration
        return [
            DirectionPanel(
                model: model,
                direction: model.toAMQP,
                title: "fedmsg → AMQP",
                endpoints: configuration.toAMQP.zmqEndpoints
            ).html,
            DirectionPanel(
                model: model,
                direction: model.toFedmsg,
                title: "AMQP → fedmsg",
                endpoints: [configuration.toFedmsg.publishEndpoint]
            ).html,
            SpoolPanel(model: model).html,
            CertificatePanel(model: model).html,
        ]
    }

    private var configuration: HTML {
        guard model.isFull else { return .empty }
        return """
            <details class="panel wide" id="configuration"><summary>Configuration in force</summary>\
            <pre tabindex="0">\(model.configuration.toml())</pre></details>
            """
    }
}
