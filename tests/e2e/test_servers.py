#!/usr/bin/python3
"""The panels of the servers, database and cache, on the practice world's own
PostgreSQL and Redis: who waits for whom, what is slow, who holds the
connections, and old numbers with their time while a server is gone."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import (SLOW, Dashboard, Scratch, World,  # noqa: E402
                      need_redis)

DATABASE, CACHE, OVERVIEW = (5, "d"), (6, "cache"), (1, "overview")

CONFIG = """platform: shop
env: staging
sources:
  db: {type: postgres, url: env:DATABASE_URL, every: 1s, statements_every: 1s,
       lock_crit: 3s}
  redis: {type: redis, url: env:REDIS_URL, every: 1s}
"""


def check_locks(t, w):
    t.panel(*DATABASE)
    t.wait_text(r"waiting for locks none")
    w.fault("on", "lock-pileup")
    t.wait_text(r"waiting for locks \d+, longest [1-9]\d*s")
    tap.check(re.search(r"^.*jobs.* blocks \d+, idle in ", t.text(), re.M),
              "the root blocker is named", t.text())
    t.send("ss")
    t.wait_text(r"\d+ +jobs .*blocks \d+ for \d+s.*\n.*[└├]─\d+ .*waits \d+s")
    tap.check(True, "who waits for it is a tree below it")
    t.send("g\r")
    t.wait_text(r"^session \d+ .*jobs")
    tap.check(re.search(r"select pg_terminate_backend\(\d+\);", t.text()),
              "what could be done is said", t.text())
    t.escape(r"^session \d+")
    t.panel(*OVERVIEW)
    t.wait_text(r"✗ +locks +\d+ wait")
    t.send("\r")
    t.wait_text(r"blocks \d+ for \d+s")
    tap.check(True, "its alert leads to the tree")
    w.fault("off", "lock-pileup")
    t.wait_text("no session blocks another")
    tap.check(True, "over: it says so")


def check_slow(t, w):
    w.fault("on", "slow-statement")
    t.send("ss")
    t.wait_text(r"[\d,.]+ % +[\d.]+/s +[4-9]\.\d s .*SELECT prompt_id")
    tap.check(True, "the slow statement is first among them")
    t.send("f")
    t.wait_text("^filter")
    t.send("prompt_id\r")
    t.wait_text(r"1 of \d+, filter prompt_id")
    tap.check(True, "a filter is told beside the views")
    t.send("f\x15\r")
    w.fault("off", "slow-statement")


def check_gone(t, w):
    t.send("g<<<<")
    w.fault("on", "db-gone")
    t.wait_text(r"^database db .*(STALE|DOWN) \d+s: ")
    t.wait_text(r"as of \d\d:\d\d:\d\d +connections \d+ of \d+")
    t.wait_text(r"✗ .*refused the connection")
    tap.check(True, "gone: the reason, and the last numbers with their time")
    w.fault("off", "db-gone")
    t.wait_text(r"^database db .*─ \ds?$")
    t.wait_no_text("as of ")
    tap.check(True, "back: fresh again by itself")


def check_cache(t, w):
    t.panel(*CACHE)
    t.wait_text(r"memory [\d.]+ MB of [\d.]+ MB █·+ +policy noeviction")
    t.wait_text(r"operations [\d,]+/s\s+clients \d+ of 10k, \d+ blocked")
    tap.check(True, "memory against its limit, what then, and who asks")
    t.send("ss")
    t.wait_text(r"^> db0 +\d+ +\d+")
    tap.check(True, "the key space")


def test_servers():
    with Scratch() as s, World(s, "--seed", "7") as w:
        if "DATABASE_URL" not in w.env:
            tap.skip("no PostgreSQL server (Debian: postgresql)")
            return
        config = s.file("two.yaml", CONFIG)
        with Dashboard(s, "-c", config, env=w.env) as t:
            t.wait_text(r"^sevtop .* 2/2 ")
            check_locks(t, w)
            check_slow(t, w)
            check_gone(t, w)
            check_cache(t, w)
            quit_s = t.quit_s()
            tap.check(quit_s < 1 or SLOW, "q ends it in %.2f s" % quit_s)
            tap.check(t.restored() == [], "terminal restored", t.restored())


if __name__ == "__main__":
    need_redis()
    tap.run(test_servers)
