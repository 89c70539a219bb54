#!/usr/bin/python3
"""Flags on real backends (Redis, PostgreSQL, files) and on servers that lie:
they are set once and only if nobody else was faster, the undo puts back
exactly what was there, and what is said is true. Unleash is a small stub made
from its public documentation."""
import http.server
import json
import os
import re
import stat
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import actkit  # noqa: E402
from actkit import Relay  # noqa: E402
from confkit import Act  # noqa: E402
from lyingkit import Lying  # noqa: E402
from pgkit import Postgres, bin_dir  # noqa: E402
from ptykit import tap  # noqa: E402
from worldkit import (Dashboard, Scratch, need_redis, until)  # noqa: E402

FLAG = ("flag.set", "--target")


def sets(out):
    """What the undo of a plan sets; None: it has none."""
    return (out.get("plan", {}).get("undo") or {}).get("set")


def is_done(code, out):
    return code == 0 and out.get("outcome") == "done"


class Redis(actkit.Redis):
    """A private server that is asked by calling it."""

    def __call__(self, *words):
        return self.cli(*words)


REDIS = """platform: shop
env: test
sources: {redis: {type: redis, url: 'redis://127.0.0.1:%d'}}
signals: {}
flags:
  throttle: {type: redis, source: redis, name: flags, field: T, values: {on: '1', off: '0'}, missing: off}
  crawler: {type: redis, source: redis, name: crawler}
  mode: {type: redis, source: redis, name: mode, values: {slow: s, fast: f, 'off': x}}
  note: {type: redis, source: redis, name: note, text: true}
  list: {type: redis, source: redis, name: list}
kill: {outbound: [throttle, crawler]}
"""


def check_redis():
    with Redis() as redis, Scratch() as scratch:
        act = Act(scratch, REDIS % redis.port)
        code, out, text = act(*FLAG, "throttle")
        tap.check(is_done(code, out) and redis("hget", "flags", "T") == "1" and
                  json.loads(sets(out)["restore"]) == {"throttle": None},
                  "a field that was not there is set, and flipped", text)
        code, out, text = act(*FLAG, "throttle", "--set",
                              "restore=" + sets(out)["restore"])
        tap.check(is_done(code, out) and redis("hexists", "flags", "T") == "0",
                  "its undo removes it", text)
        redis("set", "crawler", "true", "px", "90000000")
        code, out, text = act(*FLAG, "crawler", "--set", "value=off")
        tap.check(is_done(code, out) and redis("get", "crawler") == "false" and
                  80000000 < int(redis("pttl", "crawler")) <= 90000000 and
                  "goes away by itself" in text and
                  sets(out) == {"value": "on"},
                  "its time to live stays, and is warned of", text)
        code, out, text = act(*FLAG, "crawler", "--set", "value=off")
        tap.check(code == 0 and out["plan"]["nothing"], "again: nothing", text)
        code, out, text = act(*FLAG, "mode", "--set", "value=fast")
        tap.check(is_done(code, out) and redis("get", "mode") == "f",
                  "one of three values", text)
        code, out, text = act(*FLAG, "mode")
        tap.check(code == 3 and "which value?" in text,
                  "three values are not flipped", text)
        odd = "a 'b' \"c\" $(d)\u00e9"
        code, out, text = act(*FLAG, "note", "--set", "value=" + odd)
        tap.check(is_done(code, out) and redis("get", "note") == odd,
                  "any text, byte by byte", text)
        redis("rpush", "list", "a")
        code, out, text = act(*FLAG, "list", "--set", "value=on")
        tap.check(code == 1 and "WRONGTYPE" in text or "type" in text,
                  "what is no string is told", text)
        for name, words in (("thottle", "did you mean throttle?"),
                            ("mode", "can't be faster; there is slow, fast")):
            code, out, text = act(*FLAG, name, "--set", "value=faster")
            tap.check(code in (1, 3) and words in text, words, text)


