#!/usr/bin/python3
"""The whole dashboard on a practice world, and on sources that hang."""
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import Terminal, program, tap  # noqa: E402

SEVTOP = program("sevtop")
TOP = os.environ.get("SEV_SRCDIR", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PROFILE = os.path.join(TOP, "profiles", "ai-visibility.yaml")
with open(SEVTOP, "rb") as program_file:
    SANITIZED = bool(re.search(rb"__[at]san_init", program_file.read()))
PANELS = "123478560"
ALL_ANSWER = r" (\d+)/\1  [0-9:]+Z"


def signal_all(pids, number):
    """Servers start and end processes of their own all the time."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def children(pid):
    """All processes below pid."""
    found = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError):
            with open("/proc/%d/stat" % int(name)) as f:
                parent = int(f.read().rpartition(")")[2].split()[1])
            if parent == pid:
                found += [int(name)] + children(int(name))
    return found


@contextlib.contextmanager
def world():
    """A practice world: its process and the environment of its profile."""
    process = subprocess.Popen(
        [SEVTOP, "drill", "ai-visibility", "--headless"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    env = {"SEVTOP_ENV": "drill"}
    for line in process.stdout:
        if line.strip() == "READY":
            break
        name, _, value = line.strip().partition("=")
        env[name] = value
    try:
        yield process, env
    finally:
        below = children(process.pid)
        for pid in below:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGCONT)
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            tap.check(False, "the practice world ends by TERM")
            for pid in [process.pid] + below:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            process.wait(30)


def leave(t, name):
    begin = time.monotonic()
    t.send("q")
    status = t.wait_end()
    took = time.monotonic() - begin
    tap.check(status == 0 and (took < 1 or SANITIZED),
              "q leaves in %.2f s: %s" % (took, name), status)
    tap.check(t.restored() == [], "restored: " + name, t.restored())


def test_world():
    if not shutil.which("redis-server"):
        tap.skip("no redis-server here")
        return
    with world() as (process, env):
        with Terminal([SEVTOP, "-c", PROFILE], env=env, size=(48, 160)) as t:
            t.wait_text(r"^sevtop  ai-visibility   DRILL ")
            t.wait_text(ALL_ANSWER)
            tap.check(True, "every source answers")
            for digit in PANELS:
                t.send(digit)
                t.wait(lambda: any(
                    t.screen.buffer[46][x].reverse and
                    t.screen.buffer[46][x].data == digit
                    for x in range(160)), "panel " + digit)
                for rows, cols in ((24, 80), (10, 40), (1, 1), (5, 200),
                                   (48, 160)):
                    t.resize(rows, cols)
                t.wait_text(r"^sevtop  ai-visibility   DRILL .*Z$")
            tap.check(True, "every panel in every size")
            frozen = children(process.pid)
            signal_all(frozen, signal.SIGSTOP)
            t.wait_text("silent|alert")
            t.wait_text(r" [0-7]/\d+  [0-9:]+Z")
            tap.check(True, "a world that hangs is not shown as well")
            for digit in PANELS:
                t.send(digit)
                t.send("?")
                t.wait_text("keys that work here")
                t.send("\x1b")
                t.wait_no_text("keys that work here")
            tap.check(True, "keys work meanwhile")
            signal_all(frozen, signal.SIGCONT)
            t.wait_text(ALL_ANSWER)
            tap.check(True, "and it recovers by itself")
            signal_all(frozen, signal.SIGSTOP)
            t.wait_no_text(ALL_ANSWER)
            leave(t, "while all hang")


def test_hung_sources():
    """Servers that accept and say nothing."""
    with socket.socket() as listener, \
            tempfile.NamedTemporaryFile("w", suffix=".yaml") as conf:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        port = listener.getsockname()[1]
        conf.write("platform: hung\nenv: test\nsources:\n")
        for i in range(8):
            conf.write("  web%d: {type: http, url: "
                       "\"http://127.0.0.1:%d/\"}\n" % (i, port))
        conf.write("  cache: {type: redis, url: "
                   "\"redis://127.0.0.1:%d\"}\n" % port)
        conf.flush()
        begin = time.monotonic()
        with Terminal([SEVTOP, "-c", conf.name]) as t:
            t.wait_text(r"^sevtop  hung   TEST ")
            took = time.monotonic() - begin
            tap.check(True, "first frame after %.0f ms" % (1000 * took))
            t.wait_text(r" 0/9  [0-9:]+Z")
            tap.check("all ok" not in t.text(), "never says that all is well")
            t.wait_text("silent|alert")
            t.send("0")
            t.wait_text("web7|web0")
            leave(t, "nine hung sources")


def run(conf, script):
    env = dict(os.environ, SEVTOP_SCRIPT=script, SEVTOP_CORE="1")
    return subprocess.run([SEVTOP, "-c", conf], capture_output=True,
                          text=True, timeout=60, env=env)


def test_every_panel_in_every_size():
    """Many sizes, each of them drawn; for the sanitizers above all."""
    if not shutil.which("redis-server"):
        tap.skip("no redis-server here")
        return
    with world() as (_, env), tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "script")
        with open(script, "w") as f:
            f.write("wait-section api\nwait-section queues\n")
            for digit in PANELS:
                f.write("key %s\n" % digit)
                for rows in (1, 9, 10, 11, 12, 14, 17, 24, 33, 50):
                    for cols in (1, 39, 40, 41, 50, 63, 79, 80, 100, 119,
                                 120, 160, 200):
                        f.write("resize %dx%d\nsave-display /dev/null\n" %
                                (cols, rows))
        done = subprocess.run(
            [SEVTOP, "-c", PROFILE], capture_output=True, text=True,
            timeout=200, env=dict(os.environ, **env, SEVTOP_SCRIPT=script,
                                  SEVTOP_CORE="1"))
        tap.check(done.returncode == 0, "%d pictures" % (len(PANELS) * 130),
                  done.stderr)


def test_script_and_keys():
    with tempfile.TemporaryDirectory() as folder, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens there
        conf, script, out = (os.path.join(folder, name)
                             for name in ("c.yaml", "script", "out"))
        text = ("platform: gone\nsources:\n  api: {type: http, url: "
                "\"http://127.0.0.1:%d/\", every: 1s}\n"
                "keys: {x: refrsh, F5: refresh}\n"
                % closed.getsockname()[1])
        with open(conf, "w") as f:
            f.write(text)
        with open(script, "w") as f:
            f.write("wait-text refused\n")
        done = run(conf, script)
        tap.check(done.returncode == 78 and
                  'no command "refrsh"' in done.stderr,
                  "a wrong key binding is an error", done.stderr)
        with open(conf, "w") as f:
            f.write(text.replace("refrsh", "help"))
        with open(script, "w") as f:
            f.write("resize 160x40\nkey 0\nwait-text refused\nsave-display %s\nkey x\n"
                    "wait-text keys that work here\n" % out)
        done = run(conf, script)
        tap.check(done.returncode == 0, "a script and a bound key",
                  done.stderr)
        with open(out) as f:
            tap.check("UNKNOWN" in f.readline(),
                      "an environment that is not stated is loud")


if __name__ == "__main__":
    tap.run(test_world, test_hung_sources, test_every_panel_in_every_size,
            test_script_and_keys)
