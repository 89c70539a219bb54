#!/usr/bin/python3
"""Mitigations from the keyboard: the whole program on the practice world.

From a firing alert to a paused queue in three keys, one job retried, reasons
and names, the gate, undo, the question on the way out, a server that dies
between the plan and the y, and all that must never act.
"""
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import (Dashboard, Scratch, World, need_redis,  # noqa: E402
                      quick_profile, until)

DEAD_S = 0.6  # what came up, or was typed in one go, takes no y before
HAND_S = 0.05  # no hand is faster; a program is, and its keys don't count
ALERT = r"^> [!✗] +(Waiting jobs|Oldest waiting job|Failed in 5 min) "
QUEUE = "bull:runPrompt:"


def redis(world, *words):
    return subprocess.run(
        ["redis-cli", "-u", world.env["REDIS_URL"]] + list(words),
        capture_output=True, text=True, timeout=30).stdout.strip()


def paused(world):
    return redis(world, "hget", QUEUE + "meta", "paused") == "1"


def failed(world):
    return int(redis(world, "zcard", QUEUE + "failed") or 0)


def rows(scratch, world, kind="intent"):
    """Rows of that kind in the record."""
    out = scratch.run("audit", "export", env=scratch.env(**world.env)).stdout
    return [row for row in map(json.loads, out.splitlines())
            if row["kind"] == kind]


class Screen(Dashboard):
    def __init__(self, scratch, world, *args, where="drill", **kw):
        super().__init__(scratch, "-c", quick_profile(scratch), "--env",
                         where, *args, env=world.env, **kw)
        self.wait_text(r"^sevtop  ai-visibility ")

    def read(self, regex):
        """It is on the screen, and long enough to have been read."""
        self.wait_text(regex)
        time.sleep(DEAD_S)

    def press(self, key):
        time.sleep(HAND_S)
        self.send(key)

    def act(self, key, plan):
        """A capital; behind an Esc it could be the rest of a sequence."""
        time.sleep(DEAD_S)
        self.press(key)
        self.read(plan)

    def result(self, regex):
        self.read(regex)
        self.press("\r")
        self.wait_no_text(r"Enter close")


def test_three_keys():
    with Scratch() as scratch, World(scratch, "--fault", "stuck-queue") as \
            world, Screen(scratch, world) as t:
        t.wait_text(ALERT)
        keys = 0
        t.press("\r")
        keys += 1
        t.wait_text(r"^> runPrompt")
        t.act("P", "y pause now")
        keys += 1
        tap.check("DRILL" in t.text().split("PAUSE QUEUE")[1].split("\n")[0],
                  "the plan names the environment")
        t.press("y")
        keys += 1
        t.wait_text("DONE, verified")
        tap.check(paused(world), "an alert, and %d keys: the queue is paused"
                  % keys)
        t.wait_text("watching for|recovered|no effect|worse")
        tap.check(True, "the alert's signal is watched afterwards")
        intent = rows(scratch, world)
        tap.check(len(intent) == 1 and intent[0]["signal"].startswith("queue_")
                  and intent[0]["target"] == "runPrompt",
                  "on record, with the signal", intent)
        t.result("DONE")
        t.press("1")
        t.wait_text("^alerts")
        t.wait_text(r"(^|  )P resume  ")
        tap.check(True, "the footer says what P would do now")
        leave_and_undo(t, world)


def leave_and_undo(t, world):
    t.press("q")
    t.read("stays in force when you leave")
    tap.check("queue.pause  runPrompt" in t.text(), "leaving asks once")
    t.press("\x1b")
    t.wait_no_text("stays in force")
    t.act("U", "plan its undo")
    t.press("\r")
    t.read("y resume now")
    t.press("y")
    t.wait_text("DONE, verified")
    tap.check(not paused(world), "U takes it back")
    t.result("DONE")
    t.press("q")
    tap.check(t.wait_end() == 0, "nothing in force: q leaves at once")
    tap.check(t.restored() == [], "the terminal is as it was", t.restored())


def test_one_key_on_the_alert():
    with Scratch() as scratch, World(scratch, "--fault", "stuck-queue") as \
            world, Screen(scratch, world) as t:
        t.wait_text(ALERT + r".* (P pause|F flag)$")
        tap.check(True, "the alert says which key acts on it")
        t.act("P", "y pause now")
        t.press("y")
        t.wait_text("DONE, verified")
        tap.check(paused(world), "from the overview itself two are enough")
        t.result("DONE")
        t.press("q")
        t.read("stays in force")
        t.press("q")
        tap.check(t.wait_end() == 0, "q again leaves")
        tap.check(paused(world), "and it stays in force")
        with Screen(scratch, world) as again:
            again.act("U", "queue.pause +runPrompt")
            tap.check(True, "the next dashboard knows of it")
            again.press("\x1b")


