#!/usr/bin/python3
"""Sessions of a real PostgreSQL ended by `sevtop act`: the right ones, those
and no others, and what it says of each is what happened, whatever comes in
between."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from actkit import (Act, Relay, Screen, is_done,  # noqa: E402
                    is_refused, reach)
from pgkit import Postgres, need_postgres  # noqa: E402
from ptykit import tap  # noqa: E402
from worldkit import Scratch, stopped, until  # noqa: E402

SETUP = """
CREATE ROLE app LOGIN; CREATE ROLE shop2 LOGIN; CREATE ROLE boss SUPERUSER
LOGIN; CREATE ROLE watch LOGIN; GRANT pg_monitor, pg_signal_backend TO watch;
CREATE ROLE weak LOGIN; GRANT pg_monitor TO weak; CREATE ROLE blind LOGIN;
CREATE ROLE repl LOGIN REPLICATION"""


def pg_act(user="watch", port=None, scratch=None):
    """`sevtop act` on the server in a role."""
    return Act(scratch or SCRATCH, "%s-%s" % (user, port),
               "db: {type: postgres, url: %r}" % PG.url(user, "shop", port))


def chain(pg, n=5):
    """Sessions each of which waits for the one before; the first is idle."""
    pg.sql("DROP TABLE IF EXISTS t; CREATE TABLE t AS SELECT g AS id, 0 AS v "
           "FROM generate_series(1, 9) g; GRANT ALL ON t TO app, shop2",
           "shop")
    list_ = []
    for i in range(n):
        s = pg.session(app="chain%d" % i)
        s.do("BEGIN; UPDATE t SET v = 1 WHERE id = %d" % (i + 1))
        if i > 0:
            s.send("UPDATE t SET v = 2 WHERE id = %d; COMMIT" % i)
        list_.append(s)
        if i > 0:
            pg.until_waits(*list_[1:])
    return list_


def test_unblock():
    five = chain(PG)
    plan, err = ACT.plan("pg.unblock")
    tap.check(reach(plan, "sessions wait behind") == [4] and
              plan["lines"][0]["label"] == "pid %d" % five[0].pid and
              "idle in transaction" in plan["lines"][0]["old"] and
              "chain0 of app" in plan["lines"][0]["note"] and
              len(plan["samples"]) == 4,
              "the plan names the root of five and who waits", str(plan) + err)
    tap.check(PG.alive(*five) == 5, "a plan ends nobody")
    plan, err = ACT.plan("pg.unblock", five[4].pid)
    tap.check(plan.get("lines", [{}])[0].get("label") ==
              "pid %d" % five[0].pid,
              "from any row of the queue it is the same root", err)
    is_done(ACT("pg.unblock"), "unblock is done", "it has ended")
    for s in five[1:]:
        s.result()
    tap.check(PG.alive(*five[1:]) == 4 and PG.alive(five[0]) == 0 and
              PG.sql("SELECT string_agg(v::text, '' ORDER BY id) FROM t",
                     "shop") == "222210000",
              "the root is gone, the four others committed",
              PG.sql("SELECT string_agg(v::text, '' ORDER BY id) FROM t",
                     "shop"))
    code, out, err = ACT("pg.unblock")
    tap.check(code == 0 and out["plan"]["nothing"],
              "with nobody waiting there is nothing to do", err)
    is_refused(ACT("pg.unblock", five[1].pid),
               "who holds nobody up is not ended", "neither waits")
    PG.close_sessions()


def test_unblock_changed():
    """The transaction of the root ends while the plan is read."""
    a, b = chain(PG, 2)
    with ACT.held("pg.unblock") as held:
        a.do("COMMIT")
        b.result()
        a.do("BEGIN; SELECT 1")
        status, text = held.go()
    tap.check(status == 1 and "its transaction had ended" in text and
              PG.alive(a) == 1, "a root that let go is left alone", text)
    PG.close_sessions()


def test_cancel():
    s = PG.session()
    s.send("SELECT pg_sleep(100)")
    PG.until_active(s)
    plan, err = ACT.plan("pg.cancel", s.pid)
    tap.check(plan.get("class") == "disruptive" and
              "pg_sleep" in plan["lines"][0]["note"],
              "the plan shows the statement", err)
    is_done(ACT("pg.cancel", s.pid), "cancel is done")
    said = s.result()
    tap.check("canceling statement due to user request" in said and
              PG.alive(s) == 1, "the statement ended, the session is there",
              said)
    is_refused(ACT("pg.cancel", s.pid), "an idle session has nothing to "
               "cancel", "is idle")
    s.do("BEGIN; SELECT 1")
    is_refused(ACT("pg.cancel", s.pid),
               "where a cancel changes nothing it says what does",
               "idle in transaction", "pg.terminate")
    PG.close_sessions()


def test_cancel_next():
    """The statement ends in between: the next one is not hit."""
    s = PG.session()
    s.send("SELECT pg_sleep(100)")
    PG.until_active(s)
    with ACT.held("pg.cancel", s.pid) as held:
        PG.sql("SELECT pg_cancel_backend(%d)" % s.pid)
        s.result()
        s.send("SELECT pg_sleep(100)")
        PG.until_active(s)
        status, text = held.go()
    tap.check(status == 1 and "its statement had ended: nothing was sent" in
              text, "another statement is not cancelled", text)
    tap.check(PG.sql("SELECT state FROM pg_stat_activity WHERE pid = %d" %
                     s.pid) == "active", "and it runs on")
    PG.close_sessions()


def test_terminate():
    s, other = PG.session(app="api"), PG.session()
    s.do("BEGIN; CREATE TEMP TABLE x(); SELECT 1")
    plan, err = ACT.plan("pg.terminate", s.pid)
    traps = " ".join(plan.get("traps", []))
    tap.check("dead rows" in traps and "pool" in traps and
              "undo" not in plan, "the plan warns of what is lost",
              str(plan) + err)
    is_done(ACT("pg.terminate", s.pid), "terminate is done")
    tap.check(PG.alive(s) == 0 and PG.alive(other) == 1,
              "that session is gone, the other is not")
    code, out, err = ACT("pg.terminate", s.pid)
    tap.check(code == 1 and "no session has pid" in out.get("words", "") + err,
              "one that is gone is not found", str((code, out, err)))
    start = int(start_of(other))
    is_refused(ACT("pg.terminate", "%d:%d" % (other.pid, start - 1)),
               "a pid that is another session's is refused",
               "is another session now")
    is_done(ACT("pg.terminate", "%d:%d" % (other.pid, start)),
            "and the very session is ended")
    PG.close_sessions()


def test_terminate_gone():
    s, t = PG.session(), PG.session()
    with ACT.held("pg.terminate", s.pid, t.pid) as held:
        s.close()
        until(lambda: PG.alive(s) == 0, "its end")
        status, text = held.go()
    tap.check(status == 2 and "1 of 2 done" in text and
              "it had gone already: nothing was sent" in text and
              PG.alive(t) == 0, "each of two has its own result", text)
    PG.close_sessions()


def test_screen():
    """From a row of the locks, by keys."""
    five = chain(PG)
    with Screen(SCRATCH, "-c", ACT.config) as screen:
        screen.wait_text("^sevtop  shop ")
        screen.panel(5, "db")
        screen.wait_text(r"^>? +%d +chain0" % five[0].pid)
        screen.press("K")
        screen.wait_text("END SESSION")
        screen.wait_text("pid %d +idle in transaction" % five[0].pid)
        screen.press("y")
        screen.wait_text("Why is it done")
        screen.send("five wait")
        screen.press("\r")
        screen.wait_text("DONE, verified")
    for s in five[1:]:
        s.result()
    tap.check(PG.alive(*five) == 4, "K on the row of a root ends it")
    rows = [json.loads(line) for line in SCRATCH.run(
        "audit", "export").stdout.splitlines()]
    tap.check([r["target"] for r in rows if r["kind"] == "intent"][-1] ==
              str(five[0].pid), "on record by its pid", str(rows[-1]))
    PG.close_sessions()


def start_of(session):
    return PG.sql("SELECT (extract(epoch FROM backend_start) * 1000000)"
                  "::bigint FROM pg_stat_activity WHERE pid = %d" %
                  session.pid).encode()


def test_pid_reused():
    """The kernel does not hand out a pid on demand, so the relay makes the
    time at which the session was seen to begin another: to the server the
    pid is somebody else's by then."""
    s = PG.session()
    start = start_of(s)
    with Relay(PG.port) as relay:
        act = pg_act(port=relay.port)
        with act.held("pg.terminate", s.pid) as held:
            relay.swap = (start, b"%d" % (int(start) - 1))
            status, text = held.go()
    tap.check(status == 1 and "gone by now: nothing was sent" in text and
              PG.alive(s) == 1, "a pid used again is left alone", text)
    PG.close_sessions()


