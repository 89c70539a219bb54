"""The built sevtop on the practice world and on lying servers.

What the whole-program tests share: a scratch folder that takes the place of
the home, the practice world, the dashboard in a pseudo terminal with a strict
reading of all that it writes, servers that misbehave on demand, and waiting
for conditions. Nothing here sleeps to let something happen.
"""
import contextlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import HERE, PATIENCE, Terminal, tap  # noqa: E402

TOP = os.path.abspath(os.path.join(HERE, "..", ".."))
BUILD = os.path.abspath(os.environ.get("SEV_BUILDDIR", TOP))
SEVTOP = os.path.join(BUILD, "sevtop")
SIM = os.path.join(BUILD, "sevtop-sim")
PROFILE = os.path.join(TOP, "profiles", "ai-visibility.yaml")


def _sanitized():
    with open(SEVTOP, "rb") as f:
        return b"__asan_" in f.read()


# The header: as many sources answer as there are, or fewer.
ALL_ANSWER = r"^sevtop .* (\d+)/\1 "
NOT_ALL_ANSWER = r"^sevtop .* (\d+)/(?!\1 )\d+ "
SLOW = _sanitized()  # a build with AddressSanitizer: figures say nothing
HAS_REDIS = bool(shutil.which("redis-server") and shutil.which("redis-cli"))

# A user's own settings must not decide what the tests see.
CLEAN = re.compile(r"SEVTOP_(?!CORE|SIM_BIN)|.*_(URL|DIR|TOKEN)$|NO_COLOR$|"
                   r"XDG_|TERM$|LC_|LANG")


def until(check, what, seconds=PATIENCE):
    """Polls until check() is true and returns it; its errors count as no."""
    end = time.monotonic() + seconds
    while True:
        try:
            value = check()
        except (OSError, ValueError, KeyError, AttributeError):
            value = None
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("no %s within %g s" % (what, seconds))
        time.sleep(0.02)


class Scratch:
    """A folder that stands in for the home; removed at exit of the block."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="sevtop-e2e-")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, name, text=None):
        """Path of a file in here, written when text is given."""
        path = os.path.join(self.path, name)
        if text is not None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)
        return path

    def env(self, **more):
        env = {k: v for k, v in os.environ.items() if not CLEAN.match(k)}
        env.update(HOME=self.path, XDG_STATE_HOME=self.file("state"),
                   XDG_RUNTIME_DIR=self.path, LANG="C.UTF-8",
                   LC_ALL="C.UTF-8", TERM="xterm-256color")
        env.update({k: str(v) for k, v in more.items()})
        return env

    def state_log(self):
        with contextlib.suppress(OSError):
            with open(self.file("state/sevtop/sevtop.log"), "rb") as f:
                return f.read()
        return b""

    def run(self, *words, env=None, timeout=PATIENCE, **more):
        """Runs sevtop to its end; its output as text."""
        return subprocess.run(
            [SEVTOP] + list(words), capture_output=True, cwd=self.path,
            timeout=timeout, stdin=subprocess.DEVNULL, encoding="utf-8",
            errors="surrogateescape", env=env or self.env(**more))


def quick_profile(scratch):
    """AI Visibility's profile with intervals and windows of seconds."""
    with open(PROFILE) as f:
        text = f.read()
    for old, new in (("every: 5s", "every: 1s"), ("every: 15s", "every: 2s"),
                     ("window: 5m", "window: 6s"), ("for: 30s", "for: 1s"),
                     ("for: 10s", "for: 1s"), ("recover_for: 1m",
                                               "recover_for: 1s"),
                     ('"> 1m"', '"> 3s"'), ('"> 5m"', '"> 6s"'),
                     ('"> 200"', '"> 20"'), ('"> 1000"', '"> 40"')):
        assert old in text, "the profile no longer says " + old
        text = text.replace(old, new)
    return scratch.file("quick.yaml", text)


