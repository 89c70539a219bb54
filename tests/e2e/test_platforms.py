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
          ["A-%02d" % n for n in range(35, 43)] + ["A-44", "A-45", "A-46"] +
          ["A-25", "A-28", "A-33", "A-43"] +
          ["A-%02d" % n for n in range(48, 64)] + ["A-65", "A-71", "A-72"])
# What an action has to be told before there is a plan.
GIVEN = {
    "queue.pause": ["--target", "runPrompt"],
    "queue.resume": ["--target", "runPrompt"],
    "queue.clean": ["--target", "runPrompt"],
    "queue.retry": ["--target"], "queue.retry_all": ["--target", "runPrompt"],
    "restart-container": ["--target", "postgres"],
    "restart-process": ["--target", "api"], "stop-process": ["--target", "api"],
    "scale-process": ["--target", "api", "--set", "instances=3"],
    "previous-version": ["--set", "version=1.4.1"],
    "dump": ["--set", "name=x"], "restore": ["--set", "dump=old.dump"],
    "set-budget": ["--set", "workspace=ws_1", "--set", "budget=7"],
    "flag.set": ["--set", "value=12"],
}
SECRET = {"perplexity-key", "serpapi-key", "brave-key", "jwt-secret",
          "sentry-dsn"}

# What `docker compose` prints, in its documented form: no Docker runs where
# the tests do.
DOCKER = """#!/bin/sh
case "$*" in
"image ls "*) echo 1.4.1 ;;
*"--services --status running") echo api; echo jobs ;;
*" --services") echo postgres ;;
*"{{.Image}}"*) echo ai-visibility-api:1.4.2 ;;
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


# The same for pm2 and pnpm; tests/e2e/test_act_profile.py has the real pm2.
PM2 = """#!/bin/sh
case "$*" in
jlist) echo '[{"name":"api","pm2_env":{"status":"online","pm_uptime":1,' \\
    '"restart_time":0},"monit":{"cpu":1,"memory":1}}]' ;;
id*) echo '[ 0 ]' ;;
pid*) echo 4711 ;;
esac
"""


def ask(scratch, env):
    done = scratch.run("once", "-p", "ai-visibility", "--env", "drill", "-o",
                       "json", env=env)
    return Answer(json.loads(done.stdout), "ai-visibility")


def environment(scratch, world):
    bin_ = os.path.dirname(scratch.file("bin/docker", DOCKER))
    scratch.file("bin/pm2", PM2)
    scratch.file("bin/pnpm", "#!/bin/sh\n")
    scratch.file("old.dump", "")
    for name in ("docker", "pm2", "pnpm"):
        os.chmod(os.path.join(bin_, name), 0o755)
    return scratch.env(**dict(
        world.env, COMPOSE_DIR=scratch.path, PM2_HOME=scratch.path,
        APP_DIR=scratch.path, BACKUP_DIR=scratch.path,
        WEB_URL=world.env["API_URL"] + "/healthz",
        AUTH_ISSUER=world.env["API_URL"],
        PATH=bin_ + ":" + os.environ["PATH"]))


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
            if re.match("action|flag", checks[0]):
                continue
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


def plan_of(s, env, kind, name, failed):
    """The plan of what a line of the page names, and what went wrong."""
    words = [name] if kind == "action" else ["flag.set", "--target", name]
    given = GIVEN.get(words[0], []) + ([failed] if name == "queue.retry" else
                                       [])
    if name in SECRET:
        given = ["--set", "value=env:ADMIN_TOKEN"]
    elif name == "auto-throttle":
        given = []
    done = s.run("act", "-p", "ai-visibility", "--env", "drill", *words,
                 *given, "--plan", "-o", "json", env=env)
    out = json.loads(done.stdout) if done.stdout.strip() else {}
    return out.get("plan", {}), str(out.get("words")) + done.stderr


def test_actions():
    """Each action and flag has a plan, of the class that the page says."""
    with Scratch() as s, World(s, "--seed", "7") as world:
        env = environment(s, world)
        answer = until(lambda: (lambda a: is_ready(a) and a)(ask(s, env)),
                       "a world with failed jobs", 60)
        job = next(r for r in answer.table("queue_jobs id")
                   if r["queue"] == "runPrompt")
        flags = {r["name"] for r in answer.table("flags value")}
        seen = {}
        for row, panels, checks in rows_of("A"):
            if not re.match("action|flag", checks[0]):
                continue
            bad = []
            for check in checks:
                kind, name, class_ = check.split()
                if check not in seen:
                    seen[check] = plan_of(s, env, kind, name,
                                          "runPrompt/%s" % job["id"])
                plan, said = seen[check]
                if plan.get("class") != class_ or (
                        kind == "flag" and name not in flags):
                    bad.append("%s: %s %s" % (check, plan.get("class"), said))
            tap.check(not bad, "%s: %s" % (row, ", ".join(checks)), bad)
            check_panels(row, panels)
        tap.check(len(seen) >= 30, "%d actions and flags" % len(seen))


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
    tap.run(test_page, test_answers, test_actions, test_screen)
