#!/usr/bin/python3
"""Keys of a real Redis deleted, a snapshot written, memory given back, all
by `sevtop act`: those keys and no others, and what it says is what happened,
also when the server refuses, changes or falls silent."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from actkit import (Act, Held, Redis, Relay, Screen,  # noqa: E402
                    is_done, is_refused, reach)
from ptykit import tap  # noqa: E402
from worldkit import SLOW, Scratch, need_redis, until  # noqa: E402

MANY = 20000 if SLOW else 100000


def redis_act(redis, user="", port=None, scratch=None):
    """`sevtop act` on a server, maybe as a user, maybe through a relay."""
    url = "redis://%s127.0.0.1:%d" % (user, port or redis.port)
    return Act(scratch or SCRATCH, "%s%d" % (user[:4], port or redis.port),
               "cache: {type: redis, url: %r}" % url)


def fill(redis, pattern, n, *more):
    """n keys; pattern has a place for their number."""
    redis.cli(*more, feed="".join("SET %s v%d\n" % (pattern % i, i)
                                  for i in range(n)))


def failed(result, name, *words):
    code, out, err = result
    said = out.get("words", "") + err
    tap.check(code == 1 and all(w in said for w in words), name,
              str((code, out.get("outcome"), said)))


def counted(redis, pattern, *more):
    return len(redis.cli(*more, "--scan", "--pattern", pattern).split())


def test_delete():
    with Redis() as redis:
        act = redis_act(redis)
        fill(redis, "cache:words:%d", MANY)
        fill(redis, "cache:other:%d", 50)
        fill(redis, "order:%d", 30)
        fill(redis, "cache:words:%d", 20, "-n", "1")
        redis.cli("SET", "cache:words:bin\\x00", "x", "EX", "1000")
        redis.cli("SET", "cache:words:0", "x", "EX", "1000")
        plan, err = act.plan("redis.delete_pattern", "pattern=cache:words:*")
        tap.check(reach(plan, "keys") == [MANY + 1] and
                  plan["class"] == "disruptive" and
                  plan["sample_total"] == MANY + 1 and
                  plan["lines"][0]["label"] == "db0" and
                  plan["lines"][0]["new"] == "80 keys" and
                  "never expire" in " ".join(plan["traps"]) and
                  0 < reach(plan, "of memory, as the samples go")[0] < 1e9,
                  "the plan counts and samples", str(plan)[:600] + err)
        tap.check("string, " in plan["samples"][0] and
                  counted(redis, "*") == MANY + 81, "and touches nothing",
                  plan["samples"][0])
        is_done(act("redis.delete_pattern", "pattern=cache:words:*",
                    "rate=1000000"), "%d keys are deleted" % MANY,
                "%s keys are gone" % format(MANY + 1, ","))
        tap.check(counted(redis, "cache:words:*") == 0 and
                  counted(redis, "cache:other:*") == 50 and
                  counted(redis, "order:*") == 30 and
                  counted(redis, "*", "-n", "1") == 20, "and no others")
        tap.check("cmdstat_keys:" not in redis.cli("INFO", "commandstats"),
                  "KEYS was never asked")
        is_done(act("redis.delete_pattern", "1", "pattern=cache:words:1?"),
                "in another database", "10 keys are gone")
        tap.check(counted(redis, "*", "-n", "1") == 10, "only there")
        code, out, err = act("redis.delete_pattern", "pattern=cache:words:*")
        tap.check(code == 0 and out["plan"]["nothing"],
                  "what matches nothing is nothing to do", err)


def test_delete_all():
    with Redis() as redis:
        act = redis_act(redis)
        fill(redis, "cache:%d", 300)
        for pattern in ("*", "**", "?*", "cache:*", "*:*"):
            is_refused(act("redis.delete_pattern", "pattern=" + pattern),
                       "%s leaves no key" % pattern, "every key of db0",
                       "all=true")
        plan, err = act.plan("redis.delete_pattern", "pattern=*", "all=true")
        tap.check(plan.get("class") == "destructive" and
                  plan.get("word", "cache/db0") == "cache/db0" and
                  counted(redis, "*") == 300,
                  "when it is meant it is destructive", str(plan) + err)
        is_refused(act("redis.delete_pattern", "db0x", "pattern=a*"),
                   "db0x is no database", "named by its number")
        is_done(act("redis.delete_pattern", "pattern=*", "all=true"),
                "and done", "300 keys are gone")
        code, out, err = act("redis.delete_pattern")
        tap.check(code == 64 and "pattern" in err,
                  "a pattern has to be given", str((code, out, err)))


def make_queue(redis):
    redis.cli(feed="""HSET bull:mail:meta opts.maxLenEvents 10000
        INCR bull:mail:id
        ZADD bull:mail:failed 1 7
        HSET bull:mail:7 name x
        INCR bull:old:id
        RPUSH bull:old:wait 1
        SET session:1:id x
        """)


def test_queues():
    with Redis() as redis:
        act = redis_act(redis)
        make_queue(redis)
        fill(redis, "cache:%d", 10)
        plan, err = act.plan("redis.delete_pattern", "pattern=bull:*")
        traps = " ".join(plan.get("traps", []))
        tap.check(plan.get("class") == "destructive" and
                  "2 queues are in there" in traps and "bull:mail" in traps
                  and "bull:old" in traps,
                  "queues among the keys make it destructive",
                  str(plan) + err)
        plan, err = act.plan("redis.flushdb", "db0")
        traps = " ".join(plan.get("traps", []))
        tap.check("2 queues are in there" in traps and "session" not in traps,
                  "and are named before all is deleted", str(plan) + err)


def test_flush():
    with Redis() as redis:
        act = redis_act(redis)
        fill(redis, "a:%d", 500)
        fill(redis, "b:%d", 40, "-n", "3")
        plan, err = act.plan("redis.flushdb", "db0")
        lines = {line["label"]: line for line in plan.get("lines", [])}
        tap.check(plan.get("class") == "destructive" and
                  lines["db0"]["old"] == "500 keys" and
                  lines["db3"]["note"] == "left alone" and
                  plan["sample_total"] == 500, "the plan tells what is where",
                  str(plan) + err)
        with Held(act, act.words("redis.flushdb", "db0")) as held:
            held.send("tidy up\r")
            held.wait_text("type cache/db0 to do it")
            held.send("cache/db3\r")
            status = held.wait_end()
            tap.check(status != 0 and redis.cli("DBSIZE") == "500",
                      "another name typed does nothing", held.text())
        with Held(act, act.words("redis.flushdb", "db0")) as held:
            held.send("tidy up\r")
            held.wait_text("type cache/db0 to do it")
            held.send("cache/db0\r")
            status = held.wait_end()
            held.settle()
            tap.check(status == 0 and "500 keys are gone" in held.text(),
                      "the right one empties it", held.text())
        tap.check(redis.cli("DBSIZE") == "0" and
                  redis.cli("-n", "3", "DBSIZE") == "40", "and that one only")
        code, out, err = act("redis.flushdb")
        tap.check(code == 64 and "needs a target" in err,
                  "a database has to be named", str((code, err)))


def test_screen():
    """From the panel: a pattern out of those that there are, and a row of
    the key space."""
    with Redis() as redis:
        act = redis_act(redis)
        fill(redis, "cache:words:%d", 50)
        fill(redis, "order:%d", 5)
        with Screen(SCRATCH, "-c", act.config) as screen:
            screen.wait_text("^sevtop  shop ")
            screen.panel(6, "cache")
            screen.wait_text("keys 55")
            screen.press("X")
            screen.wait_text("^│ 3 +Delete keys")
            screen.press("3")
            screen.wait_text(r"the next of cache:words:\*, order:\*")
            screen.press(" ")
            screen.wait_text(r"pattern +cache:words:\*")
            screen.press("\r")
            screen.wait_text(r"55 keys → 5 keys   50 match cache:words:\*")
            screen.press("y")
            screen.wait_text("Why is it done")
            screen.send("stale words")
            screen.press("\r")
            screen.wait_text("50 keys are gone")
            tap.check(redis.cli("DBSIZE") == "5", "a pattern by keys")
            screen.press("\r")
            screen.wait_no_text("50 keys are gone")
            screen.send("ss")
            screen.wait_text("^> +db0 ")
            screen.press("X")
            screen.wait_text("^│ 2 +Delete all keys +destructive")
            screen.press("2")
            screen.wait_text("5 keys → 0 keys")
            screen.press("y")
            screen.wait_text("Why is it done")
            screen.send("start over")
            screen.press("\r")
            screen.wait_text("TYPE THE NAME")
            screen.send("cache/db0")
            screen.press("\r")
            screen.wait_text("5 keys are gone, 0 are left")
        tap.check(redis.cli("DBSIZE") == "0", "and a whole database by name")


def test_save():
    with Redis("--enable-protected-configs", "yes") as redis:
        act = redis_act(redis)
        fill(redis, "a:%d", 1000)
        plan, err = act.plan("redis.bgsave")
        tap.check(plan.get("class") == "reversible" and
                  redis.dir in plan["lines"][0]["note"] and
                  reach(plan, "changes since the last one") == [1000],
                  "the plan tells where to and how much", str(plan) + err)
        is_done(act("redis.bgsave"), "a snapshot is written", "written in")
        tap.check(os.path.getsize(os.path.join(redis.dir, "dump.rdb")) > 5000,
                  "and there")
        redis.cli("CONFIG", "SET", "rdb-key-save-delay", "2000")
        redis.cli("BGSAVE")
        code, out, err = act("redis.bgsave")
        tap.check(code == 3 and "under way already" in out["words"],
                  "not while another is written", str((code, out, err)))
        redis.cli("CONFIG", "SET", "rdb-key-save-delay", "0")
        until(lambda: "rdb_bgsave_in_progress:0" in
              redis.cli("INFO", "persistence"), "its end", 60)
        redis.cli("CONFIG", "SET", "rdb-key-save-delay", "1500")
        is_done(act("redis.bgsave"), "a slow one is waited for",
                "written in")
        redis.cli("CONFIG", "SET", "rdb-key-save-delay", "0")
        redis.cli("CONFIG", "SET", "dir", "/proc")
        failed(act("redis.bgsave"), "one that fails is no success",
               "the snapshot failed")
        failed(act("redis.bgsave"), "nor is the next", "the snapshot failed")


def test_memory():
    with Redis() as redis:
        act = redis_act(redis)
        fill(redis, "a:%d", 20000)
        redis.cli("FLUSHDB")
        plan, err = act.plan("redis.memory_purge")
        tap.check(plan.get("class") == "reversible", "a plan", err)
        is_done(act("redis.memory_purge"), "memory is given back", "resident")


def test_refused():
    """What the server refuses, and in which words."""
    with Redis("--enable-protected-configs", "yes") as redis, \
            Redis("--replicaof", "127.0.0.1 %d" % redis.port) as replica:
        fill(redis, "a:%d", 50)
        fill(redis, "b:%d", 5)
        until(lambda: replica.cli("DBSIZE") == "55", "a copy")
        for action, *words in (("redis.delete_pattern", "pattern=a:*"),
                               ("redis.flushdb", "0")):
            is_refused(redis_act(replica)(action, *words),
                       action + " is refused on a replica",
                       "is a replica: do it on its primary 127.0.0.1:%d" %
                       redis.port)
        redis.cli("ACL", "SETUSER", "look", "on", ">pw", "~*", "+@read",
                  "+@connection", "+info", "+time", "+memory|usage")
        look = redis_act(redis, "look:pw@")
        for action, *words in (("redis.delete_pattern", "pattern=a:*"),
                               ("redis.flushdb", "0"), ("redis.bgsave",),
                               ("redis.memory_purge",)):
            failed(look(action, *words), action + " without the right",
                   "NOPERM")
        redis.cli("ACL", "SETUSER", "deaf", "on", ">pw", "~*", "+@write",
                  "+@connection")
        code, out, err = redis_act(redis, "deaf:pw@")("redis.flushdb", "0")
        tap.check(code == 3 and "NOPERM" in out["words"],
                  "who may not see INFO can't plan", str((code, out, err)))
        failed(redis_act(redis, "look:no@")("redis.bgsave"),
               "a wrong password", "wrong")
        redis.cli("CONFIG", "SET", "maxmemory", "1")
        redis.cli("CONFIG", "SET", "dir", "/proc")
        redis.cli("CONFIG", "SET", "save", "1 1")
        redis.cli("BGSAVE")
        until(lambda: "rdb_last_bgsave_status:err" in
              redis.cli("INFO", "persistence"), "a failed snapshot")
        failed(redis_act(redis)("redis.delete_pattern", "pattern=a:*"),
               "MISCONF is told as it is", "MISCONF", "disk")
        tap.check(redis.cli("DBSIZE") == "55", "no key is lost to any of it")
        redis.cli("CONFIG", "SET", "save", "")
        is_done(redis_act(redis)("redis.delete_pattern", "pattern=a:*"),
                "a full server can be relieved", "50 keys are gone")


def test_changed():
    """Restarted, gone or frozen between the plan and its confirmation."""
    with Redis() as redis:
        act = redis_act(redis)
        fill(redis, "a:%d", 50)
        fill(redis, "b:%d", 5)
        with act.held("redis.delete_pattern", "pattern=a:*") as held:
            redis.stop()
            redis.start()
            fill(redis, "a:%d", 50)
            status, text = held.go()
        tap.check(status == 1 and "not sent: changed since you looked" in text
                  and redis.cli("DBSIZE") == "50",
                  "another start of the server is another server", text)
        fill(redis, "b:%d", 5)
        with act.held("redis.delete_pattern", "pattern=a:*") as held:
            redis.stop()
            status, text = held.go()
        tap.check(status == 1 and "not sent" in text and "refused" in text,
                  "a stopped one: nothing was sent", text)
        redis.start()
        fill(redis, "a:%d", 50)
        fill(redis, "b:%d", 5)


def test_lost():
    """The line breaks while it is deleted."""
    with Redis() as redis, Relay(redis.port) as relay:
        act = redis_act(redis, port=relay.port)
        fill(redis, "a:%d", 4000)
        fill(redis, "b:%d", 5)
        relay.lose(b"UNLINK", "after", 3)
        code, out, err = act("redis.delete_pattern", "pattern=a:*")
        left = counted(redis, "a:*")
        tap.check(code == 2 and out["outcome"] == "partly done" and
                  re.search(r"\d[\d,]+ of about 4,000 keys are gone, and of "
                            r"\d+ more it is not known", out["words"]) and
                  2000 < left < 3000,
                  "how far it came, and what is not known",
                  str((code, out.get("words"), left, err)))
        redis.cli("FLUSHALL")
        fill(redis, "a:%d", 400)
        fill(redis, "b:%d", 5)
        relay.lose(b"UNLINK", "after")
        is_done(act("redis.delete_pattern", "pattern=a:*"),
                "without any answer it is read back",
                "no key matches any more")
        relay.lose(b"FLUSHDB", "after")
        is_done(act("redis.flushdb", "0"), "FLUSHDB without an answer, too",
                "the database is empty")
        fill(redis, "a:%d", 400)
        relay.lose(b"FLUSHDB", "before")
        code, out, err = act("redis.flushdb", "0", "--timeout 1.5")
        tap.check(code == 2 and out["state"] == "IN DOUBT" and
                  redis.cli("DBSIZE") == "400",
                  "and one that never came stays in doubt", str((code, err)))
    with Redis() as redis, Relay(redis.port) as relay, Scratch() as scratch:
        act = redis_act(redis, port=relay.port, scratch=scratch)
        relay.lose(b"BGSAVE", "after")
        is_done(act("redis.bgsave"), "a snapshot whose answer was lost",
                "written in")
        relay.lose(b"PURGE", "after")
        is_done(act("redis.memory_purge"), "memory, too", "resident")


if __name__ == "__main__":
    need_redis()
    with Scratch() as SCRATCH:
        names = sys.argv[1:] or [n for n in list(globals())
                                 if n.startswith("test_")]
        tap.run(*[globals()[n] for n in names])
