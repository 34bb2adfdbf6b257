/// When certificates and the revocation list expire.
struct CertificatePanel {
    /// Less is worth a look: what `/ready` warns of.
    private static let notice = 14.0 * 86_400

    let model: StatusPageModel

    var html: HTML {
        guard !model.certificates.isEmpty else { return .empty }
        let rows = model.certificates.map { certificate -> HTML in
            let left = certificate.expiry - model.now
            let kind = left < 0 ? "critical" : left < Self.notice ? "warning" : "ok"
            let text = left < 0 ? "expired \(PageFormat.duration(-left)) ago" : "in \(PageFormat.duration(left))"
            let name = Self.names[certificate.name] ?? certificate.name
            return """
                <div><dt>\(name)</dt><dd class="\(kind)">\(text)<small>\(PageFormat.time(certificate.expiry))</small></dd></div>
                """
        }
        return #"<section class="panel"><h2>Certificates expire</h2><dl>\#(rows)</dl></section>"#
    }

    private static let names = [
        "ca": "fedmsg CA", "crl": "Revocation list", "own": "fedmsg certificate", "tls": "TLS client certificate",
    ]
}
