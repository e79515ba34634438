"""A guest book. Its entries live in the sandbox's own writable layer, so they outlast a crash and not a new release."""
import html
import http.server
import os
import urllib.parse

ENTRIES = "/app/entries.txt"
PAGE = """<!doctype html><meta charset=utf-8><title>Guest book</title>
<h1>Guest book of {tenant}</h1><form method=post><input name=entry maxlength=200 required autofocus> <button>Sign</button></form>
<ul>{entries}</ul><p><small>sandbox {sandbox}, release {release}</small>"""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/healthz":
            self.answer(200, "ok\n", "text/plain")
        elif self.path == "/":
            self.answer(200, PAGE.format(
                entries="".join(f"<li>{html.escape(line)}" for line in entries()), tenant=os.environ["HOSTEL_TENANT"],
                sandbox=os.environ["HOSTEL_SANDBOX"], release=os.environ["HOSTEL_RELEASE"]), "text/html; charset=utf-8")
        else:
            self.answer(404, "not found\n", "text/plain")

    def do_POST(self):
        length = min(int(self.headers.get("Content-Length", 0)), 4096)
        form = urllib.parse.parse_qs(self.rfile.read(length).decode("utf-8", "replace"))
        entry = form.get("entry", [""])[0].strip()[:200].replace("\n", " ")
        if entry:
            with open(ENTRIES, "a", encoding="utf-8") as file:
                file.write(entry + "\n")
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, status, text, kind):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def entries():
    try:
        with open(ENTRIES, encoding="utf-8") as file:
            return file.read().splitlines()[-100:]
    except FileNotFoundError:
        return []


http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
