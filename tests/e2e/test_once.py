#!/usr/bin/python3
"""`sevtop once` for bots: the contract of its JSON, its exit status, its
words for a wrong configuration, and secrets that it must not let out."""
import json
import math
import os
import re
import sys
import threading
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import (HAS_REDIS, BadServer, Dashboard, Impostor,  # noqa: E402
                      PROFILE, Scratch, World, quick_profile, until)

STATES = {"ok", "warning", "critical", "unknown"}
RANK = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")


def one_of(*words):
    return lambda v: v in words


def text(v):
    return isinstance(v, str)


def filled(v):
    return isinstance(v, str) and v != ""


def number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool) \
        and math.isfinite(v)


def maybe(kind):
    return lambda v: v is None or kind(v)


def at_least_0(v):
    return number(v) and v >= 0


def state(v):
    return v in STATES


def when(v):
    return text(v) and TIME.match(v)


def labels(v):
    return isinstance(v, dict) and all(text(x) for x in v.values())


def threshold(v):
    return v is None or (set(v) == {"compare", "value"} and
                         v["compare"] in ("<", ">", "<=", ">=", "==", "!=")
                         and number(v["value"]))


def columns(v):
    return isinstance(v, list) and v and all(
        set(c) == {"name", "unit"} and filled(c["name"])
        and text(c["unit"]) for c in v)


# Field: kind; a field in OPTIONAL may be missing.
SHAPES = {
    "top": {"version": one_of(1), "at": when, "state": state,
            "platforms": lambda v: isinstance(v, list) and v},
    "platforms": {"name": filled, "env": filled, "state": state,
                  "sources": lambda v: isinstance(v, list) and v,
                  "health": lambda v: isinstance(v, list),
                  "metrics": lambda v: isinstance(v, list),
                  "alerts": lambda v: isinstance(v, list),
                  "tables": lambda v: isinstance(v, dict)},
    "sources": {"name": filled, "type": filled, "state": state,
                "age_ms": maybe(at_least_0), "latency_ms": maybe(at_least_0),
                "error": maybe(filled), "error_kind": filled},
    "health": {"source": filled, "target": filled, "state": state,
               "detail": text, "latency_ms": maybe(at_least_0)},
    "metrics": {"source": filled, "name": filled, "labels": labels,
                "value": maybe(number), "unit": text,
                "kind": one_of("gauge", "counter", "bucket", "signal"),
                "state": maybe(state), "why": filled, "idle": one_of(True)},
    "alerts": {"name": filled, "title": filled,
               "severity": one_of("warning", "critical", "unknown"),
               "state": one_of("pending", "firing", "resolved"),
               "since": when, "value": maybe(number), "detail": text,
               "threshold": threshold},
    "tables": {"source": filled, "columns": columns,
               "rows": lambda v: isinstance(v, list), "row_total": number},
}
OPTIONAL = {"error_kind", "why", "idle", "row_total"}


def strict(body):
    """Parses JSON; duplicate keys and NaN are errors."""
    def pairs(items):
        assert len({k for k, _ in items}) == len(items), "a key twice"
        return dict(items)

    def bad(word):
        raise ValueError(word)
    return json.loads(body, object_pairs_hook=pairs, parse_constant=bad)


def misfits(shape, value, where):
    """What of an object is not as the contract says."""
    want = SHAPES[shape]
    wrong = [where + "." + k + " is not in the contract"
             for k in set(value) - set(want)]
    wrong += [where + "." + k + " is missing"
              for k in set(want) - set(value) - OPTIONAL]
    wrong += ["%s.%s is %r" % (where, k, v) for k, v in value.items()
              if k in want and not want[k](v)]
    return wrong


def check_contract(body, name):
    """Checks every field; returns the object."""
    board = strict(body)
    wrong = misfits("top", board, "top")
    for p in board["platforms"]:
        wrong += misfits("platforms", p, p.get("name"))
        for part in ("sources", "health", "metrics", "alerts"):
            for n, row in enumerate(p[part]):
                wrong += misfits(part, row, "%s[%d]" % (part, n))
        for table_name, table in p["tables"].items():
            wrong += misfits("tables", table, table_name)
            names = {c["name"] for c in table["columns"]} | {"key"}
            wrong += ["%s: row with %s" % (table_name, set(row) ^ names)
                      for row in table["rows"] if set(row) != names]
        sources = {s["name"] for s in p["sources"]} | {"watch"}
        wrong += ["%s from nowhere" % row["source"]
                  for part in ("health", "metrics")
                  for row in p[part] if row["source"] not in sources]
        wrong += ["%s: error and error_kind differ" % s["name"]
                  for s in p["sources"]
                  if (s["error"] is None) == ("error_kind" in s)]
    worst = max((p["state"] for p in board["platforms"]), key=RANK.get)
    if board["state"] != worst:
        wrong.append("state %s, but worst platform %s" % (board["state"],
                                                          worst))
    tap.check(not wrong, name + ": every field is as the contract says",
              "\n".join(wrong[:20]))
    return board


