#!/usr/bin/python3
"""docs/platforms.md, walked: each of its rows has its value on the practice
world, and every row of the inventory that is to be shown is on the page."""
import fnmatch
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import (PROFILE, TOP, Dashboard, Scratch, World,  # noqa: E402
                      need_redis, until)

PAGE = os.path.join(TOP, "docs", "platforms.md")
WANTED = (["A-%02d" % n for n in range(1, 25)] + ["A-26", "A-27"] +
          ["A-%02d" % n for n in (29, 30, 31, 32)] +
          ["A-%02d" % n for n in range(35, 43)] + ["A-44", "A-45", "A-46"])
PANELS = {"0": "sources", "1": "overview", "2": "metrics", "3": "logs",
          "4": "queues", "5": "database", "6": "cache", "7": "services",
          "8": "dependencies"}

# What `docker compose` prints, in its documented form: no Docker runs where
# the tests do.
DOCKER = """#!/bin/sh
case "$*" in
*" ps "*)
    echo '{"Service":"postgres","State":"running","Health":"healthy",' \\
        '"Image":"postgres:15","CreatedAt":"2026-11-26 09:12:01 +0000 UTC",' \\
        '"Status":"Up 3 hours (healthy)"}'
    echo '{"Service":"redis","State":"running","Health":"",' \\
        '"Image":"redis:7","CreatedAt":"2026-11-26 09:12:01 +0000 UTC",' \\
        '"Status":"Up 3 hours"}'
    ;;
*" logs "*) echo 'postgres-1  | LOG:  database system is ready' ;;
*) exit 64 ;;
esac
"""


def rows_of(page):
    """(id, panels, checks) of every row of the page."""
    with open(page, encoding="utf-8") as f:
        for line in f:
            cells = [c.strip() for c in line.strip().strip("|").split("|")]
            if len(cells) == 4 and re.match(r"[A-Z]-\d\d$", cells[0]):
                yield cells[0], re.findall(r"\b(\d) (\w+)", cells[2]), \
                    re.findall(r"`([^`]+)`", cells[3])


def thresholds():
    """The critical threshold of every signal of the profile, as written."""
    with open(PROFILE, encoding="utf-8") as f:
        text = f.read()
    return {name: crit.group(1) for name, body in
            re.findall(r"^  (\w+):\n((?:    .*\n)+)", text, re.M)
            for crit in [re.search(r'crit: "([^"]+)"', body)] if crit}


class Answer:
    """What `sevtop once -o json` says of one platform."""

    def __init__(self, document):
        self.is_ = document["platforms"][0]
        self.crit = thresholds()

    def health(self, words):
        source, target = words.split("/", 1)
        return [h for h in self.is_["health"] if h["source"] == source and
                fnmatch.fnmatchcase(h["target"], target) and h["detail"]]

    def metric(self, words):
        name, labels = re.match(r"(\w+)(?:\{(.*)\})?$", words).groups()
        want = dict(p.split("=") for p in labels.split(",")) if labels else {}
        return [m for m in self.is_["metrics"] if m["name"] == name and
                m["value"] is not None and
                want.items() <= m["labels"].items()]

    def signal(self, words):
        name, _, crit = words.partition(" ")
        if crit and self.crit.get(name) != crit:
            return []
        return [m for m in self.is_["metrics"]
                if m["kind"] == "signal" and m["name"] == name]

    def table(self, words):
        name, _, column = words.partition(" ")
        return [r for key, table in self.is_["tables"].items()
                if key.split(".")[-1] == name for r in table["rows"]
                if not column or r.get(column) not in (None, "")]

    def log(self, name):
        return self.metric("log_matches{search=%s}" % name)


def ask(scratch, env):
    done = scratch.run("once", "-p", "ai-visibility", "--env", "drill", "-o",
                       "json", env=env)
    return Answer(json.loads(done.stdout))


def environment(scratch, world):
    bin_ = os.path.dirname(scratch.file("bin/docker", DOCKER))
    os.chmod(os.path.join(bin_, "docker"), 0o755)
    return scratch.env(**world.env, COMPOSE_DIR=scratch.path,
                       WEB_URL=world.env["API_URL"] + "/healthz",
                       AUTH_ISSUER=world.env["API_URL"],
                       PATH=bin_ + ":" + os.environ["PATH"])


def is_ready(answer):
    """The world's database is filled, and jobs have failed by now."""
    return answer.table("statements mean_ms") and answer.table("queue_jobs")


def test_page():
    ids = [row for row, _, _ in rows_of(PAGE)]
    missing = [row for row in WANTED if row not in ids]
    tap.check(not missing, "every row that is to be shown is on the page",
              missing)
    tap.check(len(ids) == len(set(ids)), "each of them once")


def test_answers():
    with Scratch() as s, World(s, "--seed", "7") as world:
        env = environment(s, world)
        answer = until(lambda: (lambda a: is_ready(a) and a)(ask(s, env)),
                       "a world with failed jobs", 60)
        lines = s.run("logs", "-p", "ai-visibility", "--env", "drill",
                      env=env).stdout
        for row, panels, checks in rows_of(PAGE):
            bad = []
            for check in checks:
                kind, _, words = check.partition(" ")
                found = re.search(r"^\S+\s+\S*\s*%s " % re.escape(words),
                                  lines, re.M) if kind == "lines" \
                    else getattr(answer, kind)(words)
                if not found:
                    bad.append(check)
            tap.check(checks and not bad, "%s: %s" % (
                row, ", ".join(checks)), "not there: %s" % bad)
            wrong = [p for p in panels if PANELS.get(p[0]) != p[1]]
            tap.check(panels and not wrong, "%s: its panels" % row, wrong)


def test_screen():
    """What a person has to see without asking for more, at 200x50."""
    with Scratch() as s, World(s, "--seed", "7") as world:
        env = environment(s, world)
        until(lambda: is_ready(ask(s, env)), "a world with failed jobs", 60)
        with Dashboard(s, "-p", "ai-visibility", "--env", "drill",
                       size=(50, 200), env=env) as t:
            for key, words in (
                    ("1", r"Error rate +\d"), ("1", r"Cost today +\$\d"),
                    ("1", r"ok web\b|ok .*web"), ("1", r"PostgreSQL|postgres"),
                    ("2", r"Perplexity used"),
                    ("4", r"runPrompt .*\d"), ("5", r"postgres 15|postgres \d"),
                    ("5", r"connections \d+ of \d+"), ("6", r"redis \d+\.\d"),
                    ("6", r"memory .* of "), ("7", r"postgres .*running"),
                    ("7", r"api .*\d\.\d\.\d"),
                    ("8", r"├─ .*redis"), ("0", r"audit .*"),
                    ("0", r"jwks"), ("3", r"ProviderError|job=")):
                t.send(key)
                try:
                    t.wait_text(words)
                    good = True
                except (AssertionError, TimeoutError):
                    good = False
                tap.check(good, "panel %s shows /%s/" % (key, words),
                          "" if good else t.text())


if __name__ == "__main__":
    need_redis()
    tap.run(test_page, test_answers, test_screen)