def test_exempt():
    """What is not ended even when it is named."""
    boss = PG.session("boss")
    auto = PG.sql("SELECT pid FROM pg_stat_activity WHERE backend_type = "
                  "'autovacuum launcher'")
    walsender = wal_sender()
    is_refused(ACT("pg.terminate", boss.pid), "a superuser is left alone",
               "superuser boss")
    is_refused(ACT("pg.terminate", auto), "autovacuum is left alone",
               "autovacuum launcher")
    is_refused(ACT("pg.terminate", walsender[1]), "replication is left alone",
               "walsender")
    other = pg_act("boss")
    app = PG.session()
    tap.check("superuser that sevtop uses" in " ".join(
        other.plan("pg.terminate", boss.pid)[0].get("traps", [])),
              "a session of our own superuser is warned of")
    is_done(other("pg.terminate", app.pid), "a superuser may end others")
    walsender[0].kill()
    walsender[0].wait(30)
    PG.close_sessions()


def wal_sender():
    """A client that takes the WAL; its process, and its pid at the server."""
    folder = os.path.join(PG.dir, "wal")
    os.makedirs(folder, exist_ok=True)
    proc = subprocess.Popen(
        ["pg_receivewal", "-D", folder, "-d", PG.url("repl")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid = until(lambda: PG.sql("SELECT pid FROM pg_stat_activity WHERE "
                               "backend_type = 'walsender' AND state = "
                               "'active'"), "a walsender")
    return proc, pid


def age_of(session):
    return float(PG.sql("SELECT extract(epoch FROM clock_timestamp() - "
                        "greatest(state_change, query_start)) FROM "
                        "pg_stat_activity WHERE pid = %d" % session.pid))


def left_alone(plan):
    return {line["note"].split(":")[0]: line["old"] for line in plan["lines"]
            if line["label"] == "left alone"}


def test_idle():
    leaky = [PG.session(app="leaky") for _ in range(3)]
    api = PG.session(app="api")
    boss, there = PG.session("boss"), PG.session("app", "postgres")
    in_tx = PG.session(app="api")
    in_tx.do("BEGIN; SELECT 1")
    sender = wal_sender()
    until(lambda: age_of(in_tx) > 1.1, "age")
    plan, err = ACT.plan("pg.terminate_idle", "older=1s")
    tap.check(reach(plan, "sessions") == [4] and plan["sample_total"] == 4
              if "sample_total" in plan else reach(plan, "sessions") == [4],
              "four idle sessions are found", str(plan) + err)
    left = left_alone(plan)
    tap.check(left.get("of superusers") == "1" and
              left.get("in other databases") == "1",
              "and who is left alone", str(left))
    tap.check("1 more, idle inside a transaction" in " ".join(plan["traps"]),
              "the usual culprit is pointed at", str(plan["traps"]))
    is_done(ACT("pg.terminate_idle", "older=1s", "app=leaky"),
            "only those of one program", "all 3 ended")
    tap.check(PG.alive(*leaky) == 0 and
              PG.alive(api, boss, there, in_tx) == 4 and
              sender[0].poll() is None, "and no other")
    is_done(ACT("pg.terminate_idle", "older=1s", "state=in_transaction"),
            "those inside a transaction", "all 1 ended")
    tap.check(PG.alive(in_tx) == 0 and PG.alive(api) == 1, "and they only")
    is_done(ACT("pg.terminate_idle", "older=1s", "database=postgres"),
            "those of another database", "all 1 ended")
    tap.check(PG.alive(there) == 0 and PG.alive(api, boss) == 2,
              "and they only")
    code, out, err = ACT("pg.terminate_idle")
    tap.check(code == 0 and out["plan"]["nothing"],
              "nobody idles for ten minutes", str((code, out, err)))
    sender[0].kill()
    sender[0].wait(30)
    PG.close_sessions()


def test_idle_used():
    """One is taken out of the pool again while the plan is read."""
    pool = [PG.session(app="pool") for _ in range(3)]
    until(lambda: age_of(pool[2]) > 1.1, "age")
    with ACT.held("pg.terminate_idle", "older=1s") as held:
        pool[1].do("SELECT 1")
        status, text = held.go()
    tap.check(status == 0 and "2 of 3 ended, 1 in use again" in text and
              PG.alive(pool[1]) == 1 and PG.alive(*pool) == 1,
              "a session in use again is left alone", text)
    PG.close_sessions()


def test_active():
    PG.sql("CREATE TABLE IF NOT EXISTS big(); GRANT ALL ON big TO app; "
           "ALTER TABLE big OWNER TO app; GRANT CREATE ON SCHEMA public TO "
           "app", "shop")
    lock = PG.session("boss")
    lock.do("BEGIN; LOCK TABLE big IN ACCESS EXCLUSIVE MODE")
    slow = [PG.session(app="api") for _ in range(2)]
    for s in slow:
        s.send("SELECT pg_sleep(100)")
    build, idle = PG.session(), PG.session()
    build.send("/* nightly */ CREATE INDEX ON big((1))")
    dump = subprocess.Popen(
        ["pg_dump", PG.url("app", "shop"), "-t", "big", "-f", os.devnull],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sender = wal_sender()
    until(lambda: PG.sql("SELECT count(*) FROM pg_stat_activity WHERE state = "
                         "'active' AND backend_type = 'client backend' AND "
                         "query_start < clock_timestamp() - interval '1.1 s' "
                         "AND pid <> pg_backend_pid()") == "4", "four")
    plan, err = ACT.plan("pg.terminate_active", "older=1s")
    left = left_alone(plan)
    tap.check(reach(plan, "sessions") == [2] and
              left.get("dumps and copies") == "1" and
              left.get("index builds, vacuum and schema changes") == "1",
              "two statements, not the dump, the index build, the walsender",
              str(plan) + err)
    is_done(ACT("pg.terminate_active", "older=1s"), "they are ended",
            "all 2 ended")
    tap.check(PG.alive(*slow) == 0 and PG.alive(build, idle, lock) == 3 and
              dump.poll() is None and sender[0].poll() is None,
              "and nothing else")
    lock.do("ROLLBACK")
    tap.check(dump.wait(30) == 0 and "ERROR" not in build.result(),
              "the dump and the index build come to their end")
    sender[0].kill()
    sender[0].wait(30)
    PG.close_sessions()


def test_rights():
    s = PG.session()
    s.send("SELECT pg_sleep(100)")
    PG.until_active(s)
    weak, blind = pg_act("weak"), pg_act("blind")
    is_refused(weak("pg.cancel", s.pid), "who may only look is told so",
               "role weak may not end sessions of app",
               "GRANT pg_signal_backend TO weak")
    until(lambda: age_of(s) > 1.1, "age")
    is_refused(weak("pg.terminate_active", "older=1s"),
               "for many at once as well", "GRANT pg_signal_backend TO weak")
    is_refused(blind("pg.terminate", s.pid), "who may not even look, too",
               "GRANT pg_monitor")
    is_refused(blind("pg.terminate_active", "older=1s"), "and for many",
               "may not see what")
    with ACT.held("pg.terminate", s.pid) as held:
        PG.sql("REVOKE pg_signal_backend FROM watch")
        status, text = held.go()
        PG.sql("GRANT pg_signal_backend TO watch")
    tap.check(status == 1 and "lacks a right" in text and PG.alive(s) == 1,
              "a right lost in between is the server's word", text)
    code, out, err = pg_act("nobody")("pg.unblock")
    tap.check(code == 1 and "refused" in out.get("words", ""),
              "who may not log in has failed", str((code, out, err)))
    PG.close_sessions()


def test_lost():
    """The line breaks while the signal is on its way."""
    with Relay(PG.port) as relay:
        act = pg_act(port=relay.port)
        s = PG.session()
        relay.lose(b"pg_terminate_backend", "after")
        code, out, err = act("pg.terminate", s.pid)
        tap.check(code == 0 and out["outcome"] == "done" and
                  PG.alive(s) == 0,
                  "done, though the answer was lost", str((code, out, err)))
        s = PG.session()
        relay.lose(b"pg_terminate_backend", "before")
        code, out, err = act("pg.terminate", s.pid, "--timeout 1.5")
        tap.check(code == 2 and out["state"] == "IN DOUBT" and
                  "do not repeat" not in out["words"] and PG.alive(s) == 1,
                  "in doubt, when nobody can know", str((code, out, err)))
    with Relay(PG.port) as relay, Scratch() as scratch:
        act = pg_act(port=relay.port, scratch=scratch)
        five = [PG.session(app="five") for _ in range(5)]
        until(lambda: age_of(five[4]) > 1.1, "age")
        relay.lose(b"pg_terminate_backend", "after", 3)
        code, out, err = act("pg.terminate_idle", "older=1s", "app=five",
                             "--timeout 1.5")
        tap.check(code == 2 and "2 of 5 were signalled, then no answer" in
                  out["words"] and PG.alive(*five) == 2,
                  "of many, how far it came", str((code, out, err)))
    PG.close_sessions()


def test_server_gone():
    s = PG.session()
    with ACT.held("pg.terminate", s.pid) as held:
        PG.stop()
        status, text = held.go()
    tap.check(status == 1 and "not sent" in text and "refused" in text,
              "a stopped server: nothing was sent", text)
    PG.start()
    s = PG.session()
    with ACT.held("pg.terminate", s.pid) as held:
        PG.stop()
        PG.start()
        status, text = held.go()
    tap.check(status == 1 and "not sent: changed since you looked" in text and
              "was restarted" in text, "a restarted one: neither", text)
    s = PG.session()
    with ACT.held("pg.terminate", s.pid) as held:
        with stopped(PG.proc.pid):
            status, text = held.go()
    tap.check(status == 1 and "not sent" in text and PG.alive(s) == 1,
              "a frozen one: neither", text)
    PG.close_sessions()


def test_failover():
    with Postgres(copy_of=PG) as standby, Relay(PG.port) as relay:
        act = pg_act(port=relay.port)
        s = PG.session()
        with act.held("pg.terminate", s.pid) as held:
            relay.to = standby.port
            status, text = held.go()
        tap.check(status == 1 and "not sent: changed since you looked" in text
                  and "is a standby now" in text,
                  "a failover to a standby is seen", text)
        there = standby.session()
        is_done(act("pg.terminate", there.pid), "a session of a standby ends")
        relay.to = PG.port
        with act.held("pg.terminate", s.pid) as held:
            standby.sql("SELECT pg_promote()")
            until(lambda: standby.sql("SELECT pg_is_in_recovery()") == "f",
                  "the promotion")
            relay.to = standby.port
            status, text = held.go()
        tap.check(status == 1 and "not sent: changed since you looked" in text
                  and PG.alive(s) == 1, "and one to a promoted one", text)
    PG.close_sessions()


if __name__ == "__main__":
    need_postgres()
    with Scratch() as SCRATCH, Postgres() as PG:
        for statement in SETUP.split(";"):
            PG.sql(statement)
        PG.sql("CREATE DATABASE shop")
        ACT = pg_act()
        names = sys.argv[1:] or [n for n in list(globals())
                                 if n.startswith("test_")]
        tap.run(*[globals()[n] for n in names])