def test_tagged():
    """Two queues tagged: one capital, one plan, one y."""
    meta = ("bull:runPrompt:meta", "bull:runBatch:meta")
    with Scratch() as scratch, World(scratch) as world, \
            Screen(scratch, world) as t:
        t.panel(4, "queues")
        t.wait_text(r"^> runPrompt")
        t.press("x")
        t.wait_text(r"^queues 4, 1 tagged")
        t.press("x")
        t.wait_text(r"^queues 4, 2 tagged")
        tap.check(re.search(r"^ \*runPrompt.*\n \*runBatch.*\n> daily",
                            t.text(), re.M), "both are marked, the "
                  "selection goes on", t.text())
        t.wait_text(r"(^|  )P pause 2  ")
        tap.check(True, "the footer says how many P would act on")
        t.press("o")
        t.act("P", "y pause now")
        text = t.text()
        tap.check("runPrompt" in text and "runBatch" in text and
                  "dailyAggregations  " not in text.split("PAUSE QUEUE")[1],
                  "the plan names both, and not the selected one", text)
        t.press("y")
        t.wait_text("DONE, verified")
        tap.check([redis(world, "hget", key, "paused") for key in meta] ==
                  ["1", "1"], "both are paused")
        intent = rows(scratch, world)
        tap.check(len(intent) == 1, "in one action on the record", intent)
        t.result("DONE")
        t.wait_text(r"(^|  )P resume 2  ")
        t.press("u")
        t.wait_text(r"^queues 4[^,]*$")
        tap.check(True, "u takes all tags off")
        t.press("q")
        t.read("stays in force")
        t.press("q")
        tap.check(t.wait_end() == 0, "q leaves")


def test_jobs():
    with Scratch() as scratch, World(scratch, "--fault", "provider-limit") \
            as world, Screen(scratch, world, size=(30, 100)) as t:
        until(lambda: failed(world) > 1, "failed jobs")
        t.panel(4, "queues")
        t.wait_text(r"^> runPrompt")
        t.press("\r")
        t.wait_text(r"^failed jobs, ")
        t.wait_text(r"^> \d+ ")
        row = t.rows_of(r"^> \d+ ")[0]
        job = t.lines()[row].split()[1]
        before = redis(world, "zscore", QUEUE + "failed", job)
        t.act("T", "RETRY")
        tap.check("runPrompt/" in t.text(), "T is about the one job")
        t.press("y")
        t.wait_text("DONE, verified|ONLY PARTLY|FAILED|UNRESOLVED")
        after = redis(world, "zscore", QUEUE + "failed", job)
        tap.check(before != after, "it was retried", (job, before, after))
        t.result("DONE")
        until(lambda: failed(world) > 0, "failed jobs")
        t.act("X", "ACTIONS runPrompt/")
        text = t.text()
        tap.check("Remove" in text and "Pause queue" in text,
                  "X lists what fits the job, and its queue", text)
        t.press("\x1b")
        t.wait_no_text("ACTIONS")
        t.press("\x1b")
        t.wait_no_text(r"^failed jobs, ")
        clean_by_name(t, world)
        t.press("a")
        t.wait_text(r"^jobs \d")
        t.wait_text(r"queue\.clean +runPrompt")
        t.wait_text("reason +left from the outage")
        tap.check(True, "the jobs panel tells what was done, and why")
        t.press("q")
        tap.check(t.wait_end() == 0, "q leaves")


def clean_by_name(t, world):
    """Destructive: a reason, and the name typed byte by byte."""
    t.act("X", "ACTIONS runPrompt")
    at = [line for line in t.lines() if "Remove failed jobs" in line][0]
    t.send(at.strip("│ ").split()[0])
    t.read("y [a-z ]+ +Esc cancel")
    t.press("y")
    t.read("Why is it done")
    t.send("left from the outage")
    t.wait_text("> left from the outage")
    time.sleep(DEAD_S)
    t.press("\r")
    t.read("TYPE THE NAME")
    t.send("\x1b[200~runPrompt\x1b[201~")
    t.wait_text("a paste does not count")
    time.sleep(2 * HAND_S)  # what comes right behind a paste is of it
    t.send("runprompt")
    t.wait_text("> runprompt")
    time.sleep(DEAD_S)
    t.press("\r")
    t.wait_text("that is not the name")
    count = failed(world)
    tap.check(count > 0, "another name removes nothing")
    t.send("\x15")
    t.wait_no_text("> runprompt")
    t.send("runPrompt")
    t.wait_text("> runPrompt")
    time.sleep(DEAD_S)
    t.press("\r")
    t.wait_text("DONE, verified|ONLY PARTLY")
    tap.check(True, "the name removes the failed jobs")
    t.result("DONE|PARTLY")


