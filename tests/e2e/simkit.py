"""The practice world, for the tests that look at it from outside.

Runs sevtop-sim of the build folder (SEV_BUILDDIR, else the current one), all
worlds of a test below the folder BASE, which finish() removes.
"""
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
SIM = os.path.abspath(os.path.join(os.environ.get("SEV_BUILDDIR", "."),
                                   "sevtop-sim"))
HAS_REDIS = bool(shutil.which("redis-server") and shutil.which("redis-cli"))
PATIENCE = 60  # seconds for things that happen within one, on a busy machine
BASE = tempfile.mkdtemp(prefix="sevtop-test-")

count = failures = 0


def ok(good, name, detail=""):
    global count, failures
    count += 1
    print("%sok %d - %s" % ("" if good else "not ", count, name))
    if not good:
        failures += 1
        for line in str(detail).splitlines()[:12]:
            print("# " + line)
    sys.stdout.flush()
    return good


def skip(why):
    global count
    count += 1
    print("ok %d # SKIP %s" % (count, why), flush=True)


def until(check, seconds=PATIENCE):
    """Polls until check() is true; its last value. Errors count as false."""
    end = time.monotonic() + seconds
    while True:
        try:
            value = check()
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            value = None
        if value or time.monotonic() > end:
            return value
        time.sleep(0.05)


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def call(*words, base=None):
    env = dict(os.environ)
    if base:
        env["XDG_RUNTIME_DIR"] = base
    return subprocess.run([SIM] + list(words), capture_output=True, text=True,
                          timeout=60, stdin=subprocess.DEVNULL, env=env)


class World:
    """A running sevtop-sim; all worlds of this test live below BASE."""

    def __init__(self, *args, env=None, command=(SIM,),
                 platform="ai-visibility"):
        full = dict(os.environ, XDG_RUNTIME_DIR=BASE)
        full.pop("ADMIN_TOKEN", None)
        full.update(env or {})
        self.errors = tempfile.TemporaryFile()
        self.proc = subprocess.Popen(
            list(command) + ["run", platform] + list(args), env=full,
            text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self.errors)
        self.env = {}
        for line in self.proc.stdout:
            line = line.rstrip("\n")
            if line == "READY":
                break
            key, _, value = line.partition("=")
            self.env[key] = value
        self.dir = self.env.get("SEVTOP_SIM_DIR", "")
        self.look_up_redis()

    def look_up_redis(self):
        self.redis_pid = self.pid_of("redis")

    def pid_of(self, server):
        """0: it is not running."""
        m = re.search(r"^%s\b.* pid (\d+)" % server,
                      self.ctl("status").stdout, re.M)
        return int(m.group(1)) if m else 0

    def notes(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def ctl(self, *words):
        return call("ctl", "--dir", self.dir, *words)

    def fault(self, how, name):
        return self.ctl("fault", how, name).returncode == 0

    def get(self, path, timeout=20, headers=None):
        """(status, body, seconds)"""
        host = self.env["API_URL"].split("//")[1]
        conn = http.client.HTTPConnection(host, timeout=timeout)
        begun = time.monotonic()
        try:
            conn.request("GET", path, headers=headers or {})
            answer = conn.getresponse()
            return (answer.status, answer.read().decode(),
                    time.monotonic() - begun)
        finally:
            conn.close()

    def json(self, path):
        return json.loads(self.get(path)[1])

    def system(self):
        return self.json("/v1/admin/system")["system"]

    def metrics(self):
        """{series: value}"""
        out = {}
        for line in self.get("/metrics")[1].splitlines():
            if line and not line.startswith("#"):
                series, value = line.rsplit(" ", 1)
                out[series] = float(value)
        return out

    def growth(self, match, enough):
        """Growth of the series that match, once enough(growth)."""
        first = self.metrics()

        def now():
            return {k: v - first.get(k, 0) for k, v in self.metrics().items()
                    if match in k}
        until(lambda: enough(now()))
        return now()

    def redis(self, *words):
        out = subprocess.run(
            ["redis-cli", "-u", self.env["REDIS_URL"], "--no-auth-warning"]
            + list(words), capture_output=True, text=True, timeout=30)
        return out.stdout.strip()

    def number(self, queue, what):
        command = "llen" if what in ("wait", "active", "paused") else "zcard"
        return int(self.redis(command, "bull:%s:%s" % (queue, what)))

    def active(self):
        return self.redis("lrange", "bull:runPrompt:active", "0",
                          "-1").split()

    def sql(self, text):
        """(status, first column of the first row or the complaint)"""
        out = subprocess.run(
            ["psql", self.env["DATABASE_URL"], "-XAtq", "-c", text], text=True,
            capture_output=True, timeout=30,
            env=dict(os.environ, PGCONNECT_TIMEOUT="5"))
        return out.returncode, (out.stdout or out.stderr).strip()

    def value(self, text):
        """The one value of a query; raises ValueError when it fails."""
        status, out = self.sql(text)
        if status != 0:
            raise ValueError(out)
        return out

    def log(self, name):
        with open(os.path.join(self.env["LOG_DIR"], name)) as f:
            return f.read()

    def end(self, how=signal.SIGTERM):
        if self.proc.poll() is None:
            self.proc.send_signal(how)
        status = self.proc.wait(30)
        self.proc.stdout.close()
        self.errors.close()
        return status

    def left_behind(self):
        left = [self.dir] if os.path.exists(self.dir) else []
        if self.redis_pid and alive(self.redis_pid):
            left.append(self.redis_pid)
        return left


def timed(test, *args):
    begun = time.monotonic()
    test(*args)
    print("# %s: %.1f s" % (test.__name__, time.monotonic() - begun))


def total(growth, part=""):
    return sum(v for k, v in growth.items() if part in k)


def share_5xx(growth):
    return total(growth, 'status="5') / max(1, total(growth))


def p95(growth):
    """Upper bound of the bucket in which the 95th percentile lies."""
    by = {}
    for k, v in growth.items():
        le = float(re.search(r'le="([^"]+)"', k).group(1))
        by[le] = by.get(le, 0) + v
    if not by or by[float("inf")] < 200:
        return None
    return min(le for le, v in by.items() if v >= 0.95 * by[float("inf")])


def run(*tests):
    """Runs the tests of a program and ends it."""
    for test in tests:
        try:
            timed(test)
        except Exception:  # a test that breaks fails, the next ones go on
            ok(False, test.__name__, traceback.format_exc())
    left = os.path.join(BASE, "sevtop-sim")
    left = os.listdir(left) if os.path.isdir(left) else []
    ok(not left, "no world is left", left)
    shutil.rmtree(BASE, ignore_errors=True)
    print("1..%d" % count)
    sys.exit(0 if failures == 0 else 1)
