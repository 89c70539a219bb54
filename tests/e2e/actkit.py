"""Actions from outside: `sevtop act`, a private Redis, and a relay before a
server that loses what it is told to lose."""
import contextlib
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import PATIENCE, Terminal, tap  # noqa: E402
from worldkit import SEVTOP, Dashboard, until  # noqa: E402


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Act:
    """`sevtop act` on one source; source is its line of YAML."""

    def __init__(self, scratch, name, source):
        self.scratch = scratch
        self.config = scratch.file(name + ".yaml", "platform: shop\nenv: test"
                                   "\nsources:\n  %s\n" % source)

    def words(self, action, *words):
        args = ["act", "-c", self.config, action]
        for word in words:
            word = str(word)
            args += (word.split() if word.startswith("--") else
                     ["--set", word] if "=" in word else ["--target", word])
        return args

    def __call__(self, action, *words):
        """Exit status, the printed object, what went wrong."""
        done = self.scratch.run(*self.words(
            action, *words, "--yes --reason test -o json"))
        out = json.loads(done.stdout) if done.stdout.strip() else {}
        return done.returncode, out, done.stderr

    def plan(self, action, *words):
        done = self.scratch.run(*self.words(action, *words, "--plan -o json"))
        out = json.loads(done.stdout) if done.stdout.strip() else {}
        return out.get("plan", {}), done.stderr

    def held(self, action, *words):
        """The same at a terminal: planned, and not yet confirmed."""
        return Held(self, self.words(action, *words))


class Held(Terminal):
    """`sevtop act` that waits for its answers."""

    def __init__(self, act, args):
        super().__init__([SEVTOP] + args, size=(60, 160),
                         env=act.scratch.env())
        self.wait_text(r"^reason\?")

    def go(self):
        """Confirms; exit status and the last words."""
        self.send("a test\r")
        self.wait_text(r"do it\? y/n")
        self.send("y\r")
        status = self.wait_end()
        self.settle()
        return status, self.text()


class Screen(Dashboard):
    """The dashboard, whose dialogs want to be read before they are
    answered."""

    def press(self, key):
        time.sleep(0.6)
        self.send(key)


def is_done(result, name, words=""):
    code, out, err = result
    tap.check(code == 0 and out.get("outcome") == "done" and
              words in out.get("words", ""), name,
              str((code, out.get("outcome"), out.get("words"), err)))


def is_refused(result, name, *words):
    code, out, err = result
    said = out.get("words", "") + err
    tap.check(code == 3 and all(w in said for w in words), name,
              str((code, out.get("outcome"), said)))


def reach(plan, label):
    return [r["value"] for r in plan.get("reach", []) if r["label"] == label]


class Redis:
    """A private server on a socket in its own folder, and on a port."""

    def __init__(self, *args, save=""):
        self.dir = tempfile.mkdtemp(prefix="sevtop-act-")
        self.sock = os.path.join(self.dir, "redis.sock")
        self.url = "unix://" + self.sock
        self.port = free_port()
        self.args = ["--save", save, *args]
        self.start()

    def start(self):
        self.proc = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
             "--unixsocket", self.sock, "--dir", self.dir, *self.args],
            stdout=subprocess.DEVNULL)
        until(lambda: self.cli("PING") == "PONG", "a Redis")

    def stop(self):
        self.proc.terminate()
        self.proc.wait(30)

    def cli(self, *words, feed=None):
        """What redis-cli prints; feed: commands on its standard input."""
        return subprocess.run(
            ["redis-cli", "-s", self.sock, *words], input=feed, text=True,
            capture_output=True, timeout=PATIENCE).stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)


class Relay:
    """Stands before a server. When bytes of a client hold `word` for the
    `nth` time, it passes them on ("after"), or not ("before"), and cuts the
    line. `swap` is a pair of bytes of the same length: what a client says
    with the first becomes the second."""

    def __init__(self, port):
        self.to = port
        self.word, self.cut, self.nth = None, "", 1
        self.hits, self.swap = 0, None
        self.server = socket.socket()
        self.server.bind(("127.0.0.1", 0))
        self.server.listen(16)
        self.port = self.server.getsockname()[1]
        self.lock = threading.Lock()
        self.ends = []
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, word, cut, nth=1):
        with self.lock:
            self.word, self.cut, self.nth, self.hits = word, cut, nth, 0

    def _accept(self):
        while True:
            try:
                client, _ = self.server.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            self.ends += [client, server]
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self._pass, daemon=True,
                                 args=(a, b, a is client)).start()

    def _is_lost(self, data):
        with self.lock:
            if not self.word or self.word not in data:
                return ""
            self.hits += 1
            if self.hits < self.nth:
                return ""
            self.word = None
            return self.cut

    def _pass(self, a, b, from_client):
        with contextlib.suppress(OSError):
            while True:
                data = a.recv(65536)
                if from_client and self.swap:
                    data = data.replace(*self.swap)
                lost = self._is_lost(data) if from_client and data else ""
                if lost == "after":
                    # Nothing of the answer may come back any more.
                    a.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
                    a.close()
                if data and lost != "before":
                    b.sendall(data)
                    if not lost:
                        continue
                break
        for end in (a, b):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        for end in [self.server] + self.ends:
            with contextlib.suppress(OSError):
                end.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
