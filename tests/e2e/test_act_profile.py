#!/usr/bin/python3
"""The actions and flags of AI Visibility's profile, with the real tools where
there are any: pg_dump, pg_restore and psql on a real PostgreSQL, pm2 on real
processes. Docker and pnpm are stand-ins that write down what they were asked:
neither runs where the tests do."""
import json
import os
import re
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pgkit import Postgres, bin_dir  # noqa: E402
from ptykit import tap  # noqa: E402
from worldkit import PROFILE, TOP, Scratch  # noqa: E402

MODULES = os.path.join(TOP, "tests", "node", "node_modules")
SECRET = "s3cr3t-0123456789abcdef"


class Profile:
    """`sevtop act` on the profile; env is what the engineer's shell has."""

    def __init__(self, scratch, **env):
        self.scratch, self.env = scratch, dict(env, SEVTOP_ENV="test")

    def __call__(self, action, *words):
        """Exit status, the printed object, all that was printed."""
        args = ["act", "-p", "ai-visibility", action, "-o", "json"]
        for word in words:
            args += [word] if word.startswith("--") else \
                ["--set" if "=" in word else "--target", word]
        if "--plan" not in words:
            args += ["--yes", "--reason", "a test"]
        done = self.scratch.run(*args, **self.env)
        out = json.loads(done.stdout) if done.stdout.strip() else {}
        return done.returncode, out, done.stdout + done.stderr


