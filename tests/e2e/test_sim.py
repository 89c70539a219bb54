#!/usr/bin/python3
"""The practice world, from outside: endpoints, logs, queues, every fault.

The database has a test of its own. Parts that need redis-server, promtool,
node or BullMQ are skipped without them; BullMQ is looked for in
tests/node/node_modules and in SEVTOP_NODE_MODULES.
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys

from simkit import (BASE, HAS_REDIS, HERE, PATIENCE, SIM, World, alive, call,
                    ok, p95, run, share_5xx, skip, timed, total, until)

QUEUES = {"runPrompt", "runBatch", "dailyAggregations", "copilotPlanner"}
WORKER = "name=bull:cnVuUHJvbXB0 "  # runPrompt in base64


def test_words():
    out = call("--list")
    ok(out.returncode == 0 and "ai-visibility" in out.stdout
       and "hung-api" in out.stdout and "provider-storm" in out.stdout,
       "--list names platforms, faults and scenarios", out.stdout)
    ok("usage:" in call("--help").stdout, "--help")
    ok(call("--version").stdout.startswith("sevtop-sim "), "--version")
    for words in (["run"], ["run", "nowhere"], ["walk"], [],
                  ["run", "ai-visibility", "--fault", "none-such"],
                  ["run", "ai-visibility", "--scenario", "none-such"],
                  ["run", "ai-visibility", "--seed", "x"]):
        out = call(*words)
        ok(out.returncode == 64 and out.stderr, "refused: " + " ".join(words),
           out.stderr)
    out = call("ctl", "status", base=BASE)
    ok(out.returncode == 1 and "no practice world" in out.stderr,
       "ctl without a world says so", out.stderr)


def test_shapes(w):
    status, body, _ = w.get("/healthz")
    health = json.loads(body)
    ok(status == 200 and health["status"] == "ok"
       and set(health) == {"status", "timestamp", "uptime", "version"},
       "/healthz", body)
    status, body, _ = w.get("/readyz")
    ok(status == 200 and json.loads(body) == {
        "status": "ready", "database": "connected", "redis": "connected",
        "queues": "healthy"}, "/readyz", body)
    system = w.system()
    ok(re.fullmatch(r"\d+MB", system["memory"]["used"])
       and system["memory"]["total"] == "512MB", "memory is text with a unit")
    ok(0 <= system["database"]["connections"] <= 20
       and system["database"]["maxConnections"] == 20, "connections")
    ok(all(re.fullmatch(r"\d+/\d+", p["rateLimit"])
           and p["status"] == "healthy"
           for p in system["providers"].values())
       and set(system["providers"]) == {"perplexity", "aio", "brave"},
       "providers: remaining/limit", system["providers"])
    if HAS_REDIS:
        ok(set(system["queues"]) == QUEUES
           and all(set(q) == {"waiting", "active", "completed"}
                   for q in system["queues"].values()),
           "queues", system["queues"])
    limits = system["rateLimits"]
    ok(limits["requestsPerMinute"] == 100 and limits["burst"] == 200
       and limits["limited"] > 0, "limits for each caller", limits)
    status, body, _ = w.get("/.well-known/jwks.json")
    keys = json.loads(body)["keys"]
    ok(status == 200 and len(keys) == 1 and {"kty", "kid", "n", "e"}
       <= set(keys[0]), "a key set of one key", body)
    token = {"Authorization": "Bearer " + w.env["ADMIN_TOKEN"]}
    ok(w.get("/v1/admin/system", headers=token)[0] == 200, "the right token")
    token = {"Authorization": "Bearer x"}
    ok(w.get("/v1/admin/system", headers=token)[0] == 401, "a wrong token")
    ok(w.get("/nowhere")[0] == 404, "404")


def test_metrics(w):
    first = w.metrics()
    ok(until(lambda: w.metrics() != first), "figures move")
    second = w.metrics()
    shrunk = [k for k in first if re.search(r"_total|_bucket|_count|_sum", k)
              and second.get(k, 0) < first[k]]
    ok(not shrunk, "counters only grow", shrunk)
    names = {k.split("{")[0] for k in second}
    ok({"http_requests_total", "http_request_duration_seconds_bucket",
        "queue_jobs_total", "provider_api_calls_total",
        "database_connections_active", "provider_rate_limit_remaining",
        "process_start_time_seconds",
        "nodejs_eventloop_lag_seconds"} <= names, "the documented names",
       names)
    inf = '_bucket{le="+Inf",'
    ok(all(second[k.replace(inf, "_count{")] == v
           for k, v in second.items() if inf in k), "+Inf bucket is the count")
    if not shutil.which("promtool"):
        return skip("no promtool")
    out = subprocess.run(["promtool", "check", "metrics"], text=True,
                         input=w.get("/metrics")[1], capture_output=True)
    return ok(out.returncode == 0 and not out.stderr, "promtool is content",
              out.stdout + out.stderr)


def test_logs(w):
    size = len(w.log("api.log"))
    ok(until(lambda: len(w.log("api.log")) > size), "api.log grows")
    lines = [json.loads(x) for x in w.log("api.log").splitlines()[:500]]
    ok(len(lines) > 100 and all(
        x["level"] in (30, 40, 50) and x["time"] > 1e12 and x["msg"]
        for x in lines), "api.log is JSON lines from the start")
    times = [x["time"] for x in lines]
    ok(times == sorted(times), "in order of time")
    if HAS_REDIS:
        form = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z "
                          r"(INFO |WARN |ERROR) \[\w+\] .+|    at .+")
        text = w.log("jobs.log").splitlines()[:200]
        bad = [x for x in text if not form.fullmatch(x)]
        ok(len(text) > 50 and not bad, "jobs.log is plain lines", bad)


def test_ctl(w):
    out = w.ctl("fault", "on", "none-such")
    ok(out.returncode == 1 and "hung-api" in out.stderr,
       "an unknown fault: the list", out.stderr)
    ok(w.ctl("dance").returncode == 1, "an unknown command")
    ok("error-burst" in w.ctl("faults").stdout, "ctl faults")
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(os.path.join(w.dir, "ctl.sock"))
        ok("platform ai-visibility" in w.ctl("status").stdout,
           "a silent client holds nobody up")
    mode = os.stat(w.dir).st_mode & 0o777
    ok(mode == 0o700, "the folder is private", oct(mode))


def test_errors(w):
    name = "http_requests_total"
    calm = share_5xx(w.growth(name, lambda g: total(g) > 600))
    ok(calm < 0.02, "calm: hardly an error", calm)
    ok(w.fault("on", "error-burst"), "error-burst on")
    bad = share_5xx(w.growth(name, lambda g: total(g) > 1500))
    ok(0.06 < bad < 0.15, "8 to 12 % of 5xx", bad)
    ok(w.fault("off", "error-burst"), "error-burst off")
    calm = share_5xx(w.growth(name, lambda g: total(g) > 600))
    ok(calm < 0.03, "it recovers", calm)


def test_slow(w):
    name = "http_request_duration_seconds_bucket"
    calm = p95(w.growth(name, p95))
    ok(calm <= 0.5, "calm: p95 under 0.5 s", calm)
    ok(w.fault("on", "slow-api"), "slow-api on")
    ok(until(lambda: w.get("/healthz")[2] > 0.8), "real answers come late")
    slow = p95(w.growth(name, p95))
    ok(slow > 2, "p95 above 2 s", slow)
    ok(w.fault("off", "slow-api"), "slow-api off")
    ok(until(lambda: w.get("/healthz")[2] < 0.8), "answers are quick again")
    calm = p95(w.growth(name, p95))
    ok(calm <= 0.5, "p95 recovers", calm)


def test_hung(w):
    ok(w.fault("on", "hung-api"), "hung-api on")
    host, port = w.env["API_URL"].split("//")[1].split(":")

    def ask():
        s = socket.create_connection((host, int(port)), 10)
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        return s

    def hangs():
        with ask() as s:
            s.settimeout(1.0)
            try:
                s.recv(1)
            except socket.timeout:
                return True
        return False
    ok(until(hangs), "accepts and never answers")
    with ask() as held:
        ok(until(lambda: re.search(r"held requests [1-9]",
                                   w.ctl("status").stdout)), "it is held")
        ok(w.fault("off", "hung-api"), "hung-api off")
        held.settimeout(PATIENCE)
        ok(held.recv(12) == b"HTTP/1.1 200", "the held request is answered")
    ok(w.json("/healthz")["status"] == "ok", "it answers again")


def test_provider_limit(w):
    def perplexity():
        return w.system()["providers"]["perplexity"]

    def reasons():
        ids = w.redis("zrevrange", "bull:runPrompt:failed", "0", "20")
        return [w.redis("hget", "bull:runPrompt:" + i, "failedReason")
                for i in ids.split()]

    def told():
        lines = [json.loads(x) for x in w.log("api.log").splitlines()[-300:]]
        return any(x.get("err", {}).get("type") == "ProviderError"
                   and "429" in x["msg"] for x in lines)
    ok(w.fault("on", "provider-limit"), "provider-limit on")
    ok(until(lambda: perplexity() == {"status": "rate_limited",
                                      "rateLimit": "0/100"}),
       "the allowance falls to 0", perplexity())
    if HAS_REDIS:
        name = 'provider_api_calls_total{provider="perplexity",status="429"'
        ok(total(w.growth(name, lambda g: total(g) > 2)) > 2, "429 counted")
        ok(until(told), "ProviderError in api.log")
        ok(until(lambda: "429 too many requests (perplexity)" in reasons()),
           "jobs fail with the reason")
    ok(w.fault("off", "provider-limit"), "provider-limit off")
    ok(until(lambda: perplexity()["status"] == "healthy"), "it recovers")


def set_env(w, name, value):
    with open(w.env["ENV_FILE"]) as f:
        text = f.read()
    with open(w.env["ENV_FILE"], "w") as f:
        f.write(re.sub("(%s=).*" % name, r"\g<1>" + value, text))


def test_concurrency(w):
    w.fault("on", "stuck-queue")
    ok(until(lambda: len(w.active()) == 12), "four workers hold three each",
       len(w.active()))
    set_env(w, "WORKER_CONCURRENCY", "5")
    w.ctl("restart", "jobs")
    ok(until(lambda: len(w.active()) == 20), "and five, once they are told",
       len(w.active()))
    set_env(w, "WORKER_CONCURRENCY", "3")
    w.ctl("restart", "jobs")
    w.fault("off", "stuck-queue")
    ok(until(lambda: len(w.active()) < 12), "they work on")


def test_throttle(w):
    """What the .env says counts from the next restart on."""
    def perplexity():
        return w.system()["providers"]["perplexity"]

    def throttle(value):
        set_env(w, "AUTO_THROTTLE_ENABLED", value)

    def left():
        return float(perplexity()["rateLimit"].split("/")[0])
    ok(os.stat(w.env["ENV_FILE"]).st_mode & 0o777 == 0o600,
       "the .env is private")
    w.fault("on", "provider-limit")
    until(lambda: left() == 0)
    throttle("true")
    ok("throttled" not in w.ctl("status").stdout, "written is not read")
    service = [w.env["SERVICE_CTL"], "restart"]
    out = subprocess.run(service + ["api", "jobs"], text=True,
                         capture_output=True, timeout=30)
    ok(out.returncode == 0 and out.stdout == "restarted api\nrestarted jobs\n"
       and "throttled at 80 %" in w.ctl("status").stdout, "restarted, it is",
       out)
    ok(until(lambda: left() > 20 and perplexity()["status"] == "healthy"),
       "the allowance recovers, with the fault still on", perplexity())
    out = subprocess.run(service + ["web"], text=True, capture_output=True,
                         timeout=30)
    ok(out.returncode == 1 and "no service is called web" in out.stderr,
       "an unknown service is told", out)
    throttle("false")
    w.ctl("restart", "jobs")
    ok(until(lambda: left() == 0), "without it, nothing is left again")
    w.fault("off", "provider-limit")
    until(lambda: perplexity()["status"] == "healthy" and left() > 60)


def test_release(w):
    series = 'http_requests_total{method="GET",route="/v1/prompts",' \
        'status="200"}'
    before, first = w.json("/healthz"), w.metrics()
    ok(w.fault("on", "bad-release"), "bad-release on")
    ok(until(lambda: w.json("/healthz")["version"] == "1.5.0")
       and w.json("/healthz")["uptime"] < before["uptime"],
       "a new version in a new process")
    ok(w.metrics().get(series, 0) < first[series], "counters begin again")
    bad = share_5xx(w.growth("http_requests_total",
                             lambda g: total(g) > 1000))
    ok(0.04 < bad < 0.12, "it fails", bad)
    ok(w.fault("off", "bad-release"), "bad-release off")
    ok(until(lambda: w.json("/healthz")["version"] == "1.4.2"), "rolled back")
    up = until(lambda: w.json("/healthz")["uptime"] >= 2
               and w.json("/healthz")["uptime"])
    ok(w.fault("on", "restart"), "restart")
    ok(until(lambda: w.json("/healthz")["uptime"] < up), "uptime falls")
    ok("faults on: none" in w.ctl("status").stdout, "restart happens once")


def test_queues(w):
    key = "bull:runPrompt:metrics:completed"
    ok(w.redis("hget", "bull:runPrompt:meta", "version")
       .startswith("bullmq:5."), "meta.version")
    ok(w.redis("client", "list").count(WORKER) == 4, "four named workers")
    ok(w.number("runPrompt", "completed") > 0, "a past")
    first = int(w.redis("hget", key, "count"))
    ok(until(lambda: int(w.redis("hget", key, "count")) > first + 10),
       "jobs complete")
    ok(until(lambda: "cmd=bzpopmin" in w.redis("client", "list")),
       "idle workers sleep in BZPOPMIN")
    w.redis("flushall")
    ok(until(lambda: w.number("runPrompt", "completed") > 0),
       "queues come back after FLUSHALL")


def bullmq(w, phase):
    """What the official client finds; see sim_bullmq.cjs."""
    places = [os.path.join(HERE, "..", "node", "node_modules"),
              os.environ.get("SEVTOP_NODE_MODULES", "")]
    found = [os.path.join(p, name) for p in places
             for name in ("bullmq5", "bullmq")
             if os.path.isdir(os.path.join(p, name))]
    if not shutil.which("node") or not found:
        return skip("no node or no BullMQ in tests/node")
    out = subprocess.run(
        ["node", os.path.join(HERE, "sim_bullmq.cjs"), found[0], phase],
        env=dict(os.environ, REDIS_URL=w.env["REDIS_URL"]), text=True,
        capture_output=True, timeout=200)
    for line in out.stdout.splitlines():
        good, _, name = line.partition(" ")
        ok(good == "yes", "BullMQ: " + name, line)
    return ok(out.returncode == 0, "BullMQ: %s ran whole" % phase, out.stderr)


def test_bullmq(w):
    bullmq(w, "live")


def test_redis_gone(w):
    first = int(w.redis("get", "bull:runPrompt:id"))
    ok(w.fault("on", "redis-gone"), "redis-gone on")
    ok(until(lambda: w.get("/readyz")[0] == 503)
       and w.json("/readyz")["redis"] == "disconnected", "readyz tells")
    ok(w.json("/healthz")["status"] == "ok", "healthz stays ok")
    ok(w.system()["queues"] == {},
       "no queue figures rather than old ones")
    out = subprocess.run(["redis-cli", "-u", w.env["REDIS_URL"], "ping"],
                         text=True, capture_output=True)
    ok("refused" in out.stderr + out.stdout, "connections are refused", out)
    ok(until(lambda: "Redis connection failed" in w.log("api.log")
             and "Redis connection failed" in w.log("jobs.log")), "logs tell")
    ok(w.fault("off", "redis-gone"), "redis-gone off")
    ok(until(lambda: w.get("/readyz")[0] == 200), "readyz recovers")
    again = int(w.redis("get", "bull:runPrompt:id"))
    ok(again >= first, "with its data")
    ok(until(lambda: int(w.redis("get", "bull:runPrompt:id")) > again),
       "producers go on")
    w.look_up_redis()
    os.kill(w.redis_pid, signal.SIGKILL)
    ok(until(lambda: w.get("/readyz")[0] == 503), "a killed Redis is noticed")
    w.fault("on", "redis-gone")
    w.fault("off", "redis-gone")
    ok(until(lambda: w.get("/readyz")[0] == 200), "and can be started again")
    w.look_up_redis()


def test_redis_stopped(w):
    os.kill(w.redis_pid, signal.SIGSTOP)
    ok(until(lambda: w.get("/readyz")[0] == 503), "a stopped Redis is noticed")
    ok(w.json("/healthz")["status"] == "ok", "and holds up nothing else")
    os.kill(w.redis_pid, signal.SIGCONT)
    ok(until(lambda: w.get("/readyz")[0] == 200), "continued: it recovers")


def test_stuck_queue(w):
    ok(w.fault("on", "stuck-queue"), "stuck-queue on")
    ok(until(lambda: w.number("runPrompt", "wait") > 30), "a backlog grows")
    active = w.active()
    ok(len(active) == 12, "all places are taken", active)
    grown = w.number("runPrompt", "wait")
    ok(until(lambda: w.number("runPrompt", "wait") > grown + 10)
       and w.active() == active, "active jobs make no progress")
    ok(w.redis("exists", *["bull:runPrompt:%s:lock" % i
                           for i in active]) == "12", "and keep their locks")
    ok(w.fault("off", "stuck-queue"), "stuck-queue off")
    ok(until(lambda: w.number("runPrompt", "wait") < 5), "the backlog drains")


def test_worker_crash(w):
    until(w.active)
    ok(w.fault("on", "worker-crash"), "worker-crash on")
    ok(until(lambda: WORKER not in w.redis("client", "list")),
       "no worker is connected")
    ok(until(lambda: w.number("runPrompt", "wait") > 10), "a backlog grows")
    lost = w.active()
    locks = ["bull:runPrompt:%s:lock" % i for i in lost]
    ok(not lost or until(lambda: w.redis("exists", *locks) == "0"),
       "locks run out")
    bullmq(w, "crashed")
    ok(w.fault("off", "worker-crash"), "worker-crash off")
    ok(until(lambda: w.number("runPrompt", "wait") < 5), "the backlog drains")
    ok(until(lambda: not set(lost) & set(w.active()), 2 * PATIENCE),
       "stalled jobs are taken up again")


def strip(text, lines):
    """The first lines without what differs from run to run."""
    return [re.sub(r'"time":\d+,|^\S+Z ', "", x)
            for x in text.splitlines()[:lines]]


def test_seed():
    a = World("--seed", "11", "--scenario", "redis-blink")
    b = World("--seed", "11", "--fault", "error-burst")
    c = World("--seed", "12")
    worlds = (a, b, c)
    try:
        api = [strip(w.log("api.log"), 600) for w in worlds]
        ok(api[0] == api[1] and len(api[0]) == 600, "same seed, same start")
        ok(api[0] != api[2], "another seed, another story")
        if HAS_REDIS:
            jobs = [strip(w.log("jobs.log"), 100) for w in worlds]
            ok(jobs[0] == jobs[1] and jobs[0] != jobs[2], "jobs likewise")
        ok("scenario redis-blink, next: redis-gone on at 20 s"
           in a.ctl("status").stdout, "scenario", a.ctl("status").stdout)
        ok("faults on: error-burst" in b.ctl("status").stdout, "--fault")
        ok(len({w.env["API_URL"] for w in worlds}) == 3
           and len({w.dir for w in worlds}) == 3, "worlds side by side")
        newest = call("ctl", "status", base=BASE).stdout
        ok("dir %s\n" % c.dir in newest, "ctl finds the newest", newest)
    finally:
        states = [w.end() for w in worlds]
    ok(states == [0, 0, 0], "they end well", states)
    left = [x for w in worlds for x in w.left_behind()]
    ok(not left, "and leave nothing behind", left)


def test_endings():
    w = World("--seed", "3")
    ok(w.ctl("stop").returncode == 0 and w.proc.wait(30) == 0, "ctl stop")
    w.end()
    ok(not w.left_behind(), "leaves nothing behind", w.left_behind())

    w = World("--fault", "hung-api", "--fault", "redis-gone")
    ok(w.end(signal.SIGINT) == 0 and not w.left_behind(),
       "INT while everything is broken", w.left_behind())

    wanted = os.path.join(BASE, "mine")
    w = World("--dir", wanted)
    ok(w.dir == os.path.realpath(wanted), "--dir")
    out = call("run", "ai-visibility", "--dir", wanted)
    ok(out.returncode == 1 and "empty folder" in out.stderr,
       "--dir of another world is refused", out.stderr)
    ok("platform" in w.ctl("status").stdout, "which goes on")
    w.end()
    ok(not w.left_behind(), "--dir is gone too", w.left_behind())


def test_parent_killed():
    script = ("import subprocess, sys\n"
              "p = subprocess.Popen([sys.argv[1], 'run', 'ai-visibility', "
              "'--until-eof'], stdin=subprocess.PIPE)\n"
              "p.wait()\n")
    parent = subprocess.Popen([sys.executable, "-c", script, SIM],
                              env=dict(os.environ, XDG_RUNTIME_DIR=BASE),
                              stdout=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL)
    where = ""
    for line in parent.stdout:
        if line.startswith("SEVTOP_SIM_DIR="):
            where = line.strip().split("=", 1)[1]
        if line == "READY\n":
            break
    m = re.search(r"redis pid (\d+)",
                  call("ctl", "--dir", where, "status").stdout)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    ok(where and until(lambda: not os.path.exists(where)),
       "kill -9 of the parent: the folder goes", where)
    if m:
        ok(until(lambda: not alive(int(m.group(1)))), "and the Redis")


def test_killed():
    w = World()
    w.end(signal.SIGKILL)
    if w.redis_pid:
        ok(until(lambda: not alive(w.redis_pid)),
           "kill -9 of the world: its Redis dies with it")
    ok(os.path.exists(w.dir), "its folder can't be removed by it")
    World().end()
    ok(not os.path.exists(w.dir), "the next world removes it")


def test_no_redis():
    empty = os.path.join(BASE, "empty")
    os.mkdir(empty)
    w = World(env={"PATH": empty})
    try:
        ok("apt-get install redis-server" in w.notes()
           and "without queues" in w.notes(), "says so", w.notes())
        ok("REDIS_URL" not in w.env, "no REDIS_URL")
        ok(w.get("/readyz")[0] == 200, "the API lives")
        ok(w.system()["queues"] == {}, "no queues")
        w.fault("on", "redis-gone")
        ok(until(lambda: w.get("/readyz")[0] == 503), "redis-gone works")
    finally:
        w.end()
    ok(not w.left_behind(), "nothing left behind")


def test_one_world():
    w = World("--seed", "7")
    try:
        for test in (test_shapes, test_metrics, test_logs, test_ctl,
                     test_errors, test_slow, test_hung, test_provider_limit,
                     test_throttle, test_release):
            timed(test, w)
        if HAS_REDIS:
            for test in (test_queues, test_stuck_queue, test_concurrency,
                         test_bullmq,
                         test_redis_gone, test_worker_crash,
                         test_redis_stopped):
                timed(test, w)
        else:
            skip("no redis-server or redis-cli")
    finally:
        status = w.end()
    ok(status == 0 and not w.left_behind(), "all that leaves nothing behind",
       w.left_behind())


run(test_words, test_one_world, test_seed, test_endings, test_parent_killed,
    test_killed, test_no_redis)
