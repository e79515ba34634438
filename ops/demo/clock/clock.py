"""Tells the time, and which sandbox tells it."""
import http.server
import os
import time


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{time.strftime('%Y-%m-%d %H:%M:%S')} UTC, says sandbox {os.environ['HOSTEL_SANDBOX']}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
