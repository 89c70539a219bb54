"""A private PostgreSQL for whole-program tests, and its clients.

The server refuses to run as root; it then runs as "postgres" or "nobody".
Nothing here sleeps to let something happen.
"""
import contextlib
import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from actkit import free_port  # noqa: E402
from ptykit import PATIENCE, tap  # noqa: E402
from worldkit import until  # noqa: E402


def bin_dir():
    """Where initdb and postgres are; None: nowhere."""
    found = [d for d in glob.glob("/usr/lib/postgresql/*/bin")
             if os.path.exists(os.path.join(d, "initdb"))]
    return max(found, key=lambda d: int(d.split("/")[4])) if found else None


def server_user():
    """Whom the server runs as; None: ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    return None


def need_postgres():
    """Ends the test program as skipped where there is no server."""
    if bin_dir() and shutil.which("psql"):
        return
    tap.skip("no PostgreSQL server (Debian: postgresql)")
    print("1..%d" % tap.count)
    sys.exit(0)


class Session:
    """A psql that stays: a client of the server."""

    def __init__(self, url, app="psql"):
        self.proc = subprocess.Popen(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=0", url], text=True,
            env={**os.environ, "PGAPPNAME": app}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.pid = int(self.do("SELECT pg_backend_pid()"))

    def send(self, sql):
        self.proc.stdin.write(sql + ";\n")
        self.proc.stdin.flush()

    def do(self, sql):
        """Runs it to its end; what psql printed."""
        self.send(sql)
        return self.result()

    def result(self):
        """What all that was sent printed, once it has ended."""
        mark, lines = uuid.uuid4().hex, []
        self.proc.stdin.write("\\echo %s\n" % mark)
        self.proc.stdin.flush()
        for line in self.proc.stdout:
            if line.strip() == mark:
                return "\n".join(lines)
            lines.append(line.rstrip("\n"))
        return "\n".join(lines)

    def close(self):
        self.proc.kill()
        self.proc.wait(30)
        for pipe in (self.proc.stdin, self.proc.stdout):
            with contextlib.suppress(OSError):
                pipe.close()


class Postgres:
    """A server in a folder of its own, on a socket there and a free port."""

    def __init__(self, copy_of=None):
        self.dir = tempfile.mkdtemp(prefix="sevtop-pg-")
        self.data = os.path.join(self.dir, "data")
        self.port = free_port()
        self.sessions = []
        user = server_user()
        self.prefix = []
        if user:
            os.chown(self.dir, user.pw_uid, user.pw_gid)
            self.prefix = ["setpriv", "--reuid=%d" % user.pw_uid,
                           "--regid=%d" % user.pw_gid, "--clear-groups",
                           "--pdeathsig=INT"]
        if copy_of:
            self.own("pg_basebackup", "-D", self.data, "-R", "-c", "fast",
                     "-d", copy_of.url())
        else:
            self.own("initdb", "-D", self.data, "-U", "root", "-A", "trust",
                     "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        self.proc = None
        self.start()

    def own(self, name, *args, **more):
        """Runs a program of the server as its user."""
        subprocess.run(self.prefix + [os.path.join(bin_dir(), name), *args],
                       check=True, cwd=self.dir, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=120, **more)

    def start(self):
        settings = {"listen_addresses": "127.0.0.1", "port": self.port,
                    "unix_socket_directories": self.dir, "fsync": "off",
                    "max_connections": 60, "shared_buffers": "16MB",
                    "max_wal_size": "64MB", "hot_standby": "on",
                    "autovacuum_naptime": "1h", "log_min_messages": "fatal"}
        args = [x for k, v in settings.items() for x in
                ("-c", "%s=%s" % (k, v))]
        self.proc = subprocess.Popen(
            self.prefix + [os.path.join(bin_dir(), "postgres"), "-D",
                           self.data] + args, cwd=self.dir,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: self.sql("SELECT 1") == "1", "a PostgreSQL")

    def stop(self):
        if self.proc:
            self.proc.send_signal(2)
            self.proc.wait(30)
            self.proc = None

    def url(self, user="root", db="postgres", port=None):
        return "postgres://%s@127.0.0.1:%d/%s?sslmode=disable" % (
            user, port or self.port, db)

    def sql(self, text, db="postgres"):
        """One statement as superuser; "" when it failed."""
        return subprocess.run(
            ["psql", "-XAtqc", text, self.url(db=db)], text=True,
            capture_output=True, timeout=PATIENCE).stdout.strip()

    def session(self, user="app", db="shop", app="psql"):
        session = Session(self.url(user, db), app)
        self.sessions.append(session)
        return session

    def close_sessions(self):
        for session in self.sessions:
            session.close()
        self.sessions = []
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                 "WHERE backend_type = 'client backend' AND pid <> "
                 "pg_backend_pid()")
        until(lambda: self.sql("SELECT count(*) FROM pg_stat_activity WHERE "
                               "application_name <> 'sevtop' AND pid <> "
                               "pg_backend_pid() AND backend_type = "
                               "'client backend'") == "0", "quiet server")

    def alive(self, *sessions):
        """How many of these sessions the server still has."""
        pids = ",".join(str(s.pid) for s in sessions)
        return int(self.sql("SELECT count(*) FROM pg_stat_activity WHERE pid "
                            "IN (%s)" % pids))

    def until_waits(self, *sessions):
        """Until each of them waits for a lock."""
        pids = ",".join(str(s.pid) for s in sessions)
        until(lambda: self.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = "
            "'Lock' AND pid IN (%s)" % pids) == str(len(sessions)), "waiters")

    def until_active(self, session):
        until(lambda: self.sql("SELECT state FROM pg_stat_activity WHERE pid "
                               "= %d" % session.pid) == "active", "activity")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for session in self.sessions:
            session.close()
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
