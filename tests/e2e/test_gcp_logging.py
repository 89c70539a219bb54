#!/usr/bin/python3
"""Cloud Logging, Memorystore and builds on the screen: an incident, a flood
of lines, a share of the quota that is too small for it, and refusals.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import SLOW, Dashboard, Scratch, World  # noqa: E402

CONF = """
platform: cloud
sources:
  log:
    type: gcp.logging
    project: vistralai
    endpoint: ${LOGGING_ENDPOINT}
    every: 2s
    share: %d
    filters:
      crawler: jsonPayload.message:"Firecrawl request failed"
  store: {type: gcp.redis, project: vistralai, endpoint: "${MEMORYSTORE_ENDPOINT}", every: 1s}
  builds: {type: gcp.build, project: vistralai, endpoint: "${BUILD_ENDPOINT}", every: 1s}
  run: {type: gcp.run, project: vistralai, endpoint: "${RUN_ENDPOINT}", regions: [us-central1], every: 1s}
signals:
  crawler:
    title: Crawler
    growth: 'log_matches{search="crawler"}'
    window: 1m
    crit: "> 3"
"""
LOG = """{type: gcp.logging, project: vistralai, share: 3,
    endpoint: "${LOGGING_ENDPOINT}"}"""
TWO = "platform: two\nsources:\n  a: %s\n  b: %s\n" % (LOG, LOG)
KEYS_MS = 10


class VistralAI(World):
    platform = "vistralai"


def dashboard(scratch, world, size, share=1):
    return Dashboard(scratch, "-c", scratch.file("cloud.yaml", CONF % share),
                     env=world.env, size=size)


def test_incident():
    with Scratch() as s, VistralAI(s, "--seed", "7") as world, \
            dashboard(s, world, (24, 80)) as t:
        t.panel(3, "logs")
        t.wait_text(r"INFO +(GET|POST) 200 /\S+ +service=")
        tap.check(True, "requests are lines")
        world.fault("on", "firecrawl-down")
        t.wait_text(r"ERROR Firecrawl request failed: 503 Service Unavail")
        tap.check(True, "errors come as they are logged")
        t.wait_text(r"CRIT")
        found = s.run("logs", "-c", s.file("cloud.yaml", CONF % 1),
                      "--filter", "@crawler", env=s.env(**world.env))
        heads = [line for line in found.stdout.splitlines()
                 if " service=" in line]
        tap.check(heads and all("filter=crawler" in line for line in heads),
                  "a named filter shows its lines alone", found)
        t.panel(1, "overview")
        t.wait_text(r"Crawler")
        tap.check(True, "a named filter is an alert")
        t.panel(6, "cache")
        t.wait_text(r"ok store vistralai-redis: standard ha, 1 GB, Redis 7\.0")
        world.fault("on", "redis-gone")
        t.wait_text(r"store vistralai-redis: repairing: ")
        tap.check(True, "Memorystore says how it is, in the cache panel")
        world.fault("on", "bad-release")
        t.panel(7, "services")
        t.send("j")  # behind the one in trouble
        t.wait_text(r"change +build done after \d+m")
        tap.check(True, "a build stands with the changes of its service")


def test_flood():
    """Every line of 500 a second, and no key waits for them."""
    with Scratch() as s, VistralAI(s, "--seed", "7") as world:
        world.fault("on", "log-flood")
        with dashboard(s, world, (30, 120)) as t:
            t.panel(3, "logs")
            t.wait_text(r"^logs  FOLLOW  [4-6]\d\d lines/s  0 dropped")
            ms = t.key_ms(((0, "sources"), (3, "logs")))
            tap.check(ms < KEYS_MS or SLOW, "a key takes %.1f ms" % ms)
            t.panel(3, "logs")
            t.wait_text(r"^logs  FOLLOW  [4-6]\d\d lines/s  0 dropped")
            tap.check(True, "none is left out")


def test_share():
    """One of ten: what its share leaves out is said and counted."""
    with Scratch() as s, VistralAI(s, "--seed", "7") as world:
        world.fault("on", "log-flood")
        with dashboard(s, world, (30, 120), share=10) as t:
            t.panel(0, "sources")
            t.wait_text(r"pace +at most a question every 12s: 60 a minute, sh")
            t.wait_text(r"left out +about [\d,]+ entries at last")
            tap.check(True, "how much is left out is on the screen")
            t.panel(3, "logs")
            t.wait_text(r"^logs  FOLLOW  [\d,.k]+ dropped")
            tap.check(True, "and counted")
        once = s.run("once", "-c", s.file("two.yaml", TWO), "-o", "json",
                     env=s.env(**world.env))
        pace = [row["detail"] for row in
                json.loads(once.stdout)["platforms"][0]["health"]
                if row["target"] == "pace"]
        tap.check(pace == 2 * ["at most a question every 6s: 60 a minute, "
                               "shared by 3 dashboards, each with 2 such "
                               "sources"],
                  "two sources share what their dashboard has", pace)


def test_refused():
    with Scratch() as s, VistralAI(s, "--seed", "7") as world, \
            dashboard(s, world, (30, 120)) as t:
        t.panel(0, "sources")
        t.wait_text(r"^> log +ok ")
        world.fault("on", "token-expired")
        t.wait_text(r"^> log +ok +[0-2]s ")
        tap.check(True, "a token that ended is replaced")
        world.fault("on", "quota")
        t.wait_text(r"^> log +LIMITED ")
        t.wait_text(r"Cloud Logging: too many questions for the quota")
        tap.check(True, "too many questions are said to be that")


if __name__ == "__main__":
    tap.run(test_incident, test_flood, test_share, test_refused)
