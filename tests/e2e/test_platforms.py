#!/usr/bin/python3
"""docs/platforms.md, walked: each of its rows has its value on the practice
world, and every row of the inventory that is to be shown is on the page."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from platformkit import (Answer, check_ids, check_panels,  # noqa: E402
                         rows_of)
from ptykit import tap  # noqa: E402
from worldkit import (Dashboard, Scratch, World, need_redis,  # noqa: E402
                      until)

WANTED = (["A-%02d" % n for n in range(1, 25)] + ["A-26", "A-27"] +
          ["A-%02d" % n for n in (29, 30, 31, 32)] +
          ["A-%02d" % n for n in range(35, 43)] + ["A-44", "A-45", "A-46"])

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


def ask(scratch, env):
    done = scratch.run("once", "-p", "ai-visibility", "--env", "drill", "-o",
                       "json", env=env)
    return Answer(json.loads(done.stdout), "ai-visibility")


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
    check_ids("A", WANTED)


def test_answers():
    with Scratch() as s, World(s, "--seed", "7") as world:
        env = environment(s, world)
        answer = until(lambda: (lambda a: is_ready(a) and a)(ask(s, env)),
                       "a world with failed jobs", 60)
        lines = s.run("logs", "-p", "ai-visibility", "--env", "drill",
                      env=env).stdout
        for row, panels, checks in rows_of("A"):
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
            check_panels(row, panels)


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