def check_redis_kill():
    """Several in one plan, by name and as a kill switch."""
    with Redis() as redis, Scratch() as scratch:
        act = Act(scratch, REDIS % redis.port)
        redis("set", "crawler", "true")
        code, out, text = act(*FLAG, "kill/outbound")
        tap.check(is_done(code, out) and redis("get", "crawler") == "false" and
                  redis("hget", "flags", "T") == "0" and
                  len(out["plan"]["sends"]) == 2,
                  "a kill switch sets all its flags", text)
        tap.check(json.loads(sets(out)["restore"]) ==
                  {"throttle": None, "crawler": "true"},
                  "its undo has each as it was", text)
        code, out, text = act(
            *FLAG, "throttle", "--target", "crawler", "--set",
            "restore=" + sets(out)["restore"])
        tap.check(is_done(code, out) and redis("get", "crawler") == "true" and
                  redis("hexists", "flags", "T") == "0", "and does so", text)
        redis("del", "crawler")
        redis("rpush", "crawler", "x")
        code, out, text = act(*FLAG, "throttle", "--target", "crawler",
                              "--set", "value=on")
        tap.check(code == 1 and redis("hexists", "flags", "T") == "0",
                  "one that can't be read: none is set", text)


def check_redis_faults():
    with Redis() as redis, Scratch() as scratch, Relay(redis.port) as relay:
        act = Act(scratch, REDIS % relay.port)
        redis("set", "crawler", "true")
        code, text = act.between([*FLAG, "crawler"],
                                 lambda: redis("set", "crawler", "maybe"))
        tap.check(code == 1 and "changed since you looked: it is maybe" in text
                  and redis("get", "crawler") == "maybe",
                  "what another set meanwhile stays", text)
        for cut, status, value in (("after", 0, "false"), ("before", 2,
                                                           "true")):
            redis("set", "crawler", "true")
            relay.lose(b"EVAL", cut)
            code, out, text = act(*FLAG, "crawler")
            tap.check(code == status and redis("get", "crawler") == value and
                      (out.get("outcome") or out["state"]) ==
                      ("done" if status == 0 else "IN DOUBT"),
                      "an answer that is lost, %s it was done" % cut, text)
        relay.close()
        code, out, text = act(*FLAG, "throttle")
        tap.check(code == 1 and out["outcome"] == "failed",
                  "nobody answers: told before", text)


POSTGRES = """platform: shop
env: test
sources: {db: {type: postgres, url: '%s'}}
flags:
  crawler:
    type: postgres
    db: db
    read: select enabled as value, changed as since, by as who from flags where name = 'crawler'
    write: update flags set enabled = $1, by = 'sevtop' where name = 'crawler' and enabled is not distinct from $2
  level:
    type: postgres
    db: db
    text: true
    read: select level from flags where name = 'crawler'
    write: update flags set level = $1 where name = 'crawler' and level is not distinct from $2
  nobody:
    type: postgres
    db: db
    read: select enabled from flags where name = 'nobody'
    write: update flags set enabled = $1 where name = 'nobody' and enabled = $2
  all:
    type: postgres
    db: db
    read: select enabled from flags where name = 'a'
    write: update flags set enabled = $1 where enabled is distinct from $1 or enabled is not distinct from $2
  typo:
    type: postgres
    db: db
    read: select enabled from flags where name = 'a'
    write: update flags set enabeld = $1 where enabled = $2
"""


