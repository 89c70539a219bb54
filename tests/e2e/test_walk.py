#!/usr/bin/python3
"""Every panel while backends never answer, on the practice world, and full
of hostile data: first frame, no blank body, own sequences only."""
import http.server
import os
import re
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import (ALL_ANSWER, QUESTION, SLOW, BadServer,  # noqa: E402
                      Dashboard, Impostor, Scratch, World, foreign_bytes,
                      need_redis, quick_profile, stopped)

PANELS = ((1, "overview"), (2, "metrics"), (3, "logs"), (4, "queues"),
          (5, "d"), (6, "cache"), (7, "services"), (8, "dep"),
          (0, "sources"))
KEY_MS = 1500 if SLOW else 250  # promised: 10; a busy machine has others


def body(t):
    """The rows between header and bar that say something: no rules."""
    rows = t.lines()[1:-2]
    return [r for r in rows if re.search(r"[A-Za-z0-9]{2}", r)
            and "──" not in r]


def check_walk(t, what):
    """Every panel by its number: something in each, or why there is not."""
    for number, title in PANELS:
        t.panel(number, title)
        lines = t.lines()
        tap.check(lines[0].startswith("sevtop  ") and body(t)
                  and "1 overview" in lines[-2] and "?" in lines[-1],
                  "%s: %s has header, body, bar and footer" % (what, title),
                  t.text())


def hung_platform(scratch, port):
    return scratch.file("hung.yaml", """platform: hung
env: staging
sources:
  page: {type: http, url: "http://127.0.0.1:%(p)d/", every: 1s, timeout: 2s}
  metrics: {type: prometheus.scrape, url: "http://127.0.0.1:%(p)d/m",
            every: 1s, timeout: 2s}
  redis: {type: redis, url: "redis://127.0.0.1:%(p)d/0", every: 1s,
          timeout: 2s}
  queues: {type: bullmq, redis: redis, queues: [one], every: 1s}
  log: {type: logfile, path: %(log)s}
signals:
  late: {value: http_latency_seconds, warn: "> 1s"}
""" % {"p": port, "log": scratch.file("not-there-yet.log")})


def test_everything_hangs():
    with Scratch() as s, Impostor(0, None) as silent:
        config = hung_platform(s, silent.server.getsockname()[1])
        took = []
        for _ in range(5):
            begin = time.monotonic()
            with Dashboard(s, "-c", config) as t:
                t.wait_text(r"\Asevtop  hung .*\n(.*\n)*.*page ")
                took.append((time.monotonic() - begin) * 1000)
                t.quit_s()
        tap.check(min(took) < 500 or SLOW, "first frame with header and "
                  "panel after %.0f ms (best of 5)" % min(took))
        for size in ((24, 80), (50, 200)):
            with Dashboard(s, "-c", config, size=size) as t:
                t.wait_text(r"first answer… 0\.\ds")
                t.wait_text(r"first answer… 1\.\ds")
                if size == (24, 80):
                    tap.check(True, "the wait for first answers counts")
                check_walk(t, "hung, %dx%d" % (size[1], size[0]))
                for source, why in (("page", "took the request and di"),
                                    ("metrics", "took the request and di"),
                                    ("redis", "waiting for an answer"),
                                    ("queues", "."), ("log", "WAITING")):
                    t.wait_text(r"^[> ] %s .*(%s)" % (source, why))
                tap.check(True, "every source says why there is nothing")
                tap.check("0/5" in t.lines()[0], "0 of 5 answer",
                          t.lines()[0])
                ms = t.key_ms(PANELS)
                tap.check(ms < KEY_MS, "%dx%d, all hung: a key shows after "
                          "%.0f ms (median)" % (size[1], size[0], ms))
                t.panel(1, "overview")
                tap.check(not re.search(r"\ball ok\b", t.text()),
                          "nothing claims to be ok", t.text())
                quit_s = t.quit_s()
                tap.check(quit_s < 1 or SLOW, "q ends it in %.2f s" % quit_s)
                tap.check(t.restored() == [], "terminal restored",
                          t.restored())


