import Bridge

/// When certificates and the revocation list expire.
struct CertificatePanel {
    let model: StatusPageModel

    var html: HTML {
        guard !model.certificates.isEmpty else { return .empty }
        let rows = model.certificates.map { certificate -> HTML in
            let left = certificate.expiry - model.now
            let kind = left < 0 ? "critical" : left < Double(CertificateKind.notice) ? "warning" : "ok"
            let text = left < 0 ? "expired \(PageFormat.duration(-left)) ago" : "in \(PageFormat.duration(left))"
            return """
                <div><dt>\(certificate.kind.name)</dt><dd class="\(kind)">\(text)<small>\(PageFormat.time(certificate.expiry))</small></dd></div>
                """
        }
        return #"<section class="panel"><h2>Certificates expire</h2><dl>\#(rows)</dl></section>"#
    }
}
