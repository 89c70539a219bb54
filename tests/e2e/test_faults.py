#!/usr/bin/python3
"""The dashboard while things break: it says what in words, stays live,
recovers by itself, and q leaves in every state."""
import os
import re
import shutil
import signal
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import (ALL_ANSWER, NOT_ALL_ANSWER, SLOW,  # noqa: E402
                      Dashboard, Impostor, Scratch, World, foreign_bytes,
                      need_redis, quick_profile)

OVERVIEW, QUEUES, SOURCES = (1, "overview"), (4, "queues"), (0, "sources")
SERVICES, DEPENDENCIES = (7, "services"), (8, "dep")
KEY_MS = 1500 if SLOW else 250
RECOVERY = 90  # seconds; backoff ends at 30, signals want to be calm a while

# fault: what must stand there, and what again when it is over.
FAULTS = {
    "redis-gone": (
        ((SOURCES, r"^[> ] redis +DOWN +\d+s .*refused"),
         (SOURCES, r"^[> ] queues +DOWN +\d+s .*refused"),
         (SOURCES, r"^[> ] ready .*503"),
         (OVERVIEW, r"✗ +redis: DOWN .*for \d+s +since \d\d:\d\d:\d\d"),
         (OVERVIEW, r"^sevtop .* alerts?, worst CRIT .* (\d+)/(?!\1 )\d+ "),
         (QUEUES, r"^queues .*DOWN \d+s: .*refused"),
         (DEPENDENCIES, r"^ +redis (went bad|is bad)"),
         (DEPENDENCIES, r"^[> ] jobs .*because of redis")),
        ((SOURCES, r"^[> ] redis +ok"), (SOURCES, r"^[> ] queues +ok"),
         (OVERVIEW, ALL_ANSWER), (OVERVIEW, "redis: .*resolved"))),
    "provider-limit": (
        ((OVERVIEW, r"✗ +Perplexity used +100 % .*since"),
         (OVERVIEW, r"✗ +Provider errors .*since"),
         (QUEUES, r"429 too many requests \(perplexity\)"),
         (OVERVIEW, r"^services: perplexity (went bad|is bad)"),
         (DEPENDENCIES, r"^ +perplexity (went bad|is bad)")),
        ((OVERVIEW, r"Perplexity used .*resolved"),)),
    "stuck-queue": (
        ((OVERVIEW, r"✗ +Oldest waiting job +\d.*since"),
         (OVERVIEW, r"✗ +Waiting jobs +\d.*since"),
         (OVERVIEW, r"runPrompt +\d+ waiting +12 active .*(oldest \d+|\d+s old)")),
        ((OVERVIEW, r"Oldest waiting job .*resolved"),
         (OVERVIEW, r"Waiting jobs .*resolved"))),
    "error-burst": (
        ((OVERVIEW, r"✗ +Error rate +\d.* %  \(> 5 %\) .*since"),),
        ((OVERVIEW, r"Error rate .*resolved"),)),
    "slow-api": (
        ((OVERVIEW, r"✗ +Response p95 +\d.* s  \(> 2 s\) .*since"),),
        ((OVERVIEW, r"Response p95 .*resolved"),)),
    "hung-api": (
        ((SOURCES, r"^[> ] api +(DOWN|HUNG|STALE) +\d+s .*took the request"),
         (SOURCES, r"^[> ] metrics +(DOWN|HUNG|STALE) +\d+s "),
         (SOURCES, r"^[> ] redis +ok"),
         (OVERVIEW, r"✗ +api: (DOWN|HUNG|STALE) .*since"),
         (OVERVIEW, r"\? +Error rate +[—?]")),
        ((SOURCES, r"^[> ] api +ok"), (SOURCES, r"^[> ] metrics +ok"),
         (OVERVIEW, ALL_ANSWER), (OVERVIEW, "api: .*resolved"))),
    "bad-release": (
        ((OVERVIEW, r"deploy +api .*1\.4\.2.*1\.5\.0"),
         (OVERVIEW, r"[✗!] +Error rate +\d.*since"),
         (SERVICES, r"deploy +1\.4\.2 to 1\.5\.0")),
        ((OVERVIEW, r"deploy +api .*1\.5\.0.*1\.4\.2"),
         (OVERVIEW, r"Error rate .*resolved"))),
    "restart": (((OVERVIEW, r"restart +api"),),
                ((OVERVIEW, ALL_ANSWER),)),
}


class Report:
    """Checks of one case; cases run side by side and report in order."""

    def __init__(self, name):
        self.name, self.checks = name, []

    def check(self, good, what, detail=""):
        self.checks.append((good, "%s: %s" % (self.name, what), detail))

    def tell(self):
        for check in self.checks:
            tap.check(*check)


def wait_all(t, wanted):
    """Waits for each pattern on its panel."""
    for panel, regex in wanted:
        t.panel(*panel)
        t.wait_text(regex, RECOVERY)


