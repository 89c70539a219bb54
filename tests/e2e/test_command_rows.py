#!/usr/bin/python3
"""Every row of the runbooks' inventory that is a command can be said as a
configured action: `sevtop check` takes it, it is of the right class, it has a
plan, and what the plan says is what is run. The tools are stand-ins that
write down their words; nothing real is reached."""
import http.server
import json
import os
import shlex
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import HERE, tap  # noqa: E402
from worldkit import Scratch  # noqa: E402

CONFIG = os.path.join(HERE, "command_rows.yaml")
# The rows by what is asked before them. The inventory's "safe" wants a y.
ROWS = {
    "look": "A-25 A-28 A-33 A-43 F-20 F-21 F-22 F-23 F-24 F-25 F-26 F-30 "
            "F-31 F-32 V-13 V-32 V-53 V-56 V-57 V-58 W-08 W-17 W-19 W-27 "
            "W-37 W-38 W-40 W-47",
    "reversible": "A-71 F-17 F-18 F-47 F-50 F-53 V-96 V-108 W-70 W-72 W-73 "
                  "W-87 W-88 W-92 W-94 "
                  "A-55 A-56 A-57 A-58 A-59 A-61 F-45 F-58 V-83 V-99 V-102 "
                  "V-103 V-107 W-67 W-68 W-81",
    "disruptive": "A-48 A-49 A-50 A-60 A-62 A-63 A-65 F-44 F-56 F-57 F-60 "
                  "F-61 F-65 V-92 V-93 V-94 V-95 V-101 V-109 W-46 W-65 W-79 "
                  "W-80 W-85 W-91 W-93 W-95 V-129",
    "destructive": "A-72 F-48 F-49 F-51 F-52 F-54 F-55 V-97 W-71 W-78",
}
TOOLS = ("aws bash docker gcloud git node npm openssl pg_dump pg_restore pnpm "
         "psql redis-cli vacuumdb vercel").split()
TOOL = """#!/bin/sh
{ for word in "${0##*/}" "$@"; do printf '%%s\\037' "$word"; done; echo; } \
    >> %(dir)s/ran
case "${0##*/} $*" in
openssl*) echo 0123456789abcdef0123456789abcdef ;;
*"image ls"*) echo 1.4.1 ;;
*"ls gs://vistralai-backup"*) echo gs://vistralai-backup/redis/a.rdb ;;
*"ls gs://fluxori"*) echo gs://fluxori-test-backup/firestore/2026-11-25/ ;;
"psql -XqAt --set=id=ws_1") cat > /dev/null; echo 50.00 ;;
*timeoutSeconds*) echo 300 ;;
*"run services describe"*json*) printf '%%s' '"name": "LOG_LEVEL", ' \
    '"value": "info", "run.googleapis.com/ingress": "all"' ;;
*"builds list"*) echo 4711 ;;
*) echo something ;;
esac
"""
# What has to be given; all others need nothing.
GIVEN = {
    "F-23": "path=a/b", "F-24": "path=a/b", "F-25": "email=a@b.c",
    "F-32": "date=2026-11-25", "V-13": "brand=b1",
    "V-32": "method=SetIamPolicy", "V-53": "build=4711",
    "W-08": "domain=example.com", "W-17": "group=app",
    "W-38": "query=select\t1", "W-47": "command=TTL key=a", "A-71": "file=x",
    "F-47": "date=2026-11-25", "F-50": "date=2026-11-25", "V-96": "name=a",
    "V-108": "text=hello", "W-70": "file=x", "W-88": "vendor=redis subject=x",
    "W-92": "statuspage mail text=hello", "W-94": "folder=/tmp",
    "A-55": "A-55 value=env:NEW_SECRET", "A-56": "ws_1 budget=100",
    "A-57": "A-57 value=50", "A-58": "A-58 value=10", "A-59": "A-59",
    "A-61": "A-61 value=http://collector",
    "F-45": "collection=orders first=createdAt second=status",
    "F-58": "file=/dev/null", "V-83": "seconds=600",
    "V-99": "queue=crawl since=1h", "V-103": "member=user:a@b.c",
    "V-107": "level=debug", "W-68": "seconds=60", "W-81": "size=100",
    "A-60": "A-60 value=env:NEW_SECRET", "A-63": "tag=1.4.1",
    "F-44": "suffix=s1", "F-57": "address=203.0.113.7", "F-60": "path=a",
    "F-65": "key=k1", "V-109": "ingress=internal", "W-79": "tag=words",
    "W-91": "on=true", "W-93": "u1 u2", "W-95": "name=NEXTAUTH_SECRET",
    "A-72": "%(dir)s/old.dump", "W-71": "%(dir)s/old.dump",
    "F-48": "gs://fluxori-test-backup/firestore/2026-11-25/",
    "F-49": "gs://fluxori-test-backup/firestore/2026-11-25/",
    "F-51": "gs://fluxori-test-backup/storage/2026-11-25",
    "F-52": "logos date=2026-11-25", "F-54": "2026-11-25",
    "F-55": "2026-11-25", "V-97": "file=gs://vistralai-backup/redis/a.rdb",
}
SECRETS = ("t0ken-0123456789", "n3w-0123456789")
# Values that the plan must not take: typed inputs are checked.
REFUSED = {"V-83": "seconds=5400", "W-47": "command=FLUSHALL key=a",
           "V-53": "build=none", "A-56": "ws_1 budget=much",
           "W-46": "seconds=60", "V-32": "method=anything",
           "F-48": "gs://elsewhere/", "W-91": "on=maybe"}