def http_platform(scratch, name, url, more="", header=""):
    return scratch.file(name + ".yaml", """platform: %s
env: staging
sources:
  page: {type: http, url: %s, every: 1s, timeout: 1s%s}
%s""" % (name, json.dumps(url), header, more))


def test_world():
    """A calm world: ok and 0, as text and as JSON; then with Redis gone."""
    if not HAS_REDIS:
        return tap.skip("no redis-server")
    with Scratch() as s, World(s, "--seed", "7") as w:
        config = quick_profile(s)
        out = s.run("once", "-c", config, "-o", "json", **w.env)
        board = check_contract(out.stdout, "calm world")
        tap.check(out.returncode == 0 and board["state"] == "ok",
                  "all is well: ok and 0", out.stdout[-2000:])
        p = board["platforms"][0]
        tap.check({"queues", "failures", "keyspace", "dependencies"}
                  <= set(p["tables"]),
                  "tables by name", list(p["tables"]))
        tap.check(all(x["age_ms"] < 10000 and x["error"] is None
                      for x in p["sources"]), "every source with its age",
                  p["sources"])
        node = {r["key"]: r for r in p["tables"]["dependencies"]["rows"]}
        tap.check("redis" in node["jobs"]["needs"].split(", ")
                  and node["redis"]["state"] == "ok",
                  "who needs whom", node)
        service = p["tables"]["services"]["rows"][0]
        tap.check(service["name"] == "api" and filled(service["version"])
                  and when(service["since"]), "services", service)
        queue = {r["key"]: r for r in p["tables"]["queues"]["rows"]}
        tap.check(set(queue) == {"runPrompt", "runBatch", "dailyAggregations",
                                 "copilotPlanner"}
                  and queue["runPrompt"]["workers"] == 4, "the queues", queue)
        rate = [m for m in p["metrics"] if m["name"] == "error_rate"]
        tap.check(len(rate) == 1 and number(rate[0]["value"])
                  and rate[0]["state"] == "ok",
                  "a rate has a value: it asks twice", rate)
        out = s.run("once", "-c", config, **w.env)
        tap.check(out.returncode == 0 and re.match(
            r"ai-visibility  prod  ok  (\d+)/\1 sources answer  2\S+Z\n",
            out.stdout), "text: the first line sums up", out.stdout)
        tap.check(not re.search(r"[^\n -~\u00a0-\uffff]", out.stdout),
                  "no control characters in it", repr(out.stdout))
        w.fault("on", "redis-gone")
        until(lambda: "redis gone" in w.ctl("status"), "Redis to go")
        out = s.run("once", "-c", config, "-o", "json", **w.env)
        board = check_contract(out.stdout, "without Redis")
        p = board["platforms"][0]
        sources = {x["name"]: x for x in p["sources"]}
        tap.check(out.returncode == 2 and board["state"] == "critical",
                  "critical and 2", out.returncode)
        tap.check("refused" in sources["redis"]["error"]
                  and sources["redis"]["error_kind"] == "REFUSED"
                  and sources["redis"]["age_ms"] is None,
                  "the source with its reason", sources["redis"])
        tap.check(sources["api"]["state"] == "ok", "the others answer",
                  sources["api"])
        judged = {m["name"]: m for m in p["metrics"] if m["kind"] == "signal"}
        tap.check(judged["queue_backlog"]["state"] == "unknown"
                  and judged["queue_backlog"]["value"] is None
                  and filled(judged["queue_backlog"].get("why")),
                  "what hangs on it is unknown, not 0, and says why",
                  judged["queue_backlog"])


