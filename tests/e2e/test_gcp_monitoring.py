#!/usr/bin/python3
"""Cloud Monitoring on the screen: figures, objectives, faults, many revisions.

The practice world is asked every second, which no project's quota allows.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import SLOW, Dashboard, Scratch, World  # noqa: E402

CONF = """
platform: golden
sources:
  run:
    type: gcp.run
    project: vistralai
    endpoint: ${RUN_ENDPOINT}
    regions: [us-central1]
    every: 1s
  figures:
    type: gcp.monitoring
    project: vistralai
    endpoint: ${MONITORING_ENDPOINT}
    every: 1s
    quota: 100000
signals:
  errors:
    title: Errors of all
    value: run_error_ratio
    agg: max
    warn: "> 1%"
    crit: "> 5%"
  burn:
    title: Budget burn
    value: 'slo_burn_rate{window="1h"}'
    agg: max
    warn: "> 1"
    crit: "> 14.4"
"""
KEYS_MS = 10


class VistralAI(World):
    platform = "vistralai"


def dashboard(scratch, world, size):
    return Dashboard(scratch, "-c", scratch.file("golden.yaml", CONF),
                     env=world.env, size=size)


def test_figures():
    """Beside what Cloud Run says of a service, and in the objectives."""
    with Scratch() as s, VistralAI(s, "--seed", "7") as world, \
            dashboard(s, world, (30, 160)) as t:
        t.panel(7, "services")
        t.wait_text(r"^[> ] vistralai +ready .* \d of 20 +[\d.]+/s +[\d.]+ % ")
        t.wait_text(r"ok 99 % of requests without 5xx +99\.\d+ % of 99 % in ")
        tap.check(True, "instances, requests, errors and objectives")
        t.send("<")
        t.wait_text(r"^> vistralai +99 % of requests.* met +99\.\d+ % +99 %")
        t.send("\r")
        t.wait_text(r"period 30 days +burn 1h [\d.]+")
        t.wait_text(r"burn 3d [\d.]+")
        tap.check(True, "an objective with all its burn rates")
        t.escape("burn 3d")
        world.fault("on", "bad-release")
        t.wait_text(r"CRIT")
        t.panel(1, "overview")
        t.wait_text(r"Errors of all +\d\d\.\d %")
        tap.check(True, "a bad release is an alert by its figures")
        t.panel(7, "services")
        t.wait_text(r"^[> ] vistralai .* \d\d\.\d % ")
        tap.check(True, "and in the row of the service")


def test_faults():
    with Scratch() as s, VistralAI(s, "--seed", "7") as world, \
            dashboard(s, world, (24, 120)) as t:
        t.panel(0, "sources")
        t.send("j")
        t.wait_text(r"^> figures +ok ")
        t.wait_text(r"ok pace +[\d.]+ of 10000 questions a minute")
        tap.check(True, "the pace is on the screen")
        world.fault("on", "lag")
        t.wait_text(r"samples +the newest is 3m\d\ds old")
        tap.check(True, "and so is the age of the samples")
        world.fault("off", "lag")
        t.wait_text(r"samples +the newest is [12]?m?\d\ds old")
        world.fault("on", "quota")
        t.wait_text(r"^> figures +LIMITED ")
        t.wait_text(r"too many questions for the quota ReadPerMinute.*; it asks")
        tap.check(True, "too many questions are said to be that")
        world.fault("off", "quota")


def test_many_revisions():
    """200 revisions: keys take no longer, and the newest are there."""
    with Scratch() as s, VistralAI(s, "--seed", "7") as world:
        world.fault("on", "many-revisions")
        once = s.run("once", "-c", s.file("golden.yaml", CONF), "-o", "json",
                     env=s.env(**world.env))
        table = json.loads(once.stdout)["platforms"][0]["tables"]["revisions"]
        tap.check(len(table["rows"]) == 202, "all of them, of two services",
                  len(table["rows"]))
        with dashboard(s, world, (30, 120)) as t:
            t.panel(7, "services")
            t.wait_text(r"^[> ] vistralai +ready ")
            ms = t.key_ms(((0, "sources"), (7, "services")))
            tap.check(ms < KEYS_MS or SLOW, "a key takes %.1f ms" % ms)
            cpu = t.cpu_s()
            t.wait_text(r"^sevtop ")
            tap.check(cpu < 3, "and all of it %.2f s of a core" % cpu)


if __name__ == "__main__":
    tap.run(test_figures, test_faults, test_many_revisions)
