#!/usr/bin/python3
"""sevtop drill: the practice world with the dashboard, and without."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from ptykit import PATIENCE, STATE, Terminal, program, tap

SEVTOP = program("sevtop")
SIM = os.path.join(os.path.dirname(SEVTOP), "sevtop-sim")
BASE = tempfile.mkdtemp(prefix="sevtop-test-")
ENV = dict(os.environ, XDG_RUNTIME_DIR=BASE)
PLATFORM = "ai-visibility"


def until(check, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def worlds():
    """Folders of worlds that are there."""
    base = os.path.join(BASE, "sevtop-sim")
    return os.listdir(base) if os.path.isdir(base) else []


def call(*words, env=None):
    return subprocess.run([SEVTOP] + list(words), capture_output=True,
                          text=True, env=env or ENV, timeout=PATIENCE * 2,
                          stdin=subprocess.DEVNULL)


def headless(*words):
    """The running drill and what it has announced."""
    proc = subprocess.Popen([SEVTOP, "drill", "--headless"] + list(words),
                            stdout=subprocess.PIPE, text=True, env=ENV,
                            stdin=subprocess.DEVNULL)
    announced = {}
    for line in proc.stdout:
        if line == "READY\n":
            break
        key, _, value = line.rstrip("\n").partition("=")
        announced[key] = value
    return proc, announced


def test_words():
    out = call("drill", "--list")
    tap.check(out.returncode == 0 and "redis-gone" in out.stdout,
              "--list", out)
    tap.check("usage: sevtop drill" in call("drill", "--help").stdout,
              "--help")
    for words, said in ((["--scenario", "none-such"], "none-such"),
                        (["--fault", "none-such"], "none-such"),
                        (["--seed", "x"], "number"),
                        (["nowhere"], "nowhere"),
                        ([PLATFORM, PLATFORM], "twice")):
        out = call("drill", "--headless", *words)
        tap.check(out.returncode == 64 and said in out.stderr,
                  "refused: " + " ".join(words), out)
    tap.check(not worlds(), "nothing was started", worlds())


def test_headless():
    proc, announced = headless(PLATFORM, "--seed", "7")
    tap.check({"API_URL", "LOG_DIR", "ADMIN_TOKEN"} <= set(announced)
              and announced["SEVTOP_SIM_SEED"] == "7", "environment",
              announced)
    out = call("once", "-p", PLATFORM, "--env", "drill", "-o", "json",
               env=dict(ENV, **announced))
    try:
        board = json.loads(out.stdout)["platforms"][0]
    except (ValueError, KeyError, IndexError):
        tap.check(False, "once prints JSON", out)
    else:
        bad = [s for s in board["sources"] if s["state"] not in ("ok",)]
        tap.check(board["name"] == PLATFORM and not (
            bad and shutil.which("redis-server")),
            "once: every source is well", bad)
    proc.send_signal(signal.SIGTERM)
    tap.check(proc.wait(PATIENCE) == 0 and not worlds(),
              "TERM: the world is gone before the drill is", worlds())
    proc.stdout.close()


def test_world_ends():
    proc, announced = headless()
    subprocess.run([SIM, "ctl", "--dir", announced["SEVTOP_SIM_DIR"],
                    "stop"], timeout=PATIENCE)
    tap.check(proc.wait(PATIENCE) == 0, "the drill ends with its world")
    proc.stdout.close()


def test_killed():
    proc, announced = headless()
    proc.kill()
    proc.wait()
    proc.stdout.close()
    tap.check(until(lambda: not worlds()), "kill -9 leaves nothing behind",
              worlds())


def test_dashboard():
    with Terminal([SEVTOP, "drill", PLATFORM, "--fault", "error-burst"],
                  size=(40, 120), env={"XDG_RUNTIME_DIR": BASE}) as t:
        t.wait_text(r"ai-visibility +DRILL")
        tap.check(len(worlds()) == 1, "the dashboard on a world", worlds())
        kept = os.path.join(BASE, "sevtop-sim", worlds()[0], "state")
        tap.check(until(lambda: os.path.exists(
            os.path.join(kept, "sevtop", "audit.db"))),
            "its record is in the world's folder", kept)
        tap.check(not os.path.exists(os.path.join(STATE, "sevtop")),
                  "and the user's own is left alone")
        t.send("q")
        tap.check(t.wait_end() == 0, "q ends it")
        tap.check(not t.restored(), "the terminal is as before",
                  t.restored())
    tap.check(not worlds(), "and the world", worlds())


def test_dashboard_killed():
    with Terminal([SEVTOP, "drill"], size=(40, 120),
                  env={"XDG_RUNTIME_DIR": BASE}) as t:
        t.wait_text(r"ai-visibility +DRILL")
        t.kill(signal.SIGKILL)
        t.wait_end()
    tap.check(until(lambda: not worlds()), "kill -9 leaves nothing behind",
              worlds())


def test_no_sim():
    """A sevtop without its practice world says how to get it."""
    with tempfile.TemporaryDirectory() as alone:
        shutil.copy(SEVTOP, alone)
        out = subprocess.run([os.path.join(alone, "sevtop"), "drill"],
                             capture_output=True, text=True,
                             env=dict(ENV, PATH=alone), timeout=PATIENCE,
                             stdin=subprocess.DEVNULL)
    tap.check(out.returncode == 1 and re.search(
        r"sevtop-sim is neither .* libmicrohttpd", out.stderr), "says so",
        out)


def finish():
    shutil.rmtree(BASE, ignore_errors=True)


if not os.path.exists(SIM):
    tap.skip("built without the practice world")
    print("1..1")
    sys.exit(0)
tap.run(test_words, test_headless, test_world_ends, test_killed,
        test_dashboard, test_dashboard_killed, test_no_sim, finish)