def test_gate():
    with Scratch() as scratch, World(scratch) as world:
        with Screen(scratch, world, where="prod") as t:
            t.panel(4, "queues")
            t.wait_text(r"^> runPrompt")
            t.wait_text(" read-only ")
            t.act("P", "read-only: A arms it for 15 minutes")
            t.press("y")
            time.sleep(DEAD_S)
            tap.check(not paused(world) and "y pause now" in t.text(),
                      "read-only: y does nothing, and it says what to do")
            t.press("A")
            t.read("arms ai-visibility for 15 minutes")
            t.send("INC-7")
            t.wait_text("> INC-7")
            time.sleep(DEAD_S)
            t.press("\r")
            t.wait_text(r" ARMED 1[45]:\d\d ")
            t.read("y pause now")
            t.press("y")
            t.wait_text("DONE, verified")
            tap.check(paused(world), "armed: it acts")
            t.result("DONE")
            t.press("A")
            t.wait_text(" read-only ")
            tap.check(True, "A disarms at once")
            t.press("q")
            t.read("stays in force")
            t.press("q")
            t.wait_end()
        gates = rows(scratch, world, "gate")
        tap.check([g["result"] for g in gates] == ["armed", "read-only"] and
                  gates[0]["reason"] == "INC-7", "arming is on record", gates)
        with Screen(scratch, world, "--readonly", where="prod") as t:
            t.panel(4, "queues")
            t.wait_text(r"^> runPrompt")
            for key in "PTA":
                t.press(key)
                t.wait_text("y [a-z ]+ +Esc|--readonly")
                time.sleep(DEAD_S)
                t.press("y")
                t.press("A")
                time.sleep(0.1)
                t.press("\x1b")
                t.wait_no_text("Esc cancel")
            tap.check(len(rows(scratch, world)) == 1,
                      "--readonly: nothing acts, nothing arms")


def test_dead_between():
    """The backend stops to answer between the plan and the y."""
    with Scratch() as scratch, World(scratch) as world, \
            Screen(scratch, world) as t:
        t.panel(4, "queues")
        t.wait_text(r"^> runPrompt")
        t.act("P", "y pause now")
        pid = world.redis_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            t.press("y")
            t.wait_text("sending|FAILED|REFUSED|IN DOUBT")
            t.press("\x1b")
            t.wait_no_text("PAUSE QUEUE")
            tap.check(True, "it hangs; the dialog does not")
            t.wait_text("^Pause queue runPrompt: (failed|unresolved)", 180)
            tap.check(True, "its end is told in the footer")
            t.press("a")
            t.wait_text(r"^> (failed|unresolved) +queue\.pause +runPrompt")
            tap.check(True, "and stands among the jobs", t.text())
        finally:
            os.kill(pid, signal.SIGCONT)
        tap.check(not paused(world), "what is told is true")


def test_sizes():
    """Resize, too small, suspend and come back, all inside a plan."""
    with Scratch() as scratch, World(scratch) as world, \
            Screen(scratch, world) as t:
        t.panel(4, "queues")
        t.wait_text(r"^> runPrompt")
        t.act("P", "y pause now")
        for size in ((50, 200), (10, 40), (12, 60)):
            t.resize(*size)
            t.wait_text("y pause now")
            t.wait_text("runPrompt .*running → paused")
        tap.check(True, "the plan is whole at any size")
        t.resize(9, 39)
        t.wait_text("larger: 40x10")
        time.sleep(DEAD_S)
        t.press("y")
        time.sleep(0.2)
        tap.check(not paused(world), "too small: nothing is confirmed")
        t.resize(24, 80)
        t.read("y pause now")
        t.send("\x1a")
        t.wait_report("stopped")
        t.foreground()
        t.read("y pause now")
        tap.check(not paused(world), "suspended and back: still a plan")
        t.press("y")
        t.wait_text("DONE, verified")
        tap.check(paused(world), "and y does it")


def test_noise():
    """Ten thousand random bytes, pastes and repeats decide nothing."""
    dice = random.Random(4)
    with Scratch() as scratch, World(scratch) as world, \
            Screen(scratch, world) as t:
        t.panel(4, "queues")
        t.wait_text(r"^> runPrompt")
        safe = bytes(c for c in range(256) if c not in (3, 17, 26, 28, 113))
        noise = bytes(dice.choice(safe) for _ in range(10000))
        for at in range(0, len(noise), 500):
            t.send(noise[at:at + 500])
            if at % 2000 == 0:
                t.send(b"\x1b[200~PyPyPyTy\ry\r\x1b[201~")
        # An open sequence or paste of the noise ends like this.
        t.send(b"\x1b\\\x1b[201~")
        time.sleep(1.2)
        for _ in range(6):
            t.press("\x1b")
            time.sleep(0.1)
        tap.check(rows(scratch, world) == [], "10,000 random bytes sent "
                  "nothing")
        t.press("4")
        t.wait_text(r"^> \w+")
        t.act("P", "y (pause|resume) now|Esc (cancel|back)")
        for _ in range(40):
            t.send("PyPyPyyy\r")  # one read: a burst
            time.sleep(0.02)
        t.send(b"\x1b[200~y\r\x1b[201~")
        time.sleep(0.3)
        tap.check(rows(scratch, world) == [], "bursts and pastes into a plan "
                  "decide nothing")


if __name__ == "__main__":
    need_redis()
    tap.run(test_three_keys, test_one_key_on_the_alert, test_tagged,
            test_jobs, test_gate, test_dead_between, test_sizes, test_noise)
