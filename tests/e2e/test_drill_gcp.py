#!/usr/bin/python3
"""The platforms on Google Cloud in their practice worlds: what they show, and
each of their scenarios, from the firing alert to the end by the mitigation of
its runbook, with the keys counted."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_act_screen  # noqa: E402
from platformkit import profile  # noqa: E402
from ptykit import tap  # noqa: E402
from test_act_screen import rows  # noqa: E402
from worldkit import Dashboard, Scratch, World, until  # noqa: E402

# Intervals and windows of seconds, and no share of a quota with others.
QUICK = (("every: 60s", "every: 2s"), ("every: 30s", "every: 2s"),
         ("every: 10s", "every: 1s"), ("for: 5m", "for: 1s"),
         ("recover_for: 2m", "recover_for: 1s"), ("for: 2m", "for: 1s"),
         ("    type: gcp.logging\n",
          "    type: gcp.logging\n    every: 2s\n    share: 1\n"),
         ("    type: gcp.monitoring\n",
          "    type: gcp.monitoring\n    quota: 100000\n"),
         ("${MONITORING_EVERY:-60s}", "2s"))


class VistralAI(World):
    platform = "vistralai"
    settings = {"SEVTOP_SIM_SETTLE_MS": "600"}


class Fluxori(World):
    platform = "fluxori"
    settings = {"SEVTOP_SIM_SETTLE_MS": "600"}


def quick(scratch, platform):
    with open(profile(platform), encoding="utf-8") as f:
        text = f.read()
    for old, new in QUICK:
        text = text.replace(old, new)
    return scratch.file("quick.yaml", text)


class Screen(test_act_screen.Screen):
    """The dashboard on a platform in a hurry."""

    def __init__(self, scratch, world, **kw):
        Dashboard.__init__(self, scratch, "-c", quick(scratch, world.platform),
                           "--env", "drill", env=world.env, **kw)
        self.wait_text("^sevtop  %s " % world.platform)

    def selected(self):
        """The words of the alert that is selected."""
        found = re.search(r"^> \S+ +(\S.*?)  ", self.text(), re.M)
        return found.group(1) if found else ""

    def select(self, alert):
        """Leads to a firing alert, as its reader does."""
        self.wait_text(r"^[> ] [!✗] +%s .* for \S+ " % alert)
        for _ in range(20):
            was = self.selected()
            if was == alert:
                return
            self.press("j")
            self.wait(lambda was=was: self.selected() != was, "another alert")


def once(scratch, world):
    """What `sevtop once` says of the platform."""
    done = scratch.run("once", "-p", world.platform, "--env", "drill", "-o",
                       "json", env=scratch.env(**world.env))
    return json.loads(done.stdout)["platforms"][0]


def test_seen():
    for kind, services in (
            (VistralAI, {"vistralai", "firecrawl-service"}),
            (Fluxori, {"africa-south1/fluxori-backend",
                       "africa-south1/fluxori-frontend",
                       "europe-west4/fluxori-backend"})):
        with Scratch() as s, kind(s, "--seed", "7") as world:
            rows = {h["target"]: h["state"]
                    for h in once(s, world)["health"] if h["source"] == "run"}
            tap.check({t for t, state in rows.items() if state == "ok"} >=
                      services, "%s: all services are ready" % kind.platform,
                      rows)


def test_services():
    """A service and what it is judged by are one row, by its short name."""
    with Scratch() as s, Fluxori(s) as world, Dashboard(
            s, "-p", "fluxori", "--env", "drill", env=world.env) as t:
        t.panel(7, "services")
        t.wait_text(r"^services 3 ")
        for name in ("backend", "frontend", "standby"):
            t.wait_text(r"^[> ] %s .* 3\.10\.0 " % name)
        tap.check(True, "both regions' services in three rows, with versions")


def test_no_gcloud():
    """Whoever is logged in here: a command of a drill reaches nobody."""
    with Scratch() as s, Fluxori(s) as world:
        real = os.path.dirname(s.file("bin/gcloud", "#!/bin/sh\ntouch ran\n"))
        os.chmod(s.file("bin/gcloud"), 0o755)
        done = s.run("act", "-p", "fluxori", "--env", "drill",
                     "firestore_backups", "-o", "json",
                     env=s.env(PATH=real + ":" + os.environ["PATH"],
                               **world.env))
        tap.check("nothing was run" in done.stdout and
                  not os.path.exists(s.file("ran")),
                  "a practice world has a gcloud of its own",
                  done.stdout + done.stderr)


def patches(world):
    """What was sent to change anything."""
    with open(os.path.join(world.env["SEVTOP_SIM_DIR"], "requests.jsonl"),
              encoding="utf-8") as f:
        return [r for r in map(json.loads, f) if r["method"] == "PATCH"]


def drill(kind, how, scenario, alert, keys, most):
    """keys: each with what it leads to; the last one confirms."""
    with Scratch() as s, kind(s, "--seed", "7", how, scenario) as world, \
            Screen(s, world) as t:
        t.select(alert)
        for key, words in keys:
            t.press(key)
            t.read(words)
        tap.check(len(keys) <= most and len(patches(world)) == 1,
                  "%s: from the firing alert %d keys, and one request" %
                  (scenario, len(keys)), patches(world))
        t.wait_text(r"recovered after \d+s", 90)
        t.press("\r")
        t.wait_no_text(r"^[> ] [!✗] +%s .* for \S+ " % alert)
        tap.check(True, "%s: the alert is over" % scenario)
        check = until(lambda: rows(s, world, "check"), "the record", 30)
        tap.check(len(check) == 1 and re.search(
            r"recovered after \d+s: \w+ ", str(check[0])),
                  "%s: and the record says after how long" % scenario, check)


def test_firecrawl_down():
    drill(VistralAI, "--scenario", "firecrawl-down", "Errors at once",
          (("F", "1 F Set flag USE_FIRECRAWL"), ("1", "y set now"),
           ("y", "DONE, verified")), 3)


def test_redis_gone():
    drill(VistralAI, "--fault", "redis-gone", "Errors at once",
          (("F", "2 F Set flag USE_BULL_QUEUE"), ("2", "y set now"),
           ("y", "DONE, verified")), 3)


def test_bad_release():
    drill(VistralAI, "--fault", "bad-release", "Errors at once",
          (("R", "y roll back now"), ("y", "DONE, verified")), 3)


def test_latency():
    """The bound has to be typed."""
    drill(Fluxori, "--scenario", "latency", "Response p95",
          (("S", "> max"), ("2", "2"), ("0", "20"), ("\r", "y scale now"),
           ("y", "DONE, verified")), 5)


def test_kill():
    """All flags at once, from the same alert: three keys, one revision."""
    with Scratch() as s, VistralAI(s, "--fault", "firecrawl-down") as world, \
            Screen(s, world, size=(40, 160)) as t:
        t.select("Errors at once")
        t.wait_text("Errors at once .* F flag *$")
        for key, words in (("F", "4 F Set flag kill/mocks"),
                           ("4", "y set now"), ("y", "DONE, verified")):
            t.press(key)
            t.read(words)
        sent = patches(world)
        tap.check(len(sent) == 1 and all(
            '"%s"' % name in json.dumps(sent[0]["body"]) for name in
            ("USE_FIRECRAWL", "USE_BULL_QUEUE", "USE_REAL_API")),
                  "a kill switch is 3 keys and one request", sent)
        t.press("u")
        t.read("y set now")
        t.press("y")
        t.read("DONE, verified")
        tap.check(len(patches(world)) == 2, "and one more takes it back")


if __name__ == "__main__":
    tap.run(test_seen, test_services, test_no_gcloud, test_firecrawl_down,
            test_redis_gone, test_bad_release, test_latency, test_kill)
