#!/usr/bin/python3
"""A drill, ended from the keyboard: a provider refuses and a queue is stuck.
The queue is paused from its alert, the throttle is switched on, the queue
resumed; the alerts of the faults end although the faults stay on, and the
record says that it helped."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from test_act_screen import ALERT, Screen, paused, rows  # noqa: E402
from worldkit import Scratch, World, need_redis, until  # noqa: E402

# Alerts of the two faults, as the overview and its list of alerts name them.
FAULT = (r"[!✗] +(Waiting jobs|Oldest waiting job|Perplexity used"
         r"|Provider errors)")


def settings(world):
    with open(world.env["ENV_FILE"], encoding="utf-8") as f:
        return f.read()


def backlog(world):
    return int(re.search(r"queue runPrompt (\d+) waiting",
                         world.ctl("status"))[1])


def pause(t, world):
    """Three keys from the alert: open, pause, yes."""
    t.press("\r")
    t.wait_text(r"^> runPrompt")
    t.act("P", "y pause now")
    t.press("y")
    t.wait_text("DONE, verified")
    tap.check(paused(world), "three keys: the stuck queue is paused")
    t.result("DONE")


def selected(t):
    """Name of the selected row; "" when none is."""
    row = re.search(r"^> \S+ +(.*?)  ", t.text(), re.M)
    return row[1] if row else ""


def throttle(t, world):
    """Two keys on the other alert: its flag, yes."""
    t.panel(1, "overview")
    t.press("g")
    while selected(t) != "Perplexity used":
        before = selected(t)
        t.press("j")
        t.wait(lambda: selected(t) != before, "next alert")
    tap.check(re.search(r"^> .*Perplexity used .* F (flag|set)", t.text(),
                        re.M), "the alert says what mends it", t.text())
    t.act("F", "y set now")
    tap.check("Auto-throttle" in t.text() and "service restart api jobs" in
              re.sub(r"\s+", " ", t.text()),
              "the plan says what is restarted", t.text())
    t.press("y")
    t.wait_text("DONE, verified")
    tap.check("AUTO_THROTTLE_ENABLED=true" in settings(world) and
              "throttled" in world.ctl("status"), "the throttle is on")
    t.result("DONE")


def resume(t, world):
    until(lambda: "runPrompt" in world.ctl("status") and re.search(
        r"runPrompt \d+ waiting, 0 active", world.ctl("status")),
          "the freed workers to be idle")
    t.panel(4, "queues")
    t.wait_text(r"^> runPrompt")
    t.act("P", "y resume now")
    t.press("y")
    t.wait_text("DONE, verified")
    t.result("DONE")
    until(lambda: backlog(world) < 20, "the backlog to drain")
    tap.check(True, "the backlog drains")


def helped(t, scratch, world):
    t.panel(1, "overview")
    t.wait_no_text(FAULT)
    faults = world.ctl("status")
    tap.check("provider-limit" in faults and "stuck-queue" in faults,
              "both alerts are gone, both faults still there")

    def checks():
        return {row["action"]: row for row in rows(scratch, world, "check")}
    found = until(lambda: {"queue.pause", "flag.set"} <= set(checks()) and
                  checks(), "both after-checks", 90)
    words = {name: str(row) for name, row in found.items()}
    tap.check(all("recovered" in w for w in words.values()),
              "the record says of both that it recovered", words)
    t.press("a")
    t.wait_text(r"recovered after \d+s")
    tap.check(len(re.findall(r"recovered after", t.text())) >= 2,
              "and so do the jobs", t.text())


def test_drill():
    with Scratch() as scratch, World(scratch, "--fault", "stuck-queue") as \
            world, Screen(scratch, world, size=(36, 130)) as t:
        t.wait_text(ALERT)
        world.fault("on", "provider-limit")
        t.wait_text(r"[!✗] +Perplexity used")
        pause(t, world)
        throttle(t, world)
        resume(t, world)
        helped(t, scratch, world)


if __name__ == "__main__":
    need_redis()
    tap.run(test_drill)