def test_world():
    with Scratch() as s, World(s, "--seed", "7") as w:
        config = quick_profile(s)
        redis = w.redis_pid()
        with stopped(redis):
            t = Dashboard(s, "-c", config, env=w.env, size=(50, 200))
            with t:
                t.panel(0, "sources")
                for source in ("api", "metrics", "system", "api-log"):
                    t.wait_text(r"^[> ] %s +(\S+ +)?ok " % source)
                tap.check(True, "sources that answer fill their panels")
                t.wait_text(r"^[> ] redis +(\S+ +)?(first|DOWN|HUNG)")
                t.panel(4, "queues")
                t.wait_text("no answer from queues yet: ")
                tap.check("runPrompt" not in t.text(),
                          "the queues say why they have nothing to show")
                t.panel(2, "metrics")
                t.wait_text("http_requests_total|Error rate")
                t.panel(3, "logs")
                t.wait_text("ProviderError|request|GET")
                os.kill(redis, signal.SIGCONT)
                t.panel(4, "queues")
                t.wait_text(r"^[> ] runPrompt .*\d")
                tap.check(True, "and fill when Redis answers")
                t.wait_text(r"queues .*─ \d+s", 60)
                t.send("q")
                t.wait_end()
                tap.check(not foreign_bytes(bytes(t.raw)),
                          "only own sequences were written",
                          foreign_bytes(bytes(t.raw))[:5])


def test_walk():
    with Scratch() as s, World(s, "--seed", "7") as w:
        config = quick_profile(s)
        for size in ((24, 80), (50, 200)):
            with Dashboard(s, "-c", config, env=w.env, size=size) as t:
                t.wait_text(ALL_ANSWER)
                t.wait_text("Error rate")
                check_walk(t, "world, %dx%d" % (size[1], size[0]))
                walk_details(t, "%dx%d" % (size[1], size[0]))
                tap.check(t.quit_s() < 1 or SLOW, "q ends it")
                raw = bytes(t.raw)
                tap.check(not foreign_bytes(raw), "only own sequences",
                          foreign_bytes(raw)[:5])


def walk_details(t, what):
    """Help, palette and zoom of every panel, and back."""
    for number, title in PANELS:
        t.panel(number, title)
        t.send("?")
        t.wait_text("^keys that work here: " + title)
        shown = t.text()
        tap.check(all(re.search(r"(^|\s)%s\s" % re.escape(k), shown)
                      for k in ("q", "j", "g")), "%s: help of %s shows keys"
                  % (what, title), shown)
        t.escape("keys that work here")
        t.send(":")
        t.wait_text("^:")
        t.escape("^:")
        t.send("zz")
        tap.check(body(t), "%s: %s is there again" % (what, title), t.text())