def check_postgres():
    if not bin_dir():
        tap.skip("no PostgreSQL server (Debian: postgresql)")
        return
    with Postgres() as pg, Scratch() as scratch, Relay(pg.port) as relay:
        pg.sql("create role app login; create role reader login")
        pg.sql("create table flags (name text, enabled bool, level int, "
               "by text, changed timestamptz default '2026-01-02 03:04Z')")
        pg.sql("insert into flags values ('crawler', true, 3, 'ann')")
        pg.sql("insert into flags values ('a', true), ('b', true)")
        pg.sql("grant select, update on flags to app; "
               "grant select on flags to reader")
        act = Act(scratch, POSTGRES % pg.url("app", port=relay.port))

        def value(column="enabled", name="crawler"):
            return pg.sql("select %s from flags where name = '%s'" %
                          (column, name))
        code, out, text = act(*FLAG, "crawler")
        line = out.get("plan", {}).get("lines", [{}])[0]
        tap.check(is_done(code, out) and value() == "f" and
                  sets(out) == {"value": "on"} and
                  value("by") == "sevtop", "a row is set", text)
        tap.check(line["note"] == "since 2026-01-02T03:04:00.000Z by ann",
                  "the plan says since when and by whom", str(line))
        code, out, text = act(*FLAG, "level", "--set", "value=7")
        tap.check(is_done(code, out) and value("level") == "7" and
                  json.loads(sets(out)["restore"]) == {"level": "3"},
                  "a number", text)
        code, out, text = act(*FLAG, "level", "--set",
                              'restore={"level":null}')
        tap.check(is_done(code, out) and value("level") == "", "NULL", text)
        code, out, text = act(*FLAG, "level", "--set", "value=many")
        tap.check(code == 1 and "integer" in text and value("level") == "",
                  "what the column can't hold is told before", text)
        for name, words in (("nobody", "there is no row for it"),
                            ("typo", "enabeld")):
            code, out, text = act(*FLAG, name, "--set", "value=off")
            tap.check(code == 1 and words in text, "told before: " + words,
                      text)
        code, out, text = act(*FLAG, "all", "--set", "value=off")
        tap.check(code == 1 and "more than one row" in text and
                  pg.sql("select count(*) from flags where enabled") == "2",
                  "a statement for several rows changes none", text)
        code, text = act.between([*FLAG, "crawler"], lambda: pg.sql(
            "update flags set enabled = null where name = 'crawler'"))
        tap.check(code == 1 and "changed since you looked" in text and
                  value() == "", "what another set meanwhile stays", text)
        for cut, status, after in (("after", 0, "t"), ("before", 2, "f")):
            pg.sql("update flags set enabled = false where name = 'crawler'")
            relay.lose(b"WITH changed", cut, nth=2)
            code, out, text = act(*FLAG, "crawler")
            tap.check(code == status and value() == after and
                      (out.get("outcome") or out["state"]) ==
                      ("done" if status == 0 else "IN DOUBT"),
                      "an answer that is lost, %s it was done" % cut, text)
    with Postgres() as pg, Scratch() as scratch:
        pg.sql("create role reader login")
        pg.sql("create table flags (name text, enabled bool, level int, "
               "by text, changed timestamptz)")
        pg.sql("insert into flags values ('crawler', true)")
        pg.sql("grant select on flags to reader")
        code, out, text = Act(scratch, POSTGRES % pg.url("reader"))(
            *FLAG, "crawler")
        tap.check(code == 3 and "permission denied" in text and
                  not out.get("plan"), "no right to: told before", text)


HTTP = """platform: shop
env: test
sources: {x: {type: process, argv: [echo], log: true, read: lines}}
flags:
  crawler:
    type: http
    url: '%(url)s/v/${flag.name}'
    set_url: '%(url)s/v/${flag.name}?fault=%(fault)s'
    path: flag.value
    who: flag.by
    body: '{"value": ${flag.value}}'
    if_match: %(match)s
"""


def check_http():
    with Lying() as server, Scratch() as scratch:
        def act(fault="", match="false"):
            return Act(scratch, HTTP % {"url": server.url, "fault": fault,
                                        "match": match})
        server.values["crawler"] = True
        code, out, text = act(match="true")(*FLAG, "crawler")
        headers = server.requests[0][3]
        tap.check(is_done(code, out) and server.values["crawler"] is False and
                  headers.get("If-Match") == '"v0"' and
                  out["plan"]["lines"][0]["note"] == "by ann",
                  "a value of an API, under its ETag", text)
        for fault, status, outcome, value in (
                ("status=403", 1, "failed", False),
                ("status=409", 1, "failed", False),
                ("status=412", 1, "failed", False),
                ("status=429", 1, "failed", False),
                ("done=500", 0, "done", True),
                ("half", 0, "done", True),
                ("reset-done", 0, "done", True)):
            server.values["crawler"] = False
            del server.requests[:]
            code, out, text = act(fault)(*FLAG, "crawler")
            tap.check(code == status and server.values["crawler"] is value and
                      (out.get("outcome") or out["state"]) == outcome and
                      len(server.requests) == 1,
                      "%s: %s, sent once" % (fault, outcome), text)
        server.values["crawler"] = False
        code, text = act(match="true").between(
            [*FLAG, "crawler"],
            lambda: server.set("crawler", b'{"value": true}', "PUT"))
        tap.check(code == 1 and "changed since you looked" in text,
                  "what another set meanwhile stays", text)
        server.values.pop("crawler")
        code, out, text = act()(*FLAG, "crawler", "--set", "value=on")
        tap.check(is_done(code, out) and sets(out) is None and
                  "can't be taken back" in text,
                  "one that was not there has no undo, and that is said",
                  text)
        code, out, text = act("reset")(*FLAG, "crawler")
        tap.check(code == 2 and out["state"] == "IN DOUBT" and
                  server.values["crawler"] is True,
                  "not done and without an answer: in doubt", text)