class Api(http.server.BaseHTTPRequestHandler):
    """Answers everything with a value, and remembers what was asked."""
    asked = []

    def do_GET(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.asked.append((self.command, self.path,
                           self.rfile.read(length).decode()))
        body = b'{"value": "50", "resourceConfig": ' \
            b'{"functionDefaultTimeout": 10}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PATCH = do_GET

    def log_message(self, *_):
        pass


class Rows:
    def __init__(self, scratch, port):
        self.scratch, self.port = scratch, port
        for tool in TOOLS:
            path = scratch.file("bin/" + tool, TOOL % {"dir": scratch.path})
            os.chmod(path, 0o755)
        scratch.file("old.dump", "")
        self.env = scratch.env(
            PATH=os.path.dirname(path) + ":" + os.environ["PATH"],
            ENV_FILE=scratch.file("app.env", "JWT_SECRET=%s\n" % SECRETS[1]),
            FOLDER=scratch.path, API_URL="http://127.0.0.1:%d" % port,
            DATABASE_URL="postgresql://a:%s@127.0.0.1:1/x" % SECRETS[0],
            ADMIN_TOKEN=SECRETS[0], NEW_SECRET=SECRETS[1])

    def act(self, row, given, *words):
        flag = given.split()[:1] == [row]
        args = ["act", "-c", CONFIG, "flag.set" if flag else row]
        for word in given.split(" ") if given else []:
            word = (word % {"dir": self.scratch.path}).replace("\t", " ")
            args += ["--set" if "=" in word and "://" not in
                     word.split("=")[0] else "--target", word]
        # A record of its own: what stays open of one is not read by the next.
        env = dict(self.env, XDG_STATE_HOME=self.scratch.file("state-" + row))
        done = self.scratch.run(*args, *words, "-o", "json", env=env)
        out = json.loads(done.stdout) if done.stdout.strip() else {}
        return done.returncode, out, done.stdout + done.stderr

    def ran(self):
        """The words of all programs that were run, and forgets them."""
        path = self.scratch.file("ran")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as f:
            lines = f.read().split("\x1f\n")
        os.unlink(path)
        return [line.split("\x1f") for line in lines if line]


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that had enough is no error."""


def with_rows(test):
    def run():
        server = Server(("127.0.0.1", 0), Api)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with Scratch() as scratch:
                test(Rows(scratch, server.server_address[1]))
        finally:
            server.shutdown()
            server.server_close()
    run.__name__ = test.__name__
    return run


@with_rows
def check_rows(rows):
    done = rows.scratch.run("check", CONFIG, env=rows.env)
    tap.check(done.returncode == 0 and not done.stderr, "sevtop check takes "
              "it", done.stderr)
    ids = " ".join(ROWS.values()).split()
    tap.check(len(ids) == len(set(ids)) == 97, "97 rows", len(set(ids)))
    for class_, group in ROWS.items():
        for row in group.split():
            code, out, text = rows.act(row, GIVEN.get(row, ""), "--plan")
            plan = out.get("plan", {})
            tap.check(code == 0 and plan.get("class") == class_ and
                      plan.get("sends") and not plan.get("nothing") and
                      not any(s in text for s in SECRETS),
                      "%s has a plan: %s" % (row, class_), text)
            if class_ == "destructive":
                tap.check(any(t.startswith("first do ")
                              for t in plan.get("traps", [])),
                          "%s: its plan names what to save first" % row, text)
            run_row(rows, row, plan.get("sends", []))


def run_row(rows, row, sends):
    """What the plan says is what is run, word for word, and only once."""
    planned = rows.ran()
    del Api.asked[:]
    code, _, text = rows.act(row, GIVEN.get(row, ""), "--yes", "--reason",
                             "a test", "--timeout", "1")
    ran = rows.ran()
    said = [shlex.split(line) for line in sends
            if line.split(" ")[0] in TOOLS]
    asked = [line.split("; ")[0].split(" ")[:2] for line in sends
             if line.split(" ")[0] in ("GET", "POST", "PATCH")]
    got = [[method, "http://127.0.0.1:%d%s" % (rows.port, path)]
           for method, path, _ in Api.asked]
    tap.check(code != 64 and all(ran.count(words) == 1 for words in said) and
              not any(words in planned for words in said) and
              all(got.count(words) == 1 for words in asked) and
              not any(s in " ".join(sum(ran, [])) for s in SECRETS),
              "%s: %s" % (row, " ".join((said or asked or [["a file"]])[0])),
              "%s\n%s\n%s\n%s" % (sends, planned, ran + got, text))


@with_rows
def check_refused(rows):
    for row, given in REFUSED.items():
        code, out, text = rows.act(row, given, "--yes", "--reason", "a test")
        sends = out.get("plan", {}).get("sends")
        tap.check(code != 0 and not sends, "%s is refused: %s" % (row, given),
                  text)


if __name__ == "__main__":
    tap.run(check_rows, check_refused)
