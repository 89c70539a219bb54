#!/usr/bin/python3
"""docs/platforms.md, the platforms on Google Cloud: each row has its value on
the practice world, its action is known, and every row of the inventory that
is to be there is on the page."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from platformkit import (Answer, check_ids, check_panels,  # noqa: E402
                         rows_of)
from ptykit import tap  # noqa: E402
from worldkit import Scratch, World, until  # noqa: E402


def ids(letter, *ranges):
    """("V", (1, 12), 14) -> V-01 ... V-12, V-14"""
    return ["%s-%02d" % (letter, n) for r in ranges for n in (
        range(r[0], r[1] + 1) if isinstance(r, tuple) else (r,))]


class VistralAI(World):
    platform = "vistralai"
    letter = "V"
    # V-48 wants a machine inside the network.
    wanted = ids("V", (1, 12), (14, 27), (34, 47), (49, 50), 52, (62, 69),
                 75, 13, 32, 53, (56, 58), (79, 99), (101, 103), (107, 109))
    left_out = ids("V", 28, 29, 30, 31, 33, 51, 54, 55, 59, 60, 61, (76, 78),
                   100, (104, 106), 110)
    faults = ["firecrawl-down", "redis-gone"]
    # What not everybody has.
    more = {"REDIS_EXPORTS": "gs://b/redis", "API_TOKEN": "x" * 20,
            "NEW_ANTHROPIC_API_KEY": "y" * 20, "NOTIFY": "true",
            "VISTRALAI_DIR": "."}


class Fluxori(World):
    platform = "fluxori"
    letter = "F"
    wanted = ids("F", (1, 15), 28, 29, (35, 38), 17, 18, (20, 26), (30, 32),
                 (39, 45), (47, 58), 60, 61, 65)
    left_out = ids("F", 16, 19, 27, 33, 34, 46, 59, (62, 64), 66, 67)
    faults = []
    more = {"FLUXORI_DIR": "."}


def environment(scratch, world):
    return scratch.env(**dict(world.env, **world.more))


def ask(scratch, world):
    done = scratch.run("once", "-p", world.platform, "--env", "drill", "-o",
                       "json", env=environment(scratch, world))
    return Answer(json.loads(done.stdout), world.platform)


def test_page():
    for kind in (VistralAI, Fluxori):
        wanted = [row for row in kind.wanted if row not in kind.left_out]
        check_ids(kind.letter, wanted)
        there = [row for row, _, _ in rows_of(kind.letter)]
        tap.check(not set(there) & set(kind.left_out),
                  "%s: and none of those that are left alone" % kind.letter,
                  set(there) & set(kind.left_out))


class Walk:
    """What is asked for beside the answer of `sevtop once`."""

    def __init__(self, scratch, world):
        self.scratch, self.world = scratch, world
        self.answer = ask(scratch, world)
        self.text = self.scratch.run(
            "logs", "-p", world.platform, "--env", "drill",
            env=environment(scratch, world)).stdout

    def lines(self, source):
        return re.search(r"^\S+\s+\S*\s*%s " % re.escape(source), self.text,
                         re.M)

    def action(self, name):
        done = self.scratch.run(
            "act", "-p", self.world.platform, "--env", "drill", name,
            "--plan", "--timeout", "0.2",
            env=environment(self.scratch, self.world))
        said = done.stdout + done.stderr
        return "no action" not in said and "is not set" not in said

    def flag(self, name):
        return any(name == row["key"]
                   for row in self.answer.table("flags"))

    def has(self, check):
        kind, _, words = check.partition(" ")
        look = getattr(self, kind, None) or getattr(self.answer, kind)
        return look(words)



def walk_world(kind):
    """Until all is there: the log has to have told of everything once."""
    rows = list(rows_of(kind.letter))
    seen = set()

    def all_seen(scratch, world):
        walk = Walk(scratch, world)
        for _, _, checks in rows:
            seen.update(c for c in checks if c not in seen and walk.has(c))
        return all(c in seen for _, _, checks in rows for c in checks)

    with Scratch() as s, kind(s, "--seed", "7") as world:
        all_seen(s, world)
        for fault in kind.faults:
            world.fault("on", fault)
        try:
            until(lambda: all_seen(s, world), "whole page", 60)
        except TimeoutError:
            pass  # what is missing is told below
    for row, panels, checks in rows:
        bad = [c for c in checks if c not in seen]
        tap.check(checks and not bad, "%s: %s" % (row, ", ".join(checks)),
                  "not there: %s" % bad)
        check_panels(row, panels)


def test_vistralai():
    walk_world(VistralAI)


def test_fluxori():
    walk_world(Fluxori)


if __name__ == "__main__":
    tap.run(test_page, test_vistralai, test_fluxori)
