"""A proxy before the status page that, once it has shown that, answers with a page of its own: `failing_proxy.py ORIGIN`."""

import http.server
import sys
import urllib.request

import peer


class Handler(http.server.BaseHTTPRequestHandler):
    pages = 0

    def do_GET(self):
        if self.path == "/":
            Handler.pages += 1
            if Handler.pages > 1:
                self.answer(502, "text/html", b"<html><head><title>502 Bad Gateway</title></head><h1>502 Bad Gateway</h1></html>")
                return
        with urllib.request.urlopen(sys.argv[1] + self.path) as answer:
            self.answer(answer.status, answer.headers["Content-Type"], answer.read())

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
peer.on_commands(lambda command: None)
peer.emit("listening", port=server.server_port)
server.serve_forever()