def judge_requests(path):
    """Requests to Google's APIs, before Google's own schemas (tests/gcp)."""
    judges = os.path.join(TOP, "tests", "gcp")
    if not os.path.exists(path) or not os.path.getsize(path):
        return
    if not os.path.isdir(os.path.join(judges, "node_modules", "protobufjs")):
        tap.skip("no official clients: cd tests/gcp && npm ci")
        return
    done = subprocess.run(
        ["node", os.path.join(judges, "requests.mjs"), path],
        capture_output=True, text=True, timeout=PATIENCE)
    tap.check(done.returncode == 0, "each request is one of Google's schemas",
              done.stdout + done.stderr)


class World:
    """A running practice world. What it was asked is judged at its end."""

    platform = "ai-visibility"
    settings = {}  # of its environment

    def __init__(self, scratch, *args):
        self.scratch = scratch
        self.proc = subprocess.Popen(
            [SIM, "run", self.platform, "--until-eof"] + list(args),
            env=scratch.env(**self.settings), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.env = {}
        for line in self.proc.stdout:
            if line == "READY\n":
                break
            key, _, value = line.rstrip("\n").partition("=")
            self.env[key] = value

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            judge_requests(os.path.join(self.env["SEVTOP_SIM_DIR"],
                                        "requests.jsonl"))
        self.proc.terminate()
        self.proc.wait(30)
        self.proc.stdin.close()
        self.proc.stdout.close()

    def ctl(self, *words):
        return subprocess.run(
            [SIM, "ctl", "--dir", self.env["SEVTOP_SIM_DIR"]] + list(words),
            capture_output=True, text=True, timeout=60,
            env=self.scratch.env()).stdout

    def fault(self, how, name):
        self.ctl("fault", how, name)

    def redis_pid(self):
        return int(re.search(r"redis pid (\d+)", self.ctl("status"))[1])

    def redis_port(self):
        return int(self.env["REDIS_URL"].rsplit(":", 1)[1])

    def api_port(self):
        return int(self.env["API_URL"].rsplit(":", 1)[1])

    def log(self, name):
        return os.path.join(self.env["LOG_DIR"], name)


# All that ncurses and the program itself may write: SGR, moves, erasing,
# repeating, inserting and deleting, scrolling, modes that are taken back.
OWN = re.compile(
    rb"\x1b\[[0-9;]*[mHABCDGdJKXPLMSTb@r]"
    rb"|\x1b\[\?(?:1|7|12|25|1049|2004|2026)(?:;(?:12|25))?[hl]"
    rb"|\x1b\[\?(?:1000|1002|1003|1004|1006)l|\x1b\\\\"
    rb"|\x1b\[(?:22|23);0;0t|\x1b\[!p|\x1b\[4l|\x1b\[\?[34];?4?l"
    rb"|\x1b[=>78M]|\x1b\([0B]|\x1b\)0")
# What it asks the terminal once, at its start: which background it has.
QUESTION = b"\x1b]11;?\x1b\\\x1b[c"
# Characters that a terminal hides, reorders or obeys.
HIDDEN = re.compile("[\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u180e"
                    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
                    "\ufff0-\ufff8\U000e0000-\U000e007f]")


def foreign_bytes(raw):
    """What of a terminal's input is not of the program's own vocabulary."""
    rest = OWN.sub(b"", raw.replace(QUESTION, b"", 1))
    found = []
    # A sequence cut at the end of what was read is no finding.
    for hit in re.finditer(rb"[\x00-\x1f]", re.sub(rb"\x1b[^\x1b]{0,12}\Z",
                                                   b"", rest)):
        if hit[0] not in (b"\r", b"\n", b"\b"):
            found.append(rest[max(0, hit.start() - 20):hit.start() + 20])
    text = rest.decode("utf-8", "replace")
    found += [text[max(0, hit.start() - 20):hit.start() + 20]
              for hit in HIDDEN.finditer(text)]
    return found


class Dashboard(Terminal):
    """sevtop in a terminal."""

    def __init__(self, scratch, *args, env=None, size=(24, 80), **kw):
        full = scratch.env(**(env or {}))
        # What the kit's terminal would inherit from us must not get through.
        full.update({k: "" for k in os.environ
                     if CLEAN.match(k) and k not in full})
        super().__init__([SEVTOP] + list(args), size=size, env=full, **kw)
        self.scratch = scratch

    def panel(self, number, title):
        """Switches panels by number; waits until its bar says so."""
        self.send(str(number))
        self.wait(lambda: self.on_panel(number, title),
                  "panel %s %s" % (number, title))

    def escape(self, regex):
        """Esc, until what it closes is gone: a key right behind would make
        it that key with Alt."""
        self.send("\x1b")
        self.wait_no_text(regex)

    def on_panel(self, number, title):
        """Is the named panel the lit one in the bar above the footer?"""
        row = self.screen.lines - 2
        text = "".join(self.screen.buffer[row][x].data
                       for x in range(self.screen.columns))
        at = text.find("%s %s" % (number, title))
        if at < 0:
            return False
        cells = [self.screen.buffer[row][x] for x in (0, at)]
        others = [self.screen.buffer[row][m.start()] for m in
                  re.finditer(r"\d \w+", text) if m.start() != at]
        return all(cells[1].reverse != o.reverse or cells[1].bg != o.bg or
                   cells[1].bold != o.bold for o in others)

    def lines(self):
        return self.text().split("\n")

    def key_ms(self, pairs, times=9):
        """Median time from key to its panel, switching round the pairs."""
        took = []
        for i in range(times):
            number, title = pairs[i % len(pairs)]
            begin = time.monotonic()
            self.panel(number, title)
            took.append((time.monotonic() - begin) * 1000)
        return sorted(took)[len(took) // 2]

    def quit_s(self):
        """Seconds from q to the end."""
        begin = time.monotonic()
        self.send("q")
        self.wait_end()
        return time.monotonic() - begin

    def rows_of(self, regex):
        with self.lock:
            return [y for y, line in enumerate(self.screen.text().split("\n"))
                    if re.search(regex, line)]


class BadServer:
    """tests/live/badserver.py: self.ports["HTTP"] and the others."""

    def __init__(self):
        self.proc = subprocess.Popen(
            ["/usr/bin/python3", os.path.join(TOP, "tests/live/badserver.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = {}
        for line in self.proc.stdout:
            if line == "READY\n":
                break
            key, _, value = line.rstrip("\n").partition("=")
            self.ports[key] = value

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.proc.stdin.close()
        self.proc.wait(30)
        self.proc.stdout.close()

    def url(self, mode):
        return "http://127.0.0.1:%s/%s" % (self.ports["HTTP"], mode)


class Impostor:
    """Takes a port over and speaks bytes of ours, or nothing at all.

    answer is sent after the first bytes of a client; None keeps silent.
    """

    def __init__(self, port, answer):
        self.answer, self.held = answer, []
        until(lambda: self._bind(port), "free port %d" % port)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _bind(self, port):
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.server.bind(("127.0.0.1", port))
        except OSError:
            self.server.close()
            raise
        self.server.listen(64)
        return True

    def _serve(self):
        while True:
            try:
                conn, _ = self.server.accept()
            except OSError:
                return
            self.held.append(conn)
            threading.Thread(target=self._talk, args=(conn,),
                             daemon=True).start()

    def _talk(self, conn):
        with contextlib.suppress(OSError):
            if conn.recv(4096) and self.answer is not None:
                conn.sendall(self.answer)
                conn.shutdown(socket.SHUT_WR)
                while conn.recv(4096):
                    pass

    def close(self):
        for conn in [self.server] + self.held:
            with contextlib.suppress(OSError):
                conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                struct.pack("ii", 1, 0))
            with contextlib.suppress(OSError):
                conn.shutdown(socket.SHUT_RDWR)
            conn.close()
        self.thread.join(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def need_redis():
    """Ends the test program as skipped where there is no Redis."""
    if not HAS_REDIS:
        tap.skip("no redis-server (Debian: redis-server)")
        print("1..%d" % tap.count)
        sys.exit(0)


@contextlib.contextmanager
def stopped(pid):
    """Holds a process with SIGSTOP for the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
