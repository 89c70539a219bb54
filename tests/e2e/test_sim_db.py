#!/usr/bin/python3
"""The practice world's PostgreSQL, from outside: what is in it, its load,
every fault, and that it goes with its world.

Started by root the server runs as another user; then a world of an
unprivileged user is looked at as well. Skipped without PostgreSQL.
"""
import glob
import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys

from simkit import (BASE, PATIENCE, SIM, World, alive, ok, p95, run,
                    share_5xx, skip, timed, total, until)

HAS_PG = bool(shutil.which("psql") and (
    shutil.which("postgres") or glob.glob("/usr/lib/postgresql/*/bin/initdb")))
BUCKETS = "http_request_duration_seconds_bucket"
# Who waits for whom, as (depth of the deepest chain, roots with waiters).
CHAINS = """
WITH RECURSIVE edge AS (
  SELECT pid, unnest(pg_blocking_pids(pid)) AS by FROM pg_stat_activity
  WHERE backend_type = 'client backend'),
tree AS (
  SELECT by AS root, pid, 1 AS depth FROM edge
  WHERE by NOT IN (SELECT pid FROM edge)
  UNION SELECT tree.root, edge.pid, depth + 1 FROM tree
  JOIN edge ON edge.by = tree.pid WHERE depth < 12)
SELECT coalesce(max(depth), 0) || ' ' || count(DISTINCT root) FROM tree"""
ROOT = """
SELECT pid FROM pg_stat_activity AS a WHERE state = 'idle in transaction'
AND pg_blocking_pids(pid) = '{}' AND EXISTS (SELECT 1 FROM pg_stat_activity
AS b WHERE a.pid = ANY (pg_blocking_pids(b.pid)))"""


def ready(w):
    """Waits for the database, as /readyz does."""
    return w.get("/readyz", timeout=PATIENCE)[0] == 200


def server_pids(w):
    """The server and its own children."""
    main = w.pid_of("postgres")
    out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(main)],
                         capture_output=True, text=True).stdout
    return [main] + [int(x) for x in out.split()] if main else []


def owner(pid):
    return os.stat("/proc/%d" % pid).st_uid


def segments(pids):
    """Shared memory of System V that these processes made."""
    with open("/proc/sysvipc/shm") as f:
        rows = [line.split() for line in f][1:]
    return [row[1] for row in rows if int(row[4]) in pids]


def open_to_others(top):
    """Files below top that others than their owner may read."""
    found = []
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            if mode & 0o077 and not os.path.islink(path) \
                    and not name.endswith(".sock"):
                found.append("%s %o" % (path, mode & 0o777))
    return found


def deep(w):
    depth, roots = (int(x) for x in w.value(CHAINS).split())
    return depth >= 5 and roots == 1


def figure(w, pool, word):
    """A number from the status line of a pool."""
    m = re.search(r"pool %s .*?(\d+) %s" % (pool, word),
                  w.ctl("status").stdout)
    return int(m.group(1))


def test_start(w):
    ok(w.sql("SELECT count(*) FROM workspaces") == (0, "40"),
       "who connects at once waits and is served")
    ok(ready(w), "/readyz waits for the database")
    status = w.ctl("status").stdout
    ok(re.search(r"postgres up, pid \d+, port \d+", status), "status", status)
    password = w.env["DATABASE_URL"].split(":")[2].split("@")[0]
    ok(len(password) == 32 and password not in status, "without the password")
    pid = w.pid_of("postgres")
    ok(owner(pid) != 0, "the server does not run as root")
    with open("/proc/%d/cmdline" % pid, "rb") as f:
        ok(password.encode() not in f.read(), "no password on command lines")
    left = open_to_others(w.dir)
    ok(not left, "nobody else may read its files", left)
    ok(not os.path.exists(os.path.join(w.dir, "postgres", "password")),
       "the first password is gone")
    ok(w.value("SELECT current_setting('is_superuser')") == "off",
       "the role is no superuser")
    ok(w.value("SELECT pg_has_role('pg_monitor', 'member')") == "t",
       "and may see what monitoring needs")
    wrong = w.env["DATABASE_URL"].replace(password, "x" * 32)
    out = subprocess.run(["psql", wrong, "-Xc", "SELECT 1"], text=True,
                         capture_output=True)
    ok("password authentication failed" in out.stderr, "a wrong password",
       out.stderr)