def check_lively(t, report, what):
    ms = t.key_ms((SOURCES, OVERVIEW, QUEUES))
    report.check(ms < KEY_MS, "%s: a key shows after %.0f ms" % (what, ms))


def check_quit(t, report, what):
    took = t.quit_s()
    report.check(took < 1 or SLOW, "%s: q leaves in %.2f s" % (what, took))
    report.check(t.wait_end() == 0 and not t.restored(),
                 what + ": the terminal is whole", t.restored())
    raw = bytes(t.raw)
    report.check(not foreign_bytes(raw), what + ": own sequences only",
                 foreign_bytes(raw)[:5])


def play_fault(name, report):
    broken, mended = FAULTS[name]
    with Scratch() as s, World(s, "--seed", "7") as w:
        config = quick_profile(s)
        with Dashboard(s, "-c", config, env=w.env, size=(40, 140)) as t:
            t.wait_text(ALL_ANSWER)
            t.wait_text(r"Error rate +[\d.]+ %")
            w.fault("on", name)
            wait_all(t, broken)
            report.check(True, "said in words")
            check_lively(t, report, "broken")
            with Dashboard(s, "-c", config, env=w.env, size=(24, 80)) as u:
                u.wait_text(r"^sevtop .* [1-9]\d*/\d+ ")
                check_quit(u, report, "started meanwhile")
            begin = time.monotonic()
            w.fault("off", name)
            wait_all(t, mended)
            report.check(True, "recovered by itself in %.0f s" % (
                time.monotonic() - begin))
            check_quit(t, report, "afterwards")


def play_stopped_redis(report):
    """kill -STOP: connections are taken, nothing answers."""
    with Scratch() as s, World(s, "--seed", "7") as w:
        redis = w.redis_pid()
        config = quick_profile(s)
        with Dashboard(s, "-c", config, env=w.env, size=(40, 140)) as t:
            t.wait_text(ALL_ANSWER)
            t.panel(*QUEUES)
            t.wait_text("^[> ] runPrompt")
            os.kill(redis, signal.SIGSTOP)
            try:
                t.panel(*QUEUES)
                t.wait_text(r"^queues .*(STALE|DOWN) \d+s")
                report.check("runPrompt" in t.text(),
                             "old figures stay, with their age", t.text())
                row = t.rows_of("runBatch")[0]  # not the selected one
                dim = t.screen.buffer[row][4]
                calm = t.screen.buffer[0][0]
                report.check(dim.dim or dim.fg != calm.fg,
                             "and are dimmed", str(dim))
                ages = set()
                t.wait(lambda: ages.add(re.search(
                    r"^queues .*(?:STALE|DOWN) (\d+)s", t.screen.text(),
                    re.M)[1]) or len(ages) > 2, "three ages")
                report.check(True, "the age counts on")
                check_lively(t, report, "stopped")
                with Dashboard(s, "-c", config, env=w.env) as u:
                    u.wait_text(NOT_ALL_ANSWER)
                    check_quit(u, report, "stopped")
            finally:
                os.kill(redis, signal.SIGCONT)
            wait_all(t, ((SOURCES, r"^[> ] redis +ok"),
                         (SOURCES, r"^[> ] queues +ok"),
                         (OVERVIEW, ALL_ANSWER)))
            report.check(True, "continued: it recovers")
            check_quit(t, report, "afterwards")


GARBAGE = bytes(range(1, 256)) * 20 + b"\x1b]0;PWNED\x07\r\n"


def play_redis_garbage(report):
    """Something else listens where Redis was."""
    with Scratch() as s, World(s, "--seed", "7") as w:
        config = quick_profile(s)
        with Dashboard(s, "-c", config, env=w.env, size=(40, 140)) as t:
            t.wait_text(ALL_ANSWER)
            port = w.redis_port()
            w.fault("on", "redis-gone")
            answers = (("noise", GARBAGE, "BAD DATA"),
                       ("HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n",
                        "BAD DATA"),
                       ("a giant", b"*1000000000\r\n:1\r\n", "BAD DATA"),
                       ("silence", None, "DOWN|HUNG"))
            for name, answer, word in answers:
                with Impostor(port, answer):
                    t.panel(*SOURCES)
                    t.wait_text(r"^[> ] redis +(%s)" % word, RECOVERY)
                    report.check("api" in t.text(), name + " is told as such",
                                 t.text())
                    check_lively(t, report, name)
                    if answer is None:
                        with Dashboard(s, "-c", config, env=w.env) as u:
                            u.wait_text(NOT_ALL_ANSWER)
                            check_quit(u, report, name)
            w.fault("off", "redis-gone")
            wait_all(t, ((SOURCES, r"^[> ] redis +ok"),
                         (SOURCES, r"^[> ] queues +ok")))
            report.check(True, "the real one is back: it recovers")
            check_quit(t, report, "afterwards")


