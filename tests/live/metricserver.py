#!/usr/bin/python3
"""Metrics pages for tests/live/test_prom.c: good, odd, hostile, changing.

Prints PORT=N, FREE=N (a port that nobody has) and READY. The path chooses the page; /count grows by 10 with
each request and starts anew after a GET of /restart. Ends with its standard
input.
"""
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OM = "application/openmetrics-text; version=1.0.0; charset=utf-8"
lock = threading.Lock()
state = {"count": 1000, "started": 1700000000}


def count_page():
    with lock:
        state["count"] += 10
        return ("# TYPE process_start_time_seconds gauge\n"
                "process_start_time_seconds %d\n"
                "# TYPE jobs_total counter\n"
                'jobs_total{queue="mail"} %d\n' % (
                    state["started"], state["count"]))


def restart():
    with lock:
        state.update(count=0, started=state["started"] + 60)
    return "restarted\n"


def million():
    return "a{" + ",".join('l%d="x"' % i for i in range(1000000)) + "} 1\n"


PAGES = {
    "/count": (200, TEXT, count_page),
    "/restart": (200, TEXT, restart),
    "/odd": (200, TEXT, lambda: 'nan Nan\ninf +Inf\nneg -inf\n'
             'esc{p="a\\\\b\\"c\\nd"} 1.5 1395066363000\n'
             'evil{p="\x1b]0;owned\x07"} 2\n'),
    "/om": (200, OM, lambda: "# TYPE a counter\na_total 5\n# EOF\n"),
    "/om-cut": (200, OM, lambda: "# TYPE a counter\na_total 5\n"),
    "/million": (200, TEXT, million),
    "/html": (200, "text/html", lambda: "<!DOCTYPE html><title>Login"),
    "/html-text": (200, TEXT, lambda: "<!DOCTYPE html><title>Login"),
    "/bad": (200, TEXT, lambda: 'ok 1\na{b=INVALID} 1\n'),
    "/503": (503, TEXT, lambda: "no\n"),
    "/empty": (200, TEXT, lambda: ""),
    "/big": (200, TEXT, lambda: "a 1\n" * 3000000),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.split("?")[0]
        if path == "/auth":
            good = self.headers.get("Authorization") == "Bearer s3cr3t-token"
            status, kind, page = (200, TEXT, "in 1\n") if good else (
                401, TEXT, "no\n")
        elif path in PAGES:
            status, kind, make = PAGES[path]
            page = make()
        else:
            status, kind, page = 404, TEXT, "no such page\n"
        body = page.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *args):
        pass


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    print("PORT=%d\nFREE=%d\nREADY" % (server.server_address[1], free),
          flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