def test_content(w):
    ok(w.value("SELECT count(*) FROM workspaces") == "40", "workspaces")
    ok(int(w.value("SELECT count(*) FROM audit_logs "
                   "WHERE created_at > now() - interval '1 day'")) >= 200,
       "an audit trail")
    day = float(w.value("SELECT sum(amount) FROM cost_ledger "
                        "WHERE created_at > now() - interval '1 day'"))
    ok(50 < day < 75, "a day's cost is below the budget", day)
    if w.value("SELECT count(*) FROM pg_extension "
               "WHERE extname = 'pg_stat_statements'") == "1":
        until(lambda: w.value("SELECT count(*) FROM pg_stat_statements "
                              "WHERE query ~ 'prompt_ranking'") == "1")
        ok(w.value("SELECT count(*) FROM pg_stat_statements WHERE query ~ "
                   "'prompt_ranking|workspaces|cost_ledger'") >= "3",
           "statements are counted")
        ok(w.value("SELECT count(*) FROM pg_stat_statements WHERE query ~* "
                   "'create role'") == "0", "the setting up is not among them")
    apps = w.value("SELECT string_agg(DISTINCT application_name, ' ') FROM "
                   "pg_stat_activity WHERE usename = 'ai_visibility'")
    ok({"api", "jobs", "health"} <= set(apps.split()), "programs", apps)
    ok(until(lambda: w.system()["database"]["connections"] == int(w.value(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE application_name = 'api'"))), "connections are the real ones")


def test_cost(w):
    """The ledger and the counter of the API grow alike."""
    def ledger():
        return float(w.value("SELECT sum(amount) FROM cost_ledger"))

    def counter():
        return total({k: v for k, v in w.metrics().items()
                      if k.startswith("provider_cost_usd_total")})
    before = ledger(), counter()
    ok(until(lambda: counter() - before[1] > 0.001), "calls cost money")
    ok(until(lambda: abs((ledger() - before[0]) - (counter() - before[1]))
             < 0.0005), "and are booked")


def test_runaway(w):
    def today():
        return float(w.value("SELECT sum(amount) FROM cost_ledger "
                             "WHERE created_at >= date_trunc('day', now())"))
    calm = today()
    ok(w.fault("on", "cost-runaway"), "cost-runaway on")
    ok(until(lambda: today() > calm + 5), "the day's cost rises", today())
    ok(w.fault("off", "cost-runaway"), "cost-runaway off")
    ok(until(lambda: abs(today() - calm) < 1), "a credit ends it", today())


def test_pileup(w):
    ok(w.fault("on", "lock-pileup"), "lock-pileup on")
    ok(until(lambda: deep(w)), "a chain of five behind one root",
       w.value(CHAINS))
    ok(until(lambda: figure(w, "api", "stuck") == 20), "the API's pool is "
       "used up")
    ok(ready(w), "while /readyz is content")
    slow = p95(w.growth(BUCKETS, p95))
    ok(slow > 2, "requests are slow", slow)
    name = "http_requests_total"
    bad = until(lambda: share_5xx(w.growth(name, lambda g: total(g) > 300))
                > 0.05)
    ok(bad, "and fail", bad)
    root = w.value(ROOT)
    ok(w.value("SELECT pg_terminate_backend(%s)" % root) == "t",
       "its root is ended by hand", root)
    ok(until(lambda: w.value(CHAINS) == "0 0"), "nobody waits any more")
    ok("lock-pileup" in w.ctl("status").stdout, "the fault is still on")
    ok(until(lambda: p95(w.growth(BUCKETS, p95)) <= 0.5), "p95 recovers")
    w.fault("off", "lock-pileup")
    ok(w.fault("on", "lock-pileup"), "and once more")
    ok(until(lambda: deep(w)), "it piles up again")
    ok(w.fault("off", "lock-pileup"), "lock-pileup off")
    ok(until(lambda: w.value(CHAINS) == "0 0"), "off ends it as well")


def test_exhausted(w):
    ok(w.fault("on", "pool-exhausted"), "pool-exhausted on")
    ok(until(lambda: "too many clients" in w.sql("SELECT 1")[1]),
       "monitoring is refused")
    ok(until(lambda: w.system()["database"]["connections"] == 20)
       and w.metrics()["database_connections_active"] == 20,
       "all connections of the API are taken")
    ok(ready(w), "while /readyz is content")
    ok(until(lambda: "connection pool is used up" in w.log("api.log")
             and "too many clients" in w.log("jobs.log")), "logs tell")
    ok(w.fault("off", "pool-exhausted"), "pool-exhausted off")
    ok(until(lambda: w.sql("SELECT 1")[0] == 0), "it recovers")
    ok(until(lambda: figure(w, "api", "stuck") == 0
             and figure(w, "api", "waiting") == 0), "the API as well")


def test_slow(w):
    def mean():
        return float(w.value("SELECT mean_exec_time FROM pg_stat_statements "
                             "WHERE query ~ '^SELECT prompt_id'"))
    ok(until(lambda: mean() < 100), "a quick statement")
    ok(w.fault("on", "slow-statement"), "slow-statement on")
    ok(until(lambda: mean() > 200), "gets slow")
    ok(until(lambda: (p95(w.growth(BUCKETS, p95)) or 0) > 1), "p95 rises")
    ok(until(lambda: "FROM prompt_ranking($1)" in w.log("api.log")),
       "api.log tells")
    ok(w.fault("off", "slow-statement"), "slow-statement off")
    ok(until(lambda: p95(w.growth(BUCKETS, p95)) <= 0.5), "it recovers")


def test_gone(w):
    rows = int(w.value("SELECT max(id) FROM cost_ledger"))
    ok(w.fault("on", "db-gone"), "db-gone on")
    ok(until(lambda: w.get("/readyz")[0] == 503), "readyz tells")
    body = w.json("/readyz")
    ok(body["database"] == "disconnected" and body["redis"] == "connected",
       "which one", body)
    ok(w.json("/healthz")["status"] == "ok", "healthz stays ok")
    ok("refused" in w.sql("SELECT 1")[1], "connections are refused")
    ok(until(lambda: "Database connection failed" in w.log("api.log")
             and "Database connection failed" in w.log("jobs.log")),
       "logs tell")
    bad = share_5xx(w.growth("http_requests_total", lambda g: total(g) > 800))
    ok(bad > 0.08, "requests fail", bad)
    ok(w.fault("off", "db-gone"), "db-gone off")
    ok(until(lambda: ready(w)), "readyz recovers")
    ok(until(lambda: int(w.value("SELECT max(id) FROM cost_ledger")) > rows),
       "with its data, and it goes on")
    first = w.value("SELECT pg_postmaster_start_time()")
    ok(w.fault("on", "db-restart"), "db-restart")
    ok(until(lambda: w.value("SELECT pg_postmaster_start_time()") != first),
       "a new server")
    ok("faults on: none" in w.ctl("status").stdout, "restart happens once")
    os.kill(w.pid_of("postgres"), signal.SIGKILL)
    ok(until(lambda: w.get("/readyz")[0] == 503), "a killed one is noticed")
    w.fault("on", "db-gone")
    w.fault("off", "db-gone")
    ok(until(lambda: ready(w)), "and can be started again")


def test_held(w):
    pids = server_pids(w)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    ok(until(lambda: w.get("/readyz")[0] == 503), "a held one is noticed")
    ok(w.json("/healthz")["status"] == "ok", "and holds up nothing else")
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    ok(until(lambda: ready(w)), "continued: it recovers")


def test_one_world():
    w = World("--seed", "7")
    try:
        for test in (test_start, test_content, test_cost, test_runaway,
                     test_slow, test_pileup, test_exhausted, test_gone, test_held):
            timed(test, w)
        pids = server_pids(w)
    finally:
        status = w.end()
    left = w.left_behind() + [pid for pid in pids if alive(pid)]
    ok(status == 0 and not left, "all that leaves nothing behind", left)


def test_unprivileged():
    if os.geteuid() != 0:
        return skip("not root")
    user = pwd.getpwnam("nobody")
    home = os.path.join(BASE, "home")
    os.chmod(BASE, 0o711)
    os.mkdir(home, 0o700)
    os.chown(home, user.pw_uid, user.pw_gid)
    copy = shutil.copy(SIM, os.path.join(BASE, "sevtop-sim-copy"))
    os.chmod(copy, 0o755)
    w = World(env={"XDG_RUNTIME_DIR": home}, command=(
        "setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid),
        "--clear-groups", copy))
    try:
        ok(ready(w) and w.value("SELECT count(*) FROM workspaces") == "40",
           "a world of an ordinary user", w.notes())
        ok(owner(w.pid_of("postgres")) == user.pw_uid, "runs as that user")
    finally:
        status = w.end()
    return ok(status == 0 and not w.left_behind(), "leaves nothing behind")


def test_two_worlds():
    """Side by side; one is killed, early and late."""
    a, b = World(), World("--fault", "db-gone", "--fault", "lock-pileup")
    try:
        ok(ready(a), "the first of two")
        ok(a.env["DATABASE_URL"] != b.env["DATABASE_URL"], "two addresses")
        ok(until(lambda: b.get("/readyz")[0] == 503)
           and "refused" in b.sql("SELECT 1")[1], "gone from the start")
        b.fault("off", "db-gone")
        ok(until(lambda: ready(b)), "it can be started")
        pids = server_pids(b)
        ok(segments(pids), "shared memory is seen")
        b.end(signal.SIGKILL)
        ok(len(pids) > 3 and until(lambda: not any(map(alive, pids))),
           "kill -9 of the world: its PostgreSQL dies with it", pids)
        ok(not segments(pids), "and its shared memory")
        ok(os.path.exists(b.dir), "its folder can't be removed by it")
        early = World()
        ok(not os.path.exists(b.dir), "the next world removes it")
        folder = os.path.join(early.dir, "postgres")
        early.end(signal.SIGKILL)
        ok(until(lambda: subprocess.run(
            ["pgrep", "-f", folder], capture_output=True).returncode == 1),
           "while it is made, too")
        ok(ready(a) and a.value("SELECT 1") == "1", "the other goes on")
    finally:
        a.end()
    World().end()
    ok(not os.path.exists(early.dir), "what is left of that is removed, too")


def test_no_server():
    w = World(env={"SEVTOP_SIM_PG_BIN": os.path.join(BASE, "nowhere")})
    try:
        ok("apt-get install postgresql" in w.notes()
           and "without a database" in w.notes(), "says so", w.notes())
        ok("DATABASE_URL" not in w.env, "no DATABASE_URL")
        ok("postgres not installed" in w.ctl("status").stdout, "status")
        ok(w.get("/readyz")[0] == 200, "the API lives")
        w.fault("on", "db-gone")
        ok(until(lambda: w.json("/readyz")["database"] == "disconnected"),
           "db-gone works")
        w.fault("off", "db-gone")
        w.fault("on", "lock-pileup")
        ok(until(lambda: w.system()["database"]["connections"] == 20),
           "lock-pileup works")
    finally:
        w.end()
    ok(not w.left_behind(), "nothing left behind")


if not HAS_PG:
    skip("no PostgreSQL server or psql (Debian: postgresql)")
    run(test_no_server)
run(test_one_world, test_unprivileged, test_two_worlds, test_no_server)