FILE = """platform: shop
env: test
sources:
  up: {type: process, argv: [cat, up.json], health: {api: {path: api}}}
flags:
  throttle: {type: file, path: .env, variable: AUTO_THROTTLE, then: [sh, -c, 'echo "$0 $W"; cp ok.json up.json', again], env: {W: env:WHO}, health: up/api}
  link: {type: file, path: link.env, variable: A}
  hard: {type: file, path: hard.env, variable: A}
  broken: {type: file, path: .env, variable: B, then: [sh, -c, 'echo no such container; exit 4']}
  hangs: {type: file, path: .env, variable: C, then: [sleep, '60'], timeout: 300ms}
  noprog: {type: file, path: .env, variable: C, then: [no-such-program]}
  nofile: {type: file, path: nowhere/.env}
  jwt: {type: file, path: .env, variable: JWT_SECRET, secret: true, class: disruptive}
"""
ENV = """# kept
A=1
export AUTO_THROTTLE="false"   # for incidents
JWT_SECRET=%s
B=false
"""
OLD, NEW = "an-old-secret-value", "a-new-secret-value!"


def check_file():
    with Scratch() as scratch:
        path = scratch.file(".env", ENV % OLD)
        os.chmod(path, 0o640)
        scratch.file("ok.json", '{"api": "ok"}')
        scratch.file("up.json", '{"api": "down"}')
        act = Act(scratch, FILE, WHO="me", NEW_SECRET=NEW)

        def content():
            with open(path, encoding="utf-8") as f:
                return f.read()
        code, out, text = act(*FLAG, "throttle")
        tap.check(is_done(code, out) and content() == (ENV % OLD).replace(
            '"false"', "true") and out["output"] == ["again me"] and
            stat.S_IMODE(os.stat(path).st_mode) == 0o640,
            "one line, its comment and the mode stay, then the program", text)
        with open(scratch.file("up.json"), encoding="utf-8") as f:
            tap.check("ok" in f.read(), "and its health is waited for")
        os.symlink(".env", scratch.file("link.env"))
        code, out, text = act(*FLAG, "link", "--set", "value=on")
        tap.check(is_done(code, out) and "A=true\n" in content() and
                  os.path.islink(scratch.file("link.env")) and
                  "until it is started anew" in text,
                  "a link stays one; without a program that is said", text)
        os.link(path, scratch.file("hard.env"))
        code, out, text = act(*FLAG, "hard", "--set", "value=off")
        tap.check(code == 1 and "hard link" in text and
                  "A=true\n" in content(), "a second name: refused", text)
        os.remove(scratch.file("hard.env"))
        code, out, text = act(*FLAG, "broken")
        tap.check(code == 2 and out["outcome"] == "partly done" and
                  "B=true" in content() and "no such container" in text and
                  "does not count" in out["words"],
                  "the program fails: written, and it does not count", text)
        code, out, text = act(*FLAG, "hangs", "--set", "value=on")
        tap.check(code == 2 and out["outcome"] == "partly done" and
                  content().endswith("C=true\n") and
                  "time limit" in out["words"],
                  "it hangs: the same; a new line is added", text)
        code, out, text = act(*FLAG, "hangs", "--set",
                              'restore={"hangs":null}')
        tap.check("C=" not in content(), "and removed again", text)
        for name, words in (("noprog", "no-such-program"),
                            ("nofile", "nowhere/.env")):
            code, out, text = act(*FLAG, name, "--set", "value=on")
            tap.check(code == 1 and words in text and not out.get("plan"),
                      "told before: " + words, text)
        code, text = act.between(
            [*FLAG, "throttle"], lambda: scratch.file(".env", (
                ENV % OLD).replace('"false"', "maybe")))
        tap.check(code == 1 and "changed since you looked" in text and
                  "maybe" in content(), "what another wrote stays", text)
        check_secret(scratch, act, content)


