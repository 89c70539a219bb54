#!/usr/bin/python3
"""Mitigations on Cloud Run, the whole program on the practice world: each is
planned, done, read back and undone; what goes wrong there is told as it is;
and the keys from a firing alert to its end are counted.
"""
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from actkit import Screen, is_done  # noqa: E402
from ptykit import tap  # noqa: E402
from worldkit import SEVTOP, Scratch, World, until  # noqa: E402

CONFIG = """\
platform: shop
env: test
sources:
  run:
    type: gcp.run
    project: "${GOOGLE_CLOUD_PROJECT}"
    endpoint: "${RUN_ENDPOINT}"
    regions: [us-central1]
    flags: [CLAUDE_MODEL]
    every: 1s
%s
flags:
  firecrawl: {type: run, source: run, service: vistralai,
              variable: USE_FIRECRAWL}
  queue: {type: run, source: run, service: vistralai, variable: USE_BULL_QUEUE}
  api: {type: run, source: run, service: vistralai, variable: USE_REAL_API}
kill:
  mocks: [firecrawl, queue, api]
"""
SIGNALS = """\
  golden:
    type: gcp.monitoring
    project: "${GOOGLE_CLOUD_PROJECT}"
    endpoint: "${MONITORING_ENDPOINT}"
    every: 2s
signals:
  errors:
    title: Errors
    value: 'run_error_ratio{service="vistralai"}'
    crit: "> 5%"
"""


class VistralAI(World):
    platform = "vistralai"


class Shop:
    """`sevtop act` on that world, and what `sevtop once` says of it."""

    def __init__(self, scratch, world, signals=""):
        self.scratch, self.world = scratch, world
        self.config = scratch.file("shop.yaml", CONFIG % signals)
        self.env = scratch.env(**world.env)

    def words(self, action, target, *sets):
        return ["act", "-c", self.config, action, "--target", target] + [
            word for s in sets for word in ("--set", s)]

    def run(self, args, *more):
        done = self.scratch.run(*args, *more, "-o", "json", env=self.env)
        out = json.loads(done.stdout) if done.stdout.strip() else {}
        return done.returncode, out, done.stderr

    def __call__(self, action, *sets, target="vistralai"):
        return self.run(self.words(action, target, *sets), "--yes")

    def plan(self, action, *sets, target="vistralai"):
        return self.run(self.words(action, target, *sets), "--plan")[1]["plan"]

    def undo(self, plan):
        """Does what a plan says that takes it back."""
        asked = plan["undo"]
        args = ["act", "-c", self.config, asked["action"]]
        for target in asked["targets"]:
            args += ["--target", target["name"]]
        for name, value in asked.get("set", {}).items():
            args += ["--set", "%s=%s" % (name, value)]
        return self.run(args, "--yes")

    def row(self, table="services", key="vistralai"):
        done = self.scratch.run("once", "-c", self.config, "-o", "json",
                                env=self.env)
        rows = json.loads(done.stdout)["platforms"][0]["tables"][table]["rows"]
        return [row for row in rows if key in row.values()][0]

    def patches(self):
        path = os.path.join(self.world.env["SEVTOP_SIM_DIR"],
                            "requests.jsonl")
        with open(path) as log:
            return sum('"PATCH"' in line for line in log)


def test_each():
    """Planned, done, verified, undone: the service is as it was before."""
    with Scratch() as s, VistralAI(s, "--seed", "7") as world:
        shop = Shop(s, world)
        keep = ("traffic", "pin", "min", "max", "flags")
        for action, sets, column, words in (
                ("run.rollback", [], "pin", "pinned"),
                ("run.traffic", ["to=hold"], "pin", "pinned"),
                ("run.scale", ["min=2", "max=50"], "max", "50"),
                ("run.resize", ["memory=4Gi", "cpu=4"], None, ""),
                ("run.flags", ["USE_FIRECRAWL=false", "USE_REAL_API=false"],
                 "flags", "USE_FIRECRAWL=false")):
            before = shop.row()
            plan = shop.plan(action, *sets)
            sent = shop.patches()
            is_done(shop(action, *sets), "%s is done" % action)
            after = shop.row()
            tap.check(shop.patches() == sent + 1, "by one request")
            if column:
                tap.check(words in str(after[column]),
                          "and shows: %s" % after[column], after)
            is_done(shop.undo(plan), "and undone")
            again = shop.row()
            told = {k: (before[k], again[k]) for k in keep
                    if k != "traffic" and before[k] != again[k]}
            tap.check(not told, "all as it was", told)


def test_kill_switch():
    with Scratch() as s, VistralAI(s, "--seed", "7") as world:
        shop = Shop(s, world)
        sent = shop.patches()
        plan = shop.plan("flag.set", target="kill/mocks")
        is_done(shop("flag.set", target="kill/mocks"), "a kill switch")
        tap.check(shop.patches() == sent + 1, "is one request")
        flags = shop.row()["flags"]
        tap.check(all(name + "=false" in flags for name in (
            "USE_FIRECRAWL", "USE_BULL_QUEUE", "USE_REAL_API")),
            "which sets all three", flags)
        is_done(shop.undo(plan), "its undo")
        flags = shop.row()["flags"]
        tap.check("false" not in flags and shop.patches() == sent + 2,
                  "is one, too", flags)


