"""Worlds for the benchmarks: the practice world busy, quiet and hanging.

A world is a context manager; its env points a program at it. Everything it
starts ends with it.
"""
import http.server
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

PATHS = ("/healthz", "/readyz", "/v1/admin/system", "/metrics")


class World:
    """The practice world of ai-visibility: requests, jobs and log lines."""

    def __init__(self, build):
        self.program = os.path.join(build, "sevtop-sim")
        self.env = dict(os.environ, TERM="xterm-256color")
        self.env.pop("NO_COLOR", None)
        self.stopped = []

    def __enter__(self):
        self.process = subprocess.Popen(
            [self.program, "run", "ai-visibility", "--seed", "7",
             "--until-eof"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if line.strip() == "READY":
                self.arrange()
                return self
            name, _, value = line.strip().partition("=")
            self.env[name] = value
        raise SystemExit("bench: the practice world did not start")

    def __exit__(self, *_):
        for pid in self.stopped:
            os.kill(pid, signal.SIGCONT)
        self.process.terminate()
        self.process.wait()

    def arrange(self):
        """What a kind of world changes once it runs."""

    def stop(self, pid):
        os.kill(pid, signal.SIGSTOP)
        self.stopped.append(pid)

    def redis(self):
        """The process of its Redis."""
        with open("/proc/%d/task/%d/children" % (2 * (self.process.pid,))) as f:
            return [int(pid) for pid in f.read().split()]


class Hanging(World):
    """Every backend accepts connections and never says a word."""

    def arrange(self):
        self.stop(self.process.pid)
        for pid in self.redis():
            self.stop(pid)


class Quiet(World):
    """Every backend answers, always the same; no log line is written.

    The API's pages are those of a practice world that ran for a moment; its
    Redis is real and holds the same queues, and nobody works on them.
    """

    def arrange(self):
        time.sleep(3)  # some traffic, so that the pages have content
        pages = {path: self.page(path) for path in PATHS}
        self.stop(self.process.pid)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # head and body in one write, as servers do

            def do_GET(self):
                status, kind, body = pages.get(
                    self.path.partition("?")[0], (404, "text/plain", b""))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()
        self.env["API_URL"] = "http://127.0.0.1:%d" % (
            self.server.server_address[1])

    def page(self, path):
        try:
            answer = urllib.request.urlopen(
                self.env["API_URL"] + path, timeout=10)
        except urllib.error.HTTPError as refused:
            answer = refused
        return (answer.status, answer.headers.get("Content-Type", ""),
                answer.read())

    def __exit__(self, *args):
        self.server.shutdown()
        super().__exit__(*args)
