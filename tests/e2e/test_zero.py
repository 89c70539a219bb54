#!/usr/bin/python3
"""Plain sevtop in a project's folder, without any configuration."""
import contextlib
import http.server
import json
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import HAS_REDIS, Dashboard, Scratch, World  # noqa: E402


class Api:
    """A server on loopback: pages is {path: (status, type, body)}."""

    def __init__(self, pages, other=(404, "text/plain", "no")):
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                status, kind, body = pages.get(self.path, other)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def board(out):
    return json.loads(out.stdout)["platforms"][0]


def by_name(rows):
    return {row["name"]: row for row in rows}


def signals_of(found):
    """Names of the signals, which stand among the metrics."""
    return {row["name"] for row in found["metrics"]
            if row["kind"] == "signal"}


def dotenv(scratch, **values):
    return scratch.file(".env", "".join("%s=%s\n" % pair
                                        for pair in values.items()))


def test_world():
    """The practice world's services, by .env alone."""
    if not HAS_REDIS:
        tap.skip("no redis-server")
        return
    with Scratch() as s, World(s, "--fault", "stuck-queue") as world:
        names = [n for n in ("API_URL", "REDIS_URL", "DATABASE_URL")
                 if n in world.env]
        dotenv(s, **{n: world.env[n] for n in names})
        secret = world.env["REDIS_URL"].split(":")[2].split("@")[0]
        out = s.run("once", "-o", "json", "--timeout", "20")
        found = board(out)
        sources = by_name(found["sources"])
        tap.check({"api", "health", "ready", "metrics", "redis", "queues"} <=
                  set(sources) and all(
                      r["error"] is None for r in sources.values()),
                  "all that is there answers", sources)
        signals = signals_of(found)
        tap.check({"errors", "p95", "redis_memory", "queue_age"} <=
                  signals and "errors_code" not in signals,
                  "signals for what the metrics have", signals)
        tap.check(len(found["tables"]["queues"]["rows"]) == 4,
                  "queues by scan", found["tables"].get("queues"))
        tap.check(", ".join(names) + " in .env" in out.stderr,
                  "it says where from", out.stderr)
        tap.check(secret not in out.stdout + out.stderr, "and no secret")
        with Dashboard(s, env={"REDIS_URL": world.env["REDIS_URL"]},
                       size=(24, 120), cwd=s.path) as t:
            t.wait_text("^found (API_URL.*) in .env; REDIS_URL in env; "
                        "`sevtop init` writes a file")
            tap.check(True, "the footer says what was found")
            t.wait_text("queues ──")
            t.wait_text(r"(?s)\A[^\n]*  found API_URL")
            tap.check(True, "and the header")
            t.wait_text("runPrompt +backlog|runPrompt .*waiting")
            tap.check(secret not in t.raw.decode("utf-8", "replace"),
                      "no secret on the screen")
        check_init(s, found)


def check_init(s, found):
    """`sevtop init` writes what plain sevtop shows."""
    out = s.run("init", "--stdout")
    tap.check(out.returncode == 0 and not os.path.exists(
        s.file("sevtop.yaml")), "init --stdout writes no file", out.stderr)
    text = out.stdout
    out = s.run("init")
    with open(s.file("sevtop.yaml")) as f:
        tap.check(out.returncode == 0 and f.read() == text,
                  "init writes the same", out.stdout + out.stderr)
    with open(s.file(".env")) as f:
        values = [line.partition("=")[2].strip() for line in f]
    tap.check(not any(v in text for v in values), "without any value")
    out = s.run("check")
    tap.check(out.returncode == 0 and not out.stderr,
              "check accepts it", out.stdout + out.stderr)
    out = s.run("once", "-o", "json", "--timeout", "20")
    again = board(out)
    tap.check([r["name"] for r in again["sources"]] ==
              [r["name"] for r in found["sources"]] and
              set(signals_of(again)) == set(signals_of(found)) and
              again["name"] == found["name"], "and it shows the same",
              out.stderr)
    s.file("sevtop.yaml", "mine: 1\n")
    out = s.run("init")
    with open(s.file("sevtop.yaml")) as f:
        tap.check(out.returncode == 1 and f.read() == "mine: 1\n" and
                  "stays as it is" in out.stderr, "never over another",
                  out.stderr)