def test_pin():
    """What a pin does to later changes is said before, and is so."""
    with Scratch() as s, VistralAI(s, "--seed", "7") as world:
        shop = Shop(s, world)
        is_done(shop("run.rollback"), "rolled back")
        serves = shop.row()["traffic"]
        plan = shop.plan("run.flags", "USE_FIRECRAWL=false")
        tap.check(any("pinned" in t and "run.traffic to=latest" in t
                      for t in plan["traps"]), "the plan tells of the pin",
                  plan["traps"])
        is_done(shop("run.flags", "USE_FIRECRAWL=false"), "a flag")
        tap.check(shop.row()["traffic"] == serves, "reaches nobody",
                  shop.row()["traffic"])
        is_done(shop("run.traffic", "to=latest"), "until it goes to latest")
        tap.check(shop.row()["pin"] == "latest" and
                  shop.row()["traffic"] != serves, "which it does")


def test_faults():
    """What goes wrong at Google, and what is true then."""
    with Scratch() as s, VistralAI(s, "--seed", "7") as world:
        shop = Shop(s, world)
        for fault, action, sets, code, outcome, words in (
                ("conflict", "run.scale", ["max=40"], 1, "failed",
                 "changed since you looked"),
                ("no-permission", "run.scale", ["max=40"], 1, "failed",
                 "run.services.update is missing; ask for roles/"
                 "run.developer"),
                ("late-failure", "run.flags", ["USE_FIRECRAWL=false"], 2,
                 "failed, maybe in part done", "the new revision failed"),
                ("late-failure", "run.scale", ["max=41"], 2,
                 "failed, maybe in part done", "not so. Google: "),
                ("token-expired", "run.scale", ["max=42"], 0, "done", "")):
            world.fault("on", fault)
            got, out, err = shop(action, *sets)
            world.fault("off", fault)
            tap.check(got == code and out.get("outcome") == outcome and
                      words in out.get("words", ""),
                      "%s: %s %s" % (fault, action, outcome),
                      str((got, out.get("outcome"), out.get("words"), err)))
        world.fault("on", "quota")
        code, out, err = shop("run.scale", "max=43")
        world.fault("off", "quota")
        tap.check(code == 1 and "quota" in out.get("words", "") + err,
                  "quota: no plan", str((code, out, err)))


def test_stuck():
    """An operation that does not end is no end: it is read back on."""
    with Scratch() as s, VistralAI(s, "--seed", "7") as world:
        shop = Shop(s, world)
        world.fault("on", "stuck-operation")
        sent = shop.patches()
        act = subprocess.Popen(
            [SEVTOP] + shop.words("run.traffic", "vistralai", "to=hold") +
            ["--yes", "-o", "json"], env=shop.env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        until(lambda: shop.patches() > sent, "a request")
        time.sleep(1)
        tap.check(act.poll() is None, "it waits for what does not end")
        world.fault("off", "stuck-operation")
        out = json.loads(act.communicate(timeout=60)[0])
        tap.check(act.returncode == 0 and out["outcome"] == "done",
                  "and sees the end", out)
        tap.check(shop.patches() == sent + 1, "it was sent once")


def test_keys():
    """From a firing alert to moved traffic: R y, and with the key that opens
    what it is about, three. A kill switch: b F y."""
    with Scratch() as s, VistralAI(s, "--fault", "bad-release") as world:
        shop = Shop(s, world, SIGNALS)
        with Screen(s, "-c", shop.config, env=world.env,
                    size=(30, 110)) as t:
            t.wait_text(r"^> ✗ +Errors ", 90)
            t.wait_text(r"run +Cloud Run")  # and the release is out
            t.press("R")
            t.wait_text("y roll back now")
            tap.check(re.search(r"1\.5\.0, .*old", t.text()) is not None,
                      "R proposes to leave the bad release", t.text())
            t.press("y")
            t.wait_text("DONE, verified")
            tap.check(True, "two keys from the alert to moved traffic")
            t.press("\r")
            t.wait_no_text("Enter close")
            t.press("b")
            t.wait_text(r"^> kill mocks")
            t.press("F")
            t.wait_text("y set now")
            tap.check("3 flags that change" in t.text() and
                      "traffic is pinned" in t.text(),
                      "F on the kill switch, with the pin", t.text())
            t.press("y")
            t.wait_text("DONE, verified")
            tap.check(True, "three keys to a kill switch")
        tap.check(shop.row()["pin"] == "pinned", "the traffic is where it was "
                  "moved to", shop.row())


if __name__ == "__main__":
    tap.run(test_each, test_kill_switch, test_pin, test_faults, test_stuck,
            test_keys)
