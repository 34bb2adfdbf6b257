import Bridge
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What is answered to a request.
struct MonitoringResponder: Sendable {
    /// Nothing of a page may come from elsewhere, run inline or be framed.
    private static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    let source: MonitoringServer.Source
    let registry: PrometheusRegistry
    let hosts: HostCheck
    let pages: StatusPageMaker

    func respond(to request: Request) async throws -> Response {
        // Requests sent in one go never suspend their connection's task: the others take turns with it.
        await Task.yield()
        guard hosts.allows(request.head.authority) else {
            return text("this endpoint answers to localhost only\n", .misdirectedRequest)
        }
        guard request.method == .get || request.method == .head else {
            var response = text("GET and HEAD only\n", .methodNotAllowed)
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        let response = try await respond(toPath: request.uri.path)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func respond(toPath path: String) async throws -> Response {
        switch path {
        case "/": await page()
        case "/style.css": response(StyleSheet.text, type: "text/css; charset=utf-8")
        case "/refresh.js": response(RefreshScript.text, type: "text/javascript; charset=utf-8")
        case "/live": live()
        case "/ready": try ready()
        case "/metrics": metrics()
        default: text("not found\n", .notFound)
        }
    }

    private func page() async -> Response {
        source.refresh()
        return response(await pages.page(source.snapshot()).html.text, type: "text/html; charset=utf-8")
    }

    private func live() -> Response {
        let stalled = source.stalledLoops()
        guard stalled.isEmpty else {
            let names = stalled.joined(separator: ", ")
            return json(#"{"status": "not turned for 60 s: \#(names)"}"#, .serviceUnavailable)
        }
        return json(#"{"status": "OK"}"#)
    }

    private func ready() throws -> Response {
        let report = ReadinessReport(source.snapshot())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(report), as: UTF8.self)
        return json(text, report.status == .critical ? .serviceUnavailable : .ok)
    }

    private func metrics() -> Response {
        source.refresh()
        return response(registry.render(), type: "text/plain; version=0.0.4; charset=utf-8")
    }

    private func json(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        response(text, type: "application/json", status)
    }

    private func text(_ text: String, _ status: HTTPResponse.Status) -> Response {
        response(text, type: "text/plain; charset=utf-8", status)
    }

    private func response(_ text: String, type: String, _ status: HTTPResponse.Status = .ok) -> Response {
        var headers: HTTPFields = [
            .contentType: type, .cacheControl: "no-store", .contentSecurityPolicy: Self.contentSecurityPolicy,
            .xContentTypeOptions: "nosniff",
        ]
        if let policy = HTTPField.Name("Referrer-Policy") { headers[policy] = "no-referrer" }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