def test_port():
    """An API with one health page and nothing else."""
    pages = {"/health": (200, "text/plain", "OK")}
    with Scratch() as s, Api(pages) as api:
        dotenv(s, PORT=api.port, DATABASE_URL="mysql://root@h/x")
        out = s.run("once", "-o", "json")
        sources = by_name(board(out)["sources"])
        tap.check(out.returncode == 0 and board(out)["state"] == "ok",
                  "all is well", out.stdout)
        tap.check(not sources["health"].get("absent") and
                  sources["metrics"]["absent"] and sources["ready"]["absent"],
                  "what is not there is absent", sources)
        tap.check(board(out)["alerts"] == [] and not signals_of(board(out)),
                  "and nobody misses it",
                  (board(out)["alerts"], signals_of(board(out))))
        tap.check("DATABASE_URL" in out.stderr and "postgres://" in
                  out.stderr and "root" not in out.stderr,
                  "another database is told", out.stderr)
        with Dashboard(s, cwd=s.path) as t:
            t.wait_text("sources, all 2 answer")
            t.panel("0", "sources")
            t.wait_text("metrics +not there")
            tap.check(True, "the sources panel has the rest")
        before = len(api.asked)
        out = s.run("once", "-o", "json")
        asked = api.asked[before:]
        tap.check(asked.count("/healthz") == 1, "asked for once", asked)


def test_every_path():
    """A server that has a page for everything has no health page."""
    with Scratch() as s, Api({}, (200, "text/html", "<html>app</html>")) as a:
        out = s.run("once", "-o", "json", API_URL="http://127.0.0.1:%d/" %
                    a.port)
        sources = by_name(board(out)["sources"])
        tap.check(board(out)["state"] == "ok" and not sources["api"].get(
            "absent") and all(sources[n]["absent"] for n in
                              ("health", "ready", "metrics")),
            "a web page is no health page", sources)
        tap.check(not any("//" in path for path in a.asked), "one slash each", a.asked)


def test_down():
    """What does not answer at all is one alert, not four."""
    with Scratch() as s:
        out = s.run("once", "-o", "json", PORT="1")
        tap.check(board(out)["state"] == "critical" and
                  [r["name"] for r in board(out)["sources"]
                   if not r.get("absent")] == ["api"],
                  "the API is down, the rest unknown", out.stdout)


def test_unwell():
    body = json.dumps({"status": "degraded", "version": "1.2.3"})
    pages = {"/healthz": (503, "application/json", body)}
    with Scratch() as s, Api(pages) as api:
        out = s.run("once", "-o", "json", PORT=api.port)
        rows = {r["source"]: r for r in board(out)["health"]}
        tap.check(out.returncode == 2 and "503" in rows["health"]["detail"],
                  "a health page that says no", out.stdout)


def test_nothing():
    with Scratch() as s:
        out = s.run("once")
        tap.check(out.returncode == 78 and all(
            w in out.stderr for w in ("DATABASE_URL", "API_URL", ".env",
                                      "logs/*.log", "drill")),
            "nothing to go by: it says what would do", out.stderr)
        out = s.run("init")
        tap.check(out.returncode == 1 and "DATABASE_URL" in out.stderr and
                  not os.path.exists(s.file("sevtop.yaml")),
                  "init neither", out.stderr)
        s.file("logs/api.log", "2026-11-22T14:05:17.100Z WARN a line\n")
        out = s.run("once")
        tap.check("found logs/*.log" in out.stderr and
                  "1 of 1 files" in out.stdout, "a log file is a start",
                  out.stdout + out.stderr)


def test_whose_dotenv():
    """.env counts beside the configuration, and nowhere else."""
    with Scratch() as s, Api({}) as api:
        dotenv(s, PORT="9", HERE="http://127.0.0.1:%d" % api.port)
        text = ("platform: one\nenv: dev\nsources: {a: {type: http, "
                "url: \"${HERE}/\", expect: {status: 404}}}\n")
        s.file("sevtop.yaml", text)
        out = s.run("once")
        tap.check(out.returncode == 0, "beside ./sevtop.yaml",
                  out.stdout + out.stderr)
        other = s.file("other/sevtop.yaml", text)
        out = s.run("once", "-c", other)
        tap.check(out.returncode == 78 and "HERE" in out.stderr,
                  "not that of the folder one is in", out.stderr)
        out = s.run("once", "-c", other, HERE="http://127.0.0.1:%d" %
                    api.port)
        tap.check(out.returncode == 0, "the environment anywhere",
                  out.stderr)
        os.chmod(s.file(".env"), 0o666)
        out = s.run("once")
        tap.check(out.returncode == 78 and ".env" in out.stderr,
                  "and none that others may write", out.stderr)


tap.run(test_world, test_port, test_every_path, test_down, test_unwell,
        test_nothing, test_whose_dotenv)