def test_status():
    """Exit status by what the sources answer."""
    warn = 'signals:\n  late: {value: http_status, warn: "> 100"}\n'
    with Scratch() as s, BadServer() as bad:
        cases = (
            ("ok", 0, None, ""),
            ("ok", 1, None, warn),
            ("status/500", 2, None, ""),
            ("status/404", 2, "NOTFOUND", ""),
            ("status/401", 3, "AUTH", ""),
            ("status/403", 3, "FORBIDDEN", ""),
            ("limited", 1, "LIMITED", ""),
            ("hang", 2, "TIMEOUT", ""),
            ("hang-body", 2, "TIMEOUT", ""),
            ("drip", 2, "TIMEOUT", ""),
            ("garbage", 2, "PROTOCOL", ""),
            ("close", 2, "CLOSED", ""),
            ("reset-early", 2, "CLOSED", ""),
            ("redirect", 2, "PROTOCOL", ""),
            ("bomb", 2, "BADDATA", ""),
            ("endless", 2, "TOOBIG", ""),
            ("deep", 2, "TOOBIG", ""),
            ("html", 2, "BADDATA", ""),
        )
        results = {}

        def ask(n, mode, more):
            config = http_platform(
                s, "p%d" % n, bad.url(mode), more,
                ', expect: {json: {status: ok}}' if mode not in ("ok",)
                else "")
            results[n] = s.run("once", "-c", config, "-o", "json")
        threads = [threading.Thread(target=ask, args=(n, c[0], c[3]))
                   for n, c in enumerate(cases)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for n, (mode, status, kind, more) in enumerate(cases):
            out = results[n]
            source = strict(out.stdout)["platforms"][0]["sources"][0]
            tap.check(out.returncode == status
                      and source.get("error_kind") == kind,
                      "%s%s: exit status %d, %s" % (
                          mode, " over a threshold" if more else "", status,
                          kind or "no error"),
                      "%s %s" % (out.returncode, source))
            if mode == "hang":
                check_contract(out.stdout, "hanging server")


def test_never_answers():
    """With less time than a source needs: unknown and 3."""
    with Scratch() as s, Impostor(0, None) as silent:
        port = silent.server.getsockname()[1]
        config = s.file("silent.yaml", "platform: silent\nenv: staging\n"
                        "sources:\n  a: {type: http, url: "
                        "'http://127.0.0.1:%d/', timeout: 60s}\n" % port)
        out = s.run("once", "-c", config, "-o", "json", "--timeout", "0.3")
        board = check_contract(out.stdout, "no answer yet")
        tap.check(out.returncode == 3 and board["state"] == "unknown",
                  "still waiting: unknown and 3", out.stdout)
        tap.check(board["platforms"][0]["sources"][0]["age_ms"] is None,
                  "and no age", out.stdout)


def test_two_platforms():
    with Scratch() as s, BadServer() as bad:
        one = http_platform(s, "one", bad.url("ok"))
        two = http_platform(s, "two", bad.url("status/500"))
        out = s.run("once", "-c", one, "-c", two, "-o", "json")
        board = check_contract(out.stdout, "two platforms")
        tap.check([(p["name"], p["state"]) for p in board["platforms"]] ==
                  [("one", "ok"), ("two", "critical")]
                  and out.returncode == 2,
                  "each with its own state, the worst of all on top", board)


MAPPED = """platform: shop
env: staging
sources:
  ready:
    type: json
    url: %(url)s
    also_read: [503]
    health: {check: {path: checks.*, ok: ok}}
  containers:
    type: process
    argv: [cat, %(ps)s]
    read: jsonl
    metrics:
      containers: {path: ., form: count}
      memory: {path: "[*].Memory", unit: bytes, labels: {service: Service}}
    tables:
      services:
        rows: .
        key: Service
        columns: {name: Service, state: {path: State, kind: state}}
        state: {path: [State, Health]}
  broken:
    type: process
    argv: [sh, -c, 'echo "no daemon at canary-t0ken" >&2; exit 1']
    env: {TOKEN: env:SHOP_TOKEN}
    tables: {t: .}
signals:
  few: {value: containers, warn: "< 3"}
"""


def test_mapped():
    """An endpoint and commands, mapped by the configuration."""
    with Scratch() as s, BadServer() as bad:
        urllib.request.urlopen(bad.url("set?broken=redis")).read()
        ps = s.file("ps", json.dumps({
            "Service": "api", "State": "running", "Health": "unhealthy",
            "Memory": "12 apples"}) + "\n" + json.dumps({
                "Service": "db", "State": "running", "Health": "",
                "Memory": "1.5 GiB"}) + "\n")
        config = s.file("shop.yaml", MAPPED % {
            "url": json.dumps(bad.url("readyz")), "ps": json.dumps(ps)})
        out = s.run("once", "-c", config, "-o", "json",
                    SHOP_TOKEN="canary-t0ken")
        p = check_contract(out.stdout, "mapped")["platforms"][0]
        health = {h["target"]: h for h in p["health"]}
        tap.check(health["check redis"]["state"] == "critical"
                  and health["check database"]["state"] == "ok",
                  "parts of a readiness page that says 503", health)
        tap.check(health["mapping"]["detail"] == "[0].Memory: text "
                  "\"12 apples\", a size was wanted",
                  "what does not fit is said with its place",
                  health["mapping"])
        values = {(m["name"], m["labels"].get("service")): m["value"]
                  for m in p["metrics"]}
        tap.check(values["containers", None] == 2
                  and values["memory", "db"] == 1.5 * 2 ** 30
                  and ("memory", "api") not in values,
                  "and the rest is there", values)
        rows = {r["key"]: r for r in p["tables"]["services"]["rows"]}
        tap.check(rows["api"]["state"] == "unhealthy"
                  and rows["db"]["state"] == "running", "services", rows)
        broken = [x for x in p["sources"] if x["name"] == "broken"][0]
        tap.check(broken["error"] == "sh ended with status 1: no daemon at "
                  "[redacted]", "why a command failed, without its secret",
                  broken)
        tap.check([m["state"] for m in p["metrics"]
                   if m["name"] == "few"] == ["warning"],
                  "a signal looks at a mapped metric", p["metrics"])


WRONG = """platform: x
env: prod
sources:
  api: {type: htp, url: "http://127.0.0.1:1/"}
  two: {type: http, ur: "http://127.0.0.1:1/", every: fast}
  q: {type: bullmq, redis: nosuch}
signals:
  a: {value: x, sourc: api, warn: "> 1"}
colour: red
"""


def test_wrong_configuration():
    with Scratch() as s:
        config = s.file("wrong.yaml", WRONG)
        wants = ("4:15: unknown source type \"htp\"\n +did you mean \"http\"",
                 "5:3: .*lacks \"url\"", "5:21: unknown key \"ur\"\n",
                 "5:55: \"every\" wants a duration", "6:28: .*\"nosuch\"",
                 "8:17: unknown key \"sourc\"\n +did you mean \"source\"",
                 "9:1: unknown key \"colour\"\n +known here: platform, ")
        for words in (("once", "-c", config), ("check", config),
                      ("-c", config)):
            out = s.run(*words)
            missing = [w for w in wants if not re.search(
                re.escape(config) + ":" + w, out.stderr)]
            tap.check(out.returncode == 78 and not missing,
                      "%s: every error at once with its place, 78" % words[0],
                      "%s\n%s\n%s" % (out.returncode, missing, out.stderr))
            tap.check(out.stdout == "", "and no board", out.stdout)
        for name, text_, want in (
                ("cut", "platform: x\nsources: {a: {type: http", r"[23]:\d+: "),
                ("tab", "platform: x\n\tenv: y\n", r"2:\d+: "),
                ("empty", "", "platform"), ("list", "- a\n", r"1:1: "),
                ("alias", "platform: &a x\nenv: *a\n", r"\d:\d+: .*alias"),
                ("twice", "platform: x\nplatform: y\n", r"2:1: .*twice"),
                ("escape", "platform: x\n\"\\e[2Jevil\": 1\n", r"2:1: "),
                ("deep", "a: " + "[" * 4000, r"1:\d+: ")):
            out = s.run("once", "-c", s.file(name + ".yaml", text_))
            tap.check(out.returncode == 78 and re.search(want, out.stderr)
                      and "\x1b" not in out.stderr,
                      "%s: refused with its place" % name,
                      "%s %r" % (out.returncode, out.stderr[:500]))
        out = s.run("once", "-c", s.file("none.yaml"))
        tap.check(out.returncode == 78 and "No such file" in out.stderr,
                  "a missing file", out.stderr)
        out = s.run("once", "-p", "ai-visibilty")
        tap.check(out.returncode == 78 and "ai-visibility" in out.stderr,
                  "a misspelt platform", out.stderr)
        out = s.run("once")
        tap.check(out.returncode == 78 and "sevtop drill" in out.stderr,
                  "no configuration: what to do", out.stderr)


def test_wrong_usage():
    with Scratch() as s:
        for words in (("once", "-o", "xml"), ("once", "--timeout", "soon"),
                      ("once", "--timeout", "0"), ("once", "--nope"),
                      ("once", "word"), ("once", "-c"), ("onec",),
                      ("--readonly", "--write", "-c", PROFILE),
                      ("-r", "x", "-c", PROFILE), ("completion", "csh")):
            out = s.run(*words)
            tap.check(out.returncode == 64 and
                      re.match(r"sevtop: .+", out.stderr) and not out.stdout,
                      "64: sevtop " + " ".join(words).replace(PROFILE, "FILE"),
                      "%s %s" % (out.returncode, out.stderr))


CANARIES = {"url": "cAnArYuRl4711", "query": "cAnArYqUeRy4712",
            "header": "cAnArYhEaDeR4713", "bearer": "cAnArYbEaReR4714",
            "redis": "cAnArYrEdIs4715", "plain": "cAnArYpLaIn4716",
            "file": "cAnArYfIlE4717"}


def canary_config(scratch, bad):
    scratch.file("secret", CANARIES["file"] + "\n")
    os.chmod(scratch.file("secret"), 0o600)
    port = bad.ports["HTTP"]
    return scratch.file("secrets.yaml", """platform: secrets
env: staging
sources:
  echo:
    type: http
    url: http://user:${C_URL}@127.0.0.1:%s/echo?token=${C_QUERY}
    every: 1s
    headers: {X-Api-Key: env:C_HEADER}
    auth: {bearer: env:C_BEARER}
    expect: {json: {body: nothing}}
  filed:
    type: http
    url: http://127.0.0.1:%s/status/500
    every: 1s
    auth: {bearer: file:%s}
  literal:
    type: http
    url: http://me:%s@127.0.0.1:1/
    every: 1s
  cache:
    type: redis
    url: env:C_REDIS
    every: 1s
""" % (port, port, scratch.file("secret"), CANARIES["plain"]))


def leaks(*places):
    """(canary, place) for every secret that is found in the bytes."""
    found = []
    for name, data in places:
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        found += [(kind, name) for kind, word in CANARIES.items()
                  if word.encode().lower() in data.lower()]
    return found


def test_secrets():
    with Scratch() as s, BadServer() as bad:
        config = canary_config(s, bad)
        env = {"C_URL": CANARIES["url"], "C_QUERY": CANARIES["query"],
               "C_HEADER": CANARIES["header"],
               "C_BEARER": CANARIES["bearer"],
               "C_REDIS": "redis://u:%s@127.0.0.1:1/0" % CANARIES["redis"]}
        out = s.run("check", config, **env)
        tap.check(out.returncode == 0 and "secret in plain text" in
                  out.stderr, "a literal secret is a warning", out.stderr)
        js = s.run("once", "-c", config, "-o", "json", **env)
        tx = s.run("once", "-c", config, **env)
        info = s.run("info", "secrets", **env)
        check_contract(js.stdout, "with secrets")
        found = leaks(("check", out.stdout + out.stderr),
                      ("json", js.stdout + js.stderr),
                      ("text", tx.stdout + tx.stderr),
                      ("info", info.stdout + info.stderr))
        with Dashboard(s, "-c", config, env=env, size=(50, 200)) as t:
            t.wait_text(r"literal .*refused")
            t.wait_text(r"cache .*refused")
            for number_, title in ((0, "sources"), (1, "overview")):
                t.panel(number_, title)
            t.panel(0, "sources")
            for _ in range(4):  # every source opened, and closed again
                t.wait_text("^sources 4")
                t.key("Enter")
                t.wait_no_text("^sources 4")
                t.send("q")
                t.wait_text("^sources 4")
                t.send("j")
            with open("/proc/%d/cmdline" % t.pid, "rb") as f:
                cmdline = f.read()
            t.send("q")
            t.wait_end()
            found += leaks(("screen", bytes(t.raw)), ("cmdline", cmdline),
                           ("state log", s.state_log()))
        with Dashboard(s, "-c", config, env=env) as t:
            t.wait_text("literal")
            t.kill(6)
            t.wait_end()
            t.settle()
            found += leaks(("crash", bytes(t.raw)),
                           ("state log of a crash", s.state_log()))
        tap.check(not found, "no secret in any output", found)
        with urllib.request.urlopen(bad.url("count")) as answer:
            asked = json.load(answer)["requests"]
        tap.check(asked > 4, "they were sent, though", asked)


if __name__ == "__main__":
    tap.run(test_world, test_status, test_never_answers, test_two_platforms,
            test_mapped, test_wrong_configuration, test_wrong_usage, test_secrets)