def play_api_garbage(report):
    """The address of the API is taken by servers that talk nonsense."""
    with Scratch() as s, World(s, "--seed", "7") as w:
        config = quick_profile(s)
        first = Impostor(0, GARBAGE)
        port = first.server.getsockname()[1]
        env = dict(w.env, API_URL="http://127.0.0.1:%d" % port)
        first.close()
        answers = (
            ("nobody", False, "DOWN .*refused"),
            ("noise", GARBAGE, "BAD DATA|DOWN"),
            ("a mail server", b"220 mail ESMTP\r\n", "BAD DATA|DOWN"),
            ("a cut answer", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"
             b"{\"a\"", "BAD DATA|DOWN"),
            ("a login page", b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
             b"Content-Length: 18\r\n\r\n<html>\x1b[2Jlog in</", "BAD DATA .*web page"),
            ("a redirect", b"HTTP/1.1 302 Found\r\nLocation: https://x/?t=1"
             b"\r\nContent-Length: 0\r\n\r\n", "(BAD DATA|DOWN) .*redirect"),
            ("silence", None, "(DOWN|HUNG) .*took the request"))
        with Dashboard(s, "-c", config, env=env, size=(40, 140)) as t:
            t.panel(*SOURCES)
            for name, answer, word in answers:
                taken = Impostor(port, answer) if answer is not False else None
                try:
                    t.send("r")  # now, not when the backoff is over
                    t.wait_text(r"^[> ] api +(%s)" % word, RECOVERY)
                    t.wait_text(r"^[> ] redis +ok")
                    report.check(True, name + " is told, Redis stays ok")
                    check_lively(t, report, name)
                    t.panel(*SOURCES)
                finally:
                    if taken:
                        taken.close()
            check_quit(t, report, "afterwards")


def line(text):
    return '{"time":1795356315029,"level":50,"msg":"%s"}\n' % text


def play_log_file(report):
    """The file appears, grows, is rotated, truncated, deleted, replaced."""
    with Scratch() as s:
        log = s.file("app.log")
        config = s.file("log.yaml", "platform: log\nenv: staging\nsources:\n"
                        "  app: {type: logfile, path: %s, every: 1s}\n" % log)
        with Dashboard(s, "-c", config, size=(40, 140)) as t:
            t.panel(*SOURCES)
            t.wait_text(r"^[> ] app +WAITING .*waiting for /")
            report.check(True, "no file yet: it waits and says so")

            def write(text, mode="a"):
                with open(log, mode) as f:
                    f.write(line(text))
                t.panel(3, "logs")
                t.wait_text(text)
                report.check(True, text)
            write("the first line")
            write("another line")
            os.rename(log, log + ".1")
            with open(log + ".1", "a") as f:
                f.write(line("late in the old file"))
            t.wait_text("late in the old file")
            write("after rotation by rename", "w")
            shutil.copy(log, log + ".2")
            os.truncate(log, 0)
            write("after copy and truncate")
            os.remove(log)
            t.panel(*SOURCES)
            t.wait_text(r"^[> ] app +(WAITING|DOWN|ok .*waiting)")
            report.check(True, "deleted: it says so")
            check_lively(t, report, "deleted")
            write("after the file came back")
            os.remove(log)
            os.mkfifo(log)
            t.panel(*SOURCES)
            check_lively(t, report, "a FIFO in its place")
            os.remove(log)
            os.mkdir(log)
            check_lively(t, report, "a folder in its place")
            os.rmdir(log)
            os.symlink("/dev/tty", log)
            check_lively(t, report, "a terminal in its place")
            os.remove(log)
            write("after all of them")
            check_quit(t, report, "afterwards")


def main():
    cases = [(name, lambda r, n=name: play_fault(n, r)) for name in FAULTS]
    cases += [("stopped Redis", play_stopped_redis),
              ("Redis replaced", play_redis_garbage),
              ("API replaced", play_api_garbage),
              ("log file", play_log_file)]
    chosen = sys.argv[1:]
    cases = [c for c in cases if not chosen or c[0] in chosen]
    reports = [Report(name) for name, _ in cases]
    turn = threading.Semaphore(4)

    def play(number):
        with turn:
            begin = time.monotonic()
            try:
                cases[number][1](reports[number])
            except Exception:
                reports[number].check(False, "ran whole",
                                      traceback.format_exc())
            print("# %s: %.0f s" % (cases[number][0],
                                    time.monotonic() - begin), flush=True)
    threads = [threading.Thread(target=play, args=(n,))
               for n in range(len(cases))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for report in reports:
        report.tell()
    print("1..%d" % tap.count)
    return 1 if tap.failed or not tap.count else 0


if __name__ == "__main__":
    need_redis()
    sys.exit(main())
