"""Worlds for the benchmarks: the practice world busy, quiet and hanging, and
a PostgreSQL with hundreds of connections.

A world is a context manager; its env points a program at it. Everything it
starts ends with it.
"""
import glob
import http.server
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
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


class Postgres:
    """A private server under pgbench, with so many connections.

    It refuses to run as root, and then runs as "postgres" or "nobody".
    """

    def __init__(self, clients):
        self.clients = clients
        self.env = dict(os.environ, TERM="xterm-256color")
        self.env.pop("NO_COLOR", None)
        found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
        self.bin = os.path.dirname(
            max(found, key=lambda path: float(path.split("/")[4]))
        ) if found else None

    def run(self, name, *args):
        return [*self.prefix, os.path.join(self.bin, name), *args]

    def sql(self, text):
        """The first column of an answer."""
        out = subprocess.run(
            [os.path.join(self.bin, "psql"), "-h", self.folder, "-p",
             str(self.port), "-U", "postgres", "-Atc", text],
            capture_output=True, text=True)
        return out.stdout.split()

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="sevtop-bench-")
        self.prefix = []
        if os.geteuid() == 0:
            users = {user.pw_name: user for user in pwd.getpwall()}
            user = users.get("postgres") or users["nobody"]
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.prefix = ["setpriv", "--reuid=%d" % user.pw_uid,
                           "--regid=%d" % user.pw_gid, "--clear-groups"]
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        data = os.path.join(self.folder, "data")
        subprocess.run(self.run("initdb", "-D", data, "-U", "postgres", "-A",
                                "trust", "--no-locale", "--no-sync"),
                       check=True, stdout=subprocess.DEVNULL)
        self.server = subprocess.Popen(self.run(
            "postgres", "-D", data, "-k", self.folder, "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
            "-c", "max_connections=%d" % (self.clients + 50),
            "-c", "shared_preload_libraries=pg_stat_statements",
            "-c", "log_min_messages=panic"), stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not self.sql("SELECT 1") and time.monotonic() < deadline:
            time.sleep(0.05)
        self.sql("CREATE EXTENSION pg_stat_statements")
        place = ("-h", self.folder, "-p", str(self.port), "-U", "postgres")
        subprocess.run([os.path.join(self.bin, "pgbench"), "-i", "-q", *place],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.load = subprocess.Popen(
            [os.path.join(self.bin, "pgbench"), *place, "-n", "-c",
             str(self.clients), "-R", "200", "-T", "3600"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while (int(self.sql("SELECT count(*) FROM pg_stat_activity")[0])
               < self.clients and time.monotonic() < deadline):
            time.sleep(0.2)
        return self

    def __exit__(self, *_):
        self.load.terminate()
        self.load.wait()
        self.server.send_signal(signal.SIGINT)
        self.server.wait()
        shutil.rmtree(self.folder)

    def cost_of(self, name, after, seconds):
        """CPU % of the server's processes for a program's sessions."""
        time.sleep(after)
        pids = self.sql("SELECT pid FROM pg_stat_activity WHERE "
                        "application_name LIKE '%s%%'" % name)
        used = sum(cpu_seconds(pid) for pid in pids)
        time.sleep(seconds)
        return 100 * (sum(cpu_seconds(pid) for pid in pids) - used) / seconds


def cpu_seconds(pid):
    with open("/proc/%s/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
