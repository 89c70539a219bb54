#!/usr/bin/python3
"""`sevtop logs`: what a pipe and a bot get to see, line for line.

Runs sevtop of SEV_BUILDDIR, else of the current folder.
"""
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

SEVTOP = os.path.join(os.environ.get("SEV_BUILDDIR", "."), "sevtop")
PATIENCE = 60  # seconds for what takes a moment, on a busy machine
count = failures = 0


def ok(good, name, detail=""):
    global count, failures
    count += 1
    print("%sok %d - %s" % ("" if good else "not ", count, name), flush=True)
    if not good:
        failures += 1
        print("# %r" % (detail,), flush=True)


def run(*args):
    done = subprocess.run([SEVTOP, "logs"] + list(args), timeout=PATIENCE,
                          stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def next_line(pipe):
    """The next whole line of a pipe; what there is when none comes."""
    end = time.monotonic() + PATIENCE
    got = b""
    while not got.endswith(b"\n") and time.monotonic() < end:
        if select.select([pipe], [], [], 1)[0]:
            byte = os.read(pipe.fileno(), 1)
            if not byte:
                break
            got += byte
    return got.decode()


def append(path, text):
    with open(path, "a") as file:
        file.write(text)


def test_print():
    append("api.log",
           "2026-11-22T14:02:29.114Z ERROR boom \033[31mred job=1\n"
           "    at f (a.js:1:2)\n"
           '{"level":40,"time":1795356149114,"msg":"slow","q":"a \\"b",'
           '"secret":"token=ghp_0123456789abcdefghijklmnopqrstuvwxyz"}\n')
    status, out, err = run("-c", "c.yaml")
    lines = out.split("\n")
    ok(status == 0, "status 0", (status, err))
    ok(lines[0] == "2026-11-22T14:02:29.114Z ERROR api boom \\x1b[31mred "
       "job=1", "time, level, source, text; escapes are visible", lines[0])
    ok(lines[1].endswith("ERROR api     at f (a.js:1:2)"),
       "a stack goes with its line", lines[1])
    ok("WARN  api slow  q=" in lines[2], "fields follow the text", lines[2])
    ok("ghp_" not in out and "[redacted]" in out, "secrets are hidden", out)
    ok("jobs: waiting for" in err, "what is missing is told", err)
    status, out, err = run("-c", "c.yaml", "-o", "json")
    rows = [json.loads(line) for line in out.splitlines()]
    ok(len(rows) == 3 and rows[0]["level"] == "ERROR" and
       rows[0]["time"] == "2026-11-22T14:02:29.114Z" and
       rows[0]["source"] == "api", "an object per line", rows)
    ok(rows[2]["fields"]["q"] == 'a "b', "with fields", rows[2])
    ok(rows[1].get("goes_on") is True, "and what goes on", rows[1])


def test_filter():
    ok("at f" in run("-c", "c.yaml", "--filter", "boom")[1],
       "a filter keeps stacks with their line")
    out = run("-c", "c.yaml", "--filter", "level>=warn !boom")[1]
    ok("slow" in out and "at f" not in out, "and leaves them out", out)
    out = run("-c", "c.yaml", "--filter", "@slow")[1]
    ok("slow" in out and "boom" not in out, "a search that has a name", out)
    status, out, err = run("-c", "c.yaml", "--filter", "x @slwo")
    ok(status == 64 and "column 3" in err and "@slow" in err,
       "a wrong name: 64, with those there are", (status, err))
    ok(run("-c", "c.yaml", "--since", "2027-01-01T00:00:00Z")[1] == "",
       "nothing since a time to come")
    ok("boom" in run("-c", "c.yaml", "--since", "1000w")[1] or
       "boom" in run("-c", "c.yaml", "--since", "3650d")[1],
       "all since long ago")


def test_wrong():
    status, out, err = run("-c", "c.yaml", "--filter", "level>=warm")
    ok(status == 64 and "column 8" in err and out == "",
       "a wrong filter: 64, with the column", (status, err))
    ok(run("-c", "c.yaml", "--since", "noon")[0] == 64, "a wrong time: 64")
    ok(run("-c", "c.yaml", "-o", "xml")[0] == 64, "a wrong format: 64")
    ok(run("-c", "none.yaml")[0] == 78, "no configuration: 78")
    append("empty.yaml", "platform: t\nenv: test\nsources:\n"
           "  web: {type: http, url: 'http://127.0.0.1:9/'}\n")
    status, out, err = run("-c", "empty.yaml")
    ok(status == 78 and "logfile" in err, "no log source: 78", (status, err))


def test_follow():
    proc = subprocess.Popen([SEVTOP, "logs", "-c", "c.yaml", "-f"],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
    for _ in range(3):
        next_line(proc.stdout)
    append("jobs.log", "2026-11-22T14:05:00Z WARN new\n")
    line = next_line(proc.stdout)
    ok(line == "2026-11-22T14:05:00.000Z WARN  jobs new\n",
       "a line of a file that appeared comes at once", line)
    os.rename("api.log", "api.log.1")
    append("api.log.1", "2026-11-22T14:05:01Z INFO late\n")
    append("api.log", "2026-11-22T14:05:02Z INFO fresh\n")
    lines = [next_line(proc.stdout), next_line(proc.stdout)]
    ok("late" in lines[0] and "fresh" in lines[1],
       "through a rotation, in order", lines)
    proc.stdout.close()
    try:
        status = proc.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        proc.kill()
        status = "stays"
    ok(status == 0, "ends when nobody reads any more", status)


def test_polled():
    """Lines of a source that is asked again and again, not followed."""
    append("told", "first\n")
    append("p.yaml", "platform: t\nenv: test\nsources:\n"
           "  told: {type: process, argv: [cat, told], log: true, "
           "read: lines, every: 1s}\n")
    proc = subprocess.Popen([SEVTOP, "logs", "-c", "p.yaml", "-f"],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
    line = next_line(proc.stdout)
    append("told", "second\n")
    more = next_line(proc.stdout)
    ok("first" in line and "second" in more, "it is, with -f", (line, more))
    proc.terminate()
    proc.wait(PATIENCE)


def main():
    global SEVTOP
    SEVTOP = os.path.abspath(SEVTOP)
    folder = tempfile.mkdtemp(prefix="sevtop-logs-")
    os.chdir(folder)
    append("c.yaml", "platform: t\nenv: test\nsources:\n"
           "  api: {type: logfile, path: api.log}\n"
           "  jobs: {type: logfile, path: jobs.log}\n"
           "logs:\n  slow: level=warn slow\n")
    try:
        for test in (test_print, test_filter, test_wrong, test_follow,
                     test_polled):
            print("# " + test.__name__)
            test()
    finally:
        os.chdir("/")
        shutil.rmtree(folder)
    print("1..%d" % count)
    return 1 if failures else 0


sys.exit(main())