EVIL = ("\x1b[31mred", "\x1b[2J\x1b[H", "\x1b[5A\x1b[2K", "\x1b[?1049l",
        "\x1bc", "\x1b]0;PWNED\x07", "\x1b]2;PWNED\x1b\\", "\x1b[21t",
        "\x1b[c\x1b[>0q", "\x1b[6n", "\x1b]8;;\x1b0m\x1b[>0q",
        "\x1b]52;c;Y3VybCBldmls\x07", "\x1b]0;abc", "\x1b(0\x0e\x0f",
        "\x1b[?1003h", "\x1b[?2004l", "A\x1b[999999999b",
        "\x1b[" + "1;" * 2000 + "m", "\u009b31m", "\u009d52;c;x\u009c",
        "\u0085\u0084\u008d", "\x7f" * 20, "ERROR disk\rOK     ",
        "bad\b\b\bok ", "a\x0bb\x0cc", "A\0B", "\x07" * 500, "\t" * 300,
        "".join(map(chr, range(32))), "\u202eevil\u202c", "\u2066x\u2069",
        "\u200b\u200d\ufeff\u00ad", "e" + "\u0301" * 500, "\u0301start",
        "\U000e0041\U000e007f", "你" * 200, "\u115f\u3164", "%s%n%x",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467")
EVIL_BYTES = (b"\x9b31m", b"\xc0\xaf\xff", b"\xe4\xbd", b"\xed\xa0\x80",
              b"\xf4\x90\x80\x80", b"\xfe\xff", b"\xa0 lone")


def walk_rows(t, title):
    """Opens rows of a panel."""
    if title == "sources":
        for _ in range(7):
            t.key("Enter")
            t.wait_no_text("^sources 7")
            t.send("q")  # closes what is open
            t.wait_text("^sources 7")
            t.send("j")
        return
    for _ in range(len(EVIL) if title == "logs" else 8):
        t.send("k" if title == "logs" else "j")
    t.key("Enter")
    t.send("gG")
    t.panel(*PANELS[0])


class EvilMetrics(http.server.BaseHTTPRequestHandler):
    """A metrics page whose labels, help and names hold what must not out."""

    def do_GET(self):
        lines = []
        for n, text in enumerate(EVIL):
            value = text.replace("\\", "\\\\").replace('"', '\\"').replace(
                "\n", "\\n")
            lines.append('evil{n="%d",x="%s"} %d' % (n, value, n))
        page = ("# HELP evil \x1b]0;PWNED\x07\n# TYPE evil gauge\n" +
                "\n".join(lines) + "\n").encode("utf-8")
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        pass


def test_hostile_data():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EvilMetrics)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Scratch() as s, BadServer() as bad:
        log = s.file("evil.log")
        with open(log, "wb") as f:
            for text in EVIL:
                f.write(text.encode("utf-8") + b"\n")
            for data in EVIL_BYTES:
                f.write(data + b"\n")
            f.write(b"x" * 300000 + b"\nlast line\n")
        config = s.file("evil.yaml", """platform: evil
env: staging
sources:
  page: {type: http, url: "%s", every: 1s, version: version,
         expect: {json: {status: ok}}}
  garbage: {type: http, url: "%s", every: 1s, expect: {json: {a: b}}}
  utf8: {type: http, url: "%s", every: 1s, expect: {json: {status: ok}}}
  html: {type: http, url: "%s", every: 1s, expect: {json: {a: b}}}
  talk: {type: redis, url: "redis://127.0.0.1:%s/0", every: 1s}
  metrics: {type: prometheus.scrape, url: "http://127.0.0.1:%d/", every: 1s}
  log: {type: logfile, path: %s}
""" % (bad.url("controls"), bad.url("garbage"), bad.url("bad-utf8"),
       bad.url("html"), bad.ports["TALK"], server.server_port, log))
        for size in ((24, 80), (50, 200)):
            with Dashboard(s, "-c", config, size=size) as t:
                t.wait_text("page .*expected ok|expected ok")
                for number, title in PANELS:
                    t.panel(number, title)
                    if title == "logs":
                        t.wait_text("last line")
                    walk_rows(t, title)
                    tap.check(t.lines()[0].startswith("sevtop  evil"),
                              "%s, %dx%d: the header stands" % (
                                  title, size[1], size[0]), t.text())
                t.send("q")
                t.wait_end()
                raw = bytes(t.raw)
                tap.check(not foreign_bytes(raw), "%dx%d: only own sequences "
                          "reach the terminal" % (size[1], size[0]),
                          foreign_bytes(raw)[:8])
                tap.check(b"PWNED" not in raw or
                          b"\x1b]" not in raw.replace(QUESTION, b"", 1),
                          "no title was set")
                tap.check(t.restored() == [], "terminal restored",
                          t.restored())
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    need_redis()
    tap.run(test_everything_hangs, test_world, test_walk, test_hostile_data)