def check_secret(scratch, act, content):
    scratch.file(".env", ENV % OLD)
    code, out, text = act(*FLAG, "jwt", "--set", "value=" + NEW)
    tap.check(code == 3 and "never typed" in text and OLD in content(),
              "a secret's value is not taken", text)
    code, out, text = act(*FLAG, "jwt", "--set", "value=env:NOT_SET")
    tap.check(code == 1 and OLD in content(), "a missing one: not changed",
              text)
    kept = scratch.file("state/sevtop/kept")
    tap.check(not os.path.isdir(kept) or os.listdir(kept) == [],
              "and no second copy of it is left")
    code, out, text = act(*FLAG, "jwt", "--set",
                          'restore={"jwt": "%s"}' % NEW)
    tap.check(code in (1, 3) and "never typed" in text and OLD in content(),
              "nor is it taken as what to put back", text)
    code, out, text = act(*FLAG, "jwt", "--set", "value=env:NEW_SECRET")
    tap.check(is_done(code, out) and NEW in content(), "it is replaced", text)
    tap.check(OLD not in text and NEW not in text, "and never shown", text)
    undo = sets(out)["restore"]
    kept = json.loads(undo)["jwt"]
    tap.check(kept.startswith("file:") and
              stat.S_IMODE(os.stat(kept[5:]).st_mode) == 0o600,
              "the old one is kept, for its owner only", undo)
    code, out, text = act(*FLAG, "jwt", "--set", "restore=" + undo)
    tap.check(is_done(code, out) and OLD in content(), "and comes back", text)
    found = []
    for folder, _, names in os.walk(scratch.file("state")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                data = f.read()
            if os.sep + "kept" not in folder and (
                    OLD.encode() in data or NEW.encode() in data):
                found.append(name)
    tap.check(not found, "no record holds either", str(found))


class Unleash(http.server.BaseHTTPRequestHandler):
    """What flags of type unleash need of its admin API."""
    features = {}
    log = []
    cut = False
    TOKEN = "*:*.secret-admin-token"

    def log_message(self, *_):
        pass

    def answer(self, status, body=None):
        data = json.dumps(body or {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def parts(self):
        if self.headers.get("Authorization") != self.TOKEN:
            self.answer(401, {"name": "AuthenticationRequired"})
            return None
        found = re.fullmatch(
            r"/api/admin/projects/default/features/([^/]+)"
            r"(?:/environments/([^/]+)/(on|off))?", self.path)
        if not found or found[1] not in self.features:
            self.answer(404, {"name": "NotFoundError"})
            return None
        return found

    def do_GET(self):
        found = self.parts()
        if found:
            self.answer(200, {
                "name": found[1], "project": "default", "environments": [
                    {"name": name, "enabled": on, "type": name}
                    for name, on in self.features[found[1]].items()]})

    def do_POST(self):
        found = self.parts()
        if not found:
            return
        self.log.append(self.path)
        self.features[found[1]][found[2]] = found[3] == "on"
        if self.cut:
            self.connection.close()
            self.close_connection = True
            return
        self.answer(200)


UNLEASH = """platform: shop
env: test
sources: {x: {type: process, argv: [echo], log: true, read: lines}}
flags:
  new-ui: {type: unleash, url: '%(url)s/', token: env:UNLEASH_TOKEN}
  gone: {type: unleash, url: '%(url)s', token: env:UNLEASH_TOKEN}
  nowhere: {type: unleash, url: '%(url)s', token: env:UNLEASH_TOKEN, feature: new-ui, environment: qa}
"""


def check_unleash():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Unleash)
    thread = threading.Thread(target=server.serve_forever,
                              kwargs={"poll_interval": 0.05})
    thread.start()
    Unleash.features["new-ui"] = {"development": True, "production": True}
    on = Unleash.features["new-ui"]
    try:
        with Scratch() as scratch:
            text = UNLEASH % {"url": "http://127.0.0.1:%d" %
                              server.server_port}
            act = Act(scratch, text, UNLEASH_TOKEN=Unleash.TOKEN)
            code, out, text_ = act(*FLAG, "new-ui")
            tap.check(is_done(code, out) and not on["production"] and
                      on["development"] and Unleash.log ==
                      ["/api/admin/projects/default/features/new-ui/"
                       "environments/production/off"] and
                      sets(out) == {"value": "on"} and
                      Unleash.TOKEN not in text_,
                      "a feature is switched in one environment", text_)
            for name, words in (("gone", "has no feature gone"),
                                ("nowhere", "development, production")):
                code, out, text_ = act(*FLAG, name)
                tap.check(code == 1 and words in text_, words, text_)
            Unleash.cut = True
            code, out, text_ = act(*FLAG, "new-ui")
            tap.check(is_done(code, out) and on["production"] and
                      len(Unleash.log) == 2,
                      "done without an answer: found by reading back", text_)
            Unleash.cut = False
            code, text_ = act.between(
                [*FLAG, "new-ui"], lambda: on.update(production=False))
            tap.check(code == 1 and "changed since you looked" in text_,
                      "switched by another meanwhile", text_)
            code, out, text_ = Act(scratch, text, UNLEASH_TOKEN="other")(
                *FLAG, "new-ui")
            tap.check(code in (1, 3) and "401" in text_ and
                      len(Unleash.log) == 2, "a wrong token", text_)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def press(term, key, regex, gone=False):
    """A key that decides counts only when it comes alone and late enough."""
    def try_it():
        term.send(key)
        try:
            (term.wait_no_text if gone else term.wait_text)(regex, 1)
        except TimeoutError:
            return False
        return True
    until(try_it, regex)


def check_several(redis, term):
    """Tagged flags get one value, which is asked for, in one plan."""
    redis("hset", "flags", "T", "1")
    term.wait_text(r"throttle +on ")
    term.send("gj")
    for name in ("throttle", "crawler"):
        term.wait_text(r"^> %s " % name)
        term.send("x")
        term.wait_text(r"^ \*%s " % name)
    term.wait_text(r"^flags \d+, 2 tagged")
    press(term, "F", r"Space: the next of on, off")
    tap.check("restore" not in term.text(), "only what a person may say is "
              "asked", term.text())
    press(term, " ", r"> value +on")
    press(term, " ", r"> value +off")
    press(term, "\r", r"throttle +on → off")
    tap.check(re.search(r"crawler +on → off", term.text()),
              "the plan shows every target", term.text())
    press(term, "y", r"DONE, verified")
    tap.check(redis("get", "crawler") == "false" and
              redis("hget", "flags", "T") == "0",
              "tagged flags are set together")


def check_screen():
    """All flags on one panel; F flips; a change by others is an event."""
    with Redis() as redis, Scratch() as scratch:
        config = scratch.file("flags.yaml", (REDIS % redis.port).replace(
            "sources: {", "sources: {flags: {type: flags, every: 500ms}, "))
        redis("set", "crawler", "true")
        redis("rpush", "list", "x")
        with Dashboard(scratch, "-c", config, size=(24, 100)) as term:
            term.send("b")
            term.wait_text(r"crawler +on ")
            tap.check(re.search(r"list +unread .*WRONGTYPE", term.text()),
                      "one that can't be read says why", term.text())
            redis("set", "crawler", "false")
            term.wait_text(r"crawler +off +\d\d:\d\d:\d\d")
            term.send("jj")
            term.wait_text(r"\d\d:\d\d:\d\d  on to off")
            tap.check(True, "a change by others is seen and told")
            press(term, "F", r"crawler +off → on")
            press(term, "y", r"DONE, verified")
            tap.check(redis("get", "crawler") == "true",
                      "F and y flip the selected one")
            press(term, "\r", r"DONE, verified", gone=True)
            term.wait_text(r"^> crawler +on ")
            tap.check(True, "and its new value is seen")
            check_several(redis, term)


WATCH = """platform: shop
env: test
sources: {redis: {type: redis, url: 'redis://127.0.0.1:%d', every: 500ms}}
signals: {busy: {title: Clients, value: redis_clients, crit: "> 0"}}
flags: {crawler: {type: redis, source: redis, name: crawler, watch: busy}}
"""


def check_watch():
    """From the alert of a signal to the flag that says it mends it."""
    with Redis() as redis, Scratch() as scratch:
        config = scratch.file("watch.yaml", WATCH % redis.port)
        redis("set", "crawler", "true")
        with Dashboard(scratch, "-c", config, size=(24, 110)) as term:
            term.wait_text(r"^> . +Clients .*  F flag crawler$")
            tap.check(True, "an alert names the flag that mends it")
            press(term, "F", r"crawler +on → off")
            press(term, "y", r"DONE, verified")
            tap.check(redis("get", "crawler") == "false",
                      "and F is about it, from the alert itself")


if __name__ == "__main__":
    need_redis()
    tap.run(check_redis, check_redis_kill, check_redis_faults, check_postgres,
            check_http, check_file, check_unleash, check_screen,
            check_watch)