def is_done(result, name):
    code, out, text = result
    tap.check(code == 0 and out.get("outcome") == "done", name, text)
    return out


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def stub(scratch, name, text):
    """A program first in the PATH; returns that PATH."""
    path = scratch.file("bin/" + name, "#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return os.path.dirname(path) + ":" + os.environ["PATH"]


def check_database():
    if not bin_dir() or not shutil.which("pg_dump"):
        tap.skip("no PostgreSQL server or clients (Debian: postgresql)")
        return
    with Scratch() as s, Postgres() as pg:
        pg.sql("create role aiv login password '%s'" % SECRET)
        pg.sql("create database shop owner aiv")
        pg.sql("create extension pg_stat_statements", db="shop")
        for text in (
                "create table workspaces (id text primary key, name text, "
                "budget_daily numeric(10, 2) not null)",
                "insert into workspaces values ('ws_1', 'one', 50), "
                "('ws-it''s', 'two', 70.5)",
                "create table cost_ledger (id int, workspace_id text, "
                "provider text, amount numeric, created_at timestamptz)"):
            pg.sql("set role aiv; " + text, db="shop")
        os.mkdir(s.file("backup"))
        act = Profile(
            s, BACKUP_DIR=s.file("backup"), DATABASE_URL="postgresql://aiv:%s@"
            "127.0.0.1:%d/shop?connection_limit=5" % (SECRET, pg.port))
        budgets(act, pg)
        dump_and_restore(act, pg, s)


def budgets(act, pg):
    def budget(of):
        return pg.sql("select budget_daily from workspaces where id = $$%s$$" %
                      of, db="shop")
    out = is_done(act("set-budget", "workspace=ws_1", "budget=100"), "a budget is set")
    tap.check(budget("ws_1") == "100.00" and
              out["plan"]["undo"]["set"] == {"workspace": "ws_1",
                                             "budget": "50.00"} and
              budget("ws-it's") == "70.50", "of one workspace", str(out))
    is_done(act("set-budget", "workspace=ws_1", "budget=50.00"), "and back")
    tap.check(budget("ws_1") == "50.00", "as it was")
    is_done(act("set-budget", "workspace=ws-it's", "budget=0"), "a name with a quote")
    tap.check(budget("ws-it's") == "0.00", "is a name and no SQL")
    code, out, text = act("set-budget", "workspace=ws_1", "budget=50")
    tap.check(code == 0 and out["plan"]["nothing"], "the same: nothing", text)
    for words, says in ((("workspace=ws_2", "budget=1"), "can't be ws_2"),
                        (("workspace=ws_1", "budget=-1"), "from 0 to"),
                        (("workspace=ws_1", "budget=1; drop x"), "a number")):
        code, out, text = act("set-budget", *words)
        tap.check(code not in (0, 2) and says in text,
                  "refused: %s" % " ".join(words), text)


def dump_and_restore(act, pg, s):
    code, out, text = act("dump", "name=before", "--plan")
    tap.check(code == 0 and "workspaces: " in text and SECRET not in text,
              "the plan of a dump says what is in the database", text)
    out = is_done(act("dump", "name=before"), "the database is dumped")
    file = s.file("backup/before.dump")
    tap.check(os.path.getsize(file) > 500 and "%s" % SECRET not in
              json.dumps(out), "into one file", str(out))
    pg.sql("set role aiv; update workspaces set budget_daily = 1; "
           "drop table cost_ledger; create table later (id int)", db="shop")
    code, out, text = act("restore", "dump=nothing.dump")
    tap.check(code not in (0, 2) and "there is before.dump" in text,
              "what is not there can't be restored", text)
    out = is_done(act("restore", "dump=before.dump"), "the dump is restored")
    tap.check("first do dump (Dump the database)" in out["plan"]["traps"],
              "the plan said what to save first", str(out["plan"]))
    tap.check(pg.sql("select sum(budget_daily), to_regclass('cost_ledger') is "
                     "not null, to_regclass('later') is not null from "
                     "workspaces", db="shop") == "50.00|t|t",
              "every table of it, and no other",
              pg.sql("select * from workspaces", db="shop"))
    with open(file, "r+b") as f:
        f.truncate(os.path.getsize(file) - 200)
    pg.sql("update workspaces set budget_daily = 2", db="shop")
    code, out, text = act("restore", "dump=before.dump")
    tap.check(code != 0 and out.get("outcome") != "done" and
              pg.sql("select sum(budget_daily) from workspaces", db="shop") ==
              "4.00", "one that is cut off changes nothing", text)
    code, out, text = act("dump", "name=none/of/these")
    tap.check(code != 0 and "No such file" in text,
              "a folder that is not there is told", text)


def check_pm2():
    pm2 = os.path.join(MODULES, ".bin", "pm2")
    if not os.path.exists(pm2) or not shutil.which("node"):
        tap.skip("no pm2 (npm ci in tests/node)")
        return
    with Scratch() as s:
        path = os.path.dirname(pm2) + ":" + os.environ["PATH"]
        home = s.file("pm2")
        env = s.env(PM2_HOME=home, PATH=path)
        app = s.file("app.js", "setInterval(() => 0, 1000)\n")

        def call(*words):
            return subprocess.run([pm2, *words], env=env, text=True,
                                  capture_output=True, timeout=60).stdout
        call("start", app, "--name", "api")
        call("start", app, "--name", "jobs")
        try:
            processes(Profile(s, PM2_HOME=home, PATH=path), call)
        finally:
            call("kill")


def processes(act, call):
    def of(name):
        return [p for p in json.loads(call("jlist")) if p["name"] == name]
    out = is_done(act("scale-process", "jobs", "instances=3"), "pm2 scales up")
    tap.check(len(of("jobs")) == 3 and len(of("api")) == 1 and
              out["plan"]["undo"]["set"] == {"instances": "1"} and
              re.search(r'"1".*"3"', json.dumps(out["plan"])),
              "from one process to three", json.dumps(out["plan"]))
    is_done(act("scale-process", "jobs", "instances=1"), "and down again")
    tap.check(len(of("jobs")) == 1, "to one")
    code, out, text = act("scale-process", "jobs", "instances=0")
    tap.check(code not in (0, 2) and len(of("jobs")) == 1,
              "never to none, which would forget it", text)
    was = of("api")[0]
    is_done(act("restart-process", "api"), "pm2 restarts")
    now = of("api")[0]
    tap.check(now["pid"] != was["pid"] and now["pm2_env"]["restart_time"] == 1
              and of("jobs")[0]["pm2_env"]["restart_time"] == 0,
              "this one and no other", str((was["pid"], now["pid"])))
    is_done(act("stop-process", "api"), "pm2 stops one")
    tap.check(of("api")[0]["pm2_env"]["status"] == "stopped", "it is stopped")
    code, out, text = act("stop-process", "api")
    tap.check(code == 0 and out["plan"]["nothing"], "again: nothing", text)
    is_done(act("start-process", "api"), "and starts it")
    tap.check(of("api")[0]["pm2_env"]["status"] == "online", "it is back")
    code, out, text = act("restart-process", "nosuch")
    tap.check(code != 0 and "api" not in text and "nosuch not found" in text,
              "one that is not there is told", text)


DOCKER = r"""
printf '%%s' "$IMAGE_TAG" > %(dir)s/tag.said
for word; do printf '%%s\n' "$word"; done > %(dir)s/argv
case "$*" in
"compose ps --services") printf 'postgres\nredis\napi\njobs\n' ;;
"compose ps --services --status running") cat %(dir)s/running ;;
"compose ps --all --format {{.Image}} api")
    echo ai-visibility-api:$(cat %(dir)s/tag) ;;
"image ls --format {{.Tag}} ai-visibility-api")
    printf '1.5.0\n1.4.2\n<none>\n' ;;
"compose stop api jobs") echo postgres > %(dir)s/running ;;
"compose start api jobs") printf 'api\njobs\n' > %(dir)s/running ;;
"compose up "*) printf '%%s' "$IMAGE_TAG" > %(dir)s/tag ;;
*json*) echo '{"Service":"postgres","State":"running","Health":"",' \
    '"Image":"p","CreatedAt":"2026-11-26 09:12:01 +0000 UTC","Status":"Up"}' ;;
esac
"""


def check_containers():
    with Scratch() as s:
        path = stub(s, "docker", DOCKER % {"dir": s.path})
        s.file("running", "postgres\nredis\napi\njobs\n")
        s.file("tag", "1.5.0")
        act = Profile(s, PATH=path, COMPOSE_DIR=s.path)
        is_done(act("restart-container", "postgres"), "a container restarts")
        code, out, text = act("restart-container", "postgers")
        tap.check(code in (1, 3) and "did you mean postgres?" in text,
                  "one that is not there is told", text)
        out = is_done(act("stop-services"), "both services stop")
        tap.check(read(s.file("running")) == "postgres\n" and
                  out["plan"]["undo"]["action"] == "start-services",
                  "and what starts them is at hand", str(out["plan"]))
        is_done(act("start-services"), "both start")
        out, tag = act("previous-version", "version=1.4.2", "--plan"), "tag"
        tap.check(read(s.file(tag)) == "1.5.0" and "1.4.2" in out[2],
                  "a plan changes nothing", out[2])
        # No API answers here, so that it can't be seen whether it is well.
        _, out, text = act("previous-version", "version=1.4.2", "--timeout=3")
        tap.check(read(s.file(tag)) == "1.4.2" and
                  out["plan"]["undo"]["set"] == {"version": "1.5.0"},
                  "the version before runs, and the way back is known", text)
        code, out, text = act("previous-version", "version=1.3.0")
        tap.check(code not in (0, 2) and "there is 1.5.0, 1.4.2" in text,
                  "a version without an image is refused", text)


def check_migrate():
    with Scratch() as s:
        path = stub(s, "pnpm", r"""
echo "$*" >> %(dir)s/asked
case "$*" in
*deploy) echo applied > %(dir)s/applied ;;
*status) test -f %(dir)s/applied || { echo 2 to apply; exit 1; } ;;
esac
""" % {"dir": s.path})
        act = Profile(s, PATH=path, APP_DIR=s.path,
                      DATABASE_URL="postgresql://a:%s@127.0.0.1:1/x" % SECRET)
        code, out, text = act("migrate", "--plan")
        tap.check(code == 0 and "2 to apply" in text and
                  "prisma migrate deploy" in text and SECRET not in text,
                  "the plan says what is to be applied", text)
        is_done(act("migrate"), "migrations are applied, and looked at")
        asked = read(s.file("asked")).splitlines()
        tap.check([a for a in asked if "deploy" in a] == [
            "--filter @ai-visibility-platform/db exec prisma migrate deploy"],
            "once", asked)


def check_settings():
    with Scratch() as s:
        file = s.file("app.env", "export DATABASE_URL=\"postgres://u:%s@/?#"
                      "@db:5432/shop?schema=x&connection_limit=20\"\n"
                      "REDIS_URL=redis://:%s@cache:6379/0\nBRAVE_API_KEY=%s\n"
                      "JWT_SECRET='%s'\nSERPAPI_KEY=\n" % ((SECRET,) * 4))
        act = Profile(s, ENV_FILE=file, SERVICE_CTL=s.file("ctl"))
        stub(s, "x", "")
        s.file("ctl", "#!/bin/sh\necho \"$*\" >> %s\n" % s.file("asked"))
        os.chmod(s.file("ctl"), 0o755)
        out = is_done(act("settings"), "settings are shown")
        tap.check(out["output"] == [
            "DATABASE_URL: db:5432/shop, connection_limit 20",
            "REDIS_URL: cache:6379/0",
            "not set  PERPLEXITY_API_KEY", "not set  SERPAPI_KEY",
            "set      BRAVE_API_KEY", "set      JWT_SECRET",
            "not set  SENTRY_DSN"] and SECRET not in json.dumps(out) and
            "file written" in json.dumps(out["plan"]),
            "which are set, since when, and no secret", json.dumps(out))
        secrets(act, s, file)


def secrets(act, s, file):
    code, out, text = act("flag.set", "jwt-secret", "value=" + SECRET)
    tap.check(code not in (0, 2) and SECRET not in text, "a secret in plain text is "
              "refused and not repeated", text)
    new = s.file("new-secret", "n3w-secret-fedcba9876543210\n")
    os.chmod(new, 0o600)
    # No API answers here, so that it can't be seen whether it is well.
    _, out, text = act("flag.set", "jwt-secret", "value=file:" + new,
                       "--timeout=3")
    tap.check("JWT_SECRET=n3w-secret-fedcba9876543210" in
              read(file).replace("'", "").replace('"', "") and
              read(s.file("asked")) == "restart api jobs\n" and
              "n3w-secret" not in text and SECRET not in text,
              "by reference it is set, and both services read it", text)
    tap.check(stat.S_IMODE(os.stat(file).st_mode) & 0o077 in (0, 0o044),
              "the file stays as readable as it was")
    _, out, text = act("flag.set", "worker-concurrency", "value=10")
    tap.check("\nWORKER_CONCURRENCY=10\n" in read(file) and
              read(s.file("asked")).endswith("restart jobs\n"),
              "a number of workers, and only they restart", text)
    audit = s.run("audit", "export").stdout
    tap.check(SECRET not in audit and "n3w-secret" not in audit and
              "flag.set" in audit, "on record, without any secret", audit)


def check_left_out():
    """Nothing is there: nothing is offered, and who asks is told why."""
    with Scratch() as s:
        act = Profile(s)
        for action, name in (("restart-container", "COMPOSE_DIR"),
                             ("scale-process", "PM2_HOME"),
                             ("dump", "DATABASE_URL"),
                             ("settings", "ENV_FILE")):
            code, _, text = act(action)
            tap.check(code not in (0, 2) and "%s is not set" % name in text,
                      "%s: not without %s" % (action, name), text)
        said = s.run("check", PROFILE).stdout
        tap.check("0 actions, 0 flags, nothing wrong\n" in said and re.search(
            "^  left out, COMPOSE_DIR is not set: .*stop-services", said,
            re.M) and said.count("ENV_FILE is not set") == 1,
                  "sevtop check says what is left out, and why", said)
        code, _, text = act("flag.set", "auto-throttle")
        tap.check(code not in (0, 2) and "ENV_FILE is not set" in text,
                  "and no flag either", text)


if __name__ == "__main__":
    tap.run(check_database, check_pm2, check_containers, check_migrate,
            check_settings, check_left_out)
