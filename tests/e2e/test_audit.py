#!/usr/bin/python3
"""`sevtop audit` and `sevtop act` where nothing is there: what is said of a
record that is empty, open to others or damaged, of wishes that can't be
meant, and of a server that does not answer. Rows are proved in test_audit.c
and in the tests of the families."""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import program, tap  # noqa: E402

SEVTOP = program("sevtop")
CANARY = "hunter2-canary-7f3a"


class Place:
    """A state folder, and a platform whose server does not answer."""

    def __init__(self, folder):
        self.state = os.path.join(folder, "state")
        self.path = os.path.join(self.state, "sevtop", "audit.db")
        self.env = dict(os.environ, XDG_STATE_HOME=self.state, HOME=folder,
                        REDIS_URL="redis://:%s@127.0.0.1:1" % CANARY)
        self.config = os.path.join(folder, "shop.yaml")
        with open(self.config, "w") as f:
            f.write("platform: shop\nenv: ci\nsources:\n"
                    "  redis: {type: redis, url: env:REDIS_URL}\n"
                    "  queues: {type: bullmq, redis: redis}\n")
        os.chmod(self.config, 0o600)

    def run(self, *words, env=None):
        return subprocess.run([SEVTOP] + list(words), text=True,
                              capture_output=True, env=env or self.env)


def place(test):
    def run():
        with tempfile.TemporaryDirectory(prefix="sevtop-audit-") as folder:
            test(Place(folder))
    run.__name__ = test.__name__
    return run


@place
def test_empty(p):
    out = p.run("audit")
    tap.check(out.returncode == 0 and "nothing was done yet" in out.stderr,
              "an empty record", out)
    out = p.run("audit", "verify")
    tap.check(out.returncode == 0 and "0 rows" in out.stdout, "is whole", out)
    out = p.run("audit", "verify", "-o", "json")
    tap.check(json.loads(out.stdout)["good"] is True, "as JSON", out)
    modes = [oct(os.stat(name).st_mode & 0o777)
             for name in (os.path.dirname(p.path), p.path)]
    tap.check(modes == ["0o700", "0o600"], "nobody else's", modes)


@place
def test_usage(p):
    for words in (["audit", "lst"], ["audit", "list", "x"],
                  ["audit", "verify", "17"], ["audit", "verify", "1:zz"],
                  ["act"], ["act", "-c", p.config, "no.such"],
                  ["act", "-c", p.config, "queue.pause"],
                  ["act", "-c", p.config, "queue.pause", "--target", "a",
                   "--set", "x"],
                  ["act", "-c", p.config, "queue.pause", "--target", "a",
                   "--set", "colour=red"]):
        out = p.run(*words)
        tap.check(out.returncode == 64 and out.stderr.startswith("sevtop:"),
                  "refused: " + " ".join(words[-4:]), out)
    out = p.run("act", "-c", "/nonexistent.yaml", "queue.pause")
    tap.check(out.returncode == 78, "78 without a configuration", out)
    tap.check(p.run("audit", "export").stdout == "",
              "none of that is on record")


@place
def test_unreachable(p):
    out = p.run("act", "-c", p.config, "queue.pause", "--target", "q",
                "--yes", "--reason", "test")
    tap.check(out.returncode == 1 and "127.0.0.1:1" in out.stderr,
              "no server: failed, nothing changed", out)
    tap.check(CANARY not in out.stdout + out.stderr, "no secret is said")
    out = p.run("act", "-c", p.config, "queue.pause", "--target", "q",
                "--yes", "-o", "json")
    said = json.loads(out.stdout)
    tap.check(said["outcome"] == "failed" and CANARY not in out.stdout,
              "the same as JSON", out)


@place
def test_places(p):
    p.run("audit")
    os.chmod(p.path, 0o644)
    out = p.run("audit")
    tap.check(out.returncode == 1 and "chmod 600" in out.stderr,
              "open to others", out)
    os.chmod(p.path, 0o600)
    os.rename(p.path, p.path + ".moved")
    os.symlink(p.path + ".moved", p.path)
    out = p.run("audit")
    tap.check(out.returncode == 1 and "link" in out.stderr, "a link", out)
    os.unlink(p.path)
    with open(p.path, "w") as f:
        f.write("x" * 5000)
    os.chmod(p.path, 0o600)
    out = p.run("audit", "verify")
    tap.check(out.returncode == 1 and "damaged" in out.stderr, "garbage", out)
    env = {k: v for k, v in p.env.items() if k not in ("HOME",
                                                      "XDG_STATE_HOME")}
    out = p.run("audit", env=env)
    tap.check(out.returncode == 1 and "HOME" in out.stderr, "no home", out)


@place
def test_key(p):
    """keys: {R: rollback} opens the plan of that action, and of no other."""
    shown, script = p.config + ".shown", p.config + ".script"
    with open(p.config, "a") as f:
        f.write("actions:\n  rollback: {type: command, class: reversible, "
                "title: Roll back the API, argv: [/bin/echo, hello]}\n"
                "keys: {R: rollback}\n")
    with open(script, "w") as f:
        f.write("wait-text queues\nkey R\nwait-text y run it\n"
                "save-display %s\nkey Esc\nquit\n" % shown)
    out = subprocess.run([SEVTOP, "-c", p.config], text=True,
                         capture_output=True, timeout=60,
                         env=dict(p.env, SEVTOP_SCRIPT=script))
    tap.check(out.returncode == 0, "the script ends well", out)
    with open(shown) as f:
        text = f.read()
    tap.check("Roll back the API" in text and "/bin/echo hello" in text,
              "the key shows the plan", text)
    tap.check(p.run("audit", "export").stdout == "", "nothing was done")


if __name__ == "__main__":
    tap.run(test_empty, test_usage, test_unreachable, test_places,
            test_key)
