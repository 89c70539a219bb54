#!/usr/bin/python3
"""The terminal comes back after every ending of the real program, in every
state, and nothing of it stays behind."""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import ALT_SCREEN, PASTE, tap  # noqa: E402
from worldkit import (SLOW, Dashboard, Impostor, Scratch,  # noqa: E402
                      until)

# name: signal, exit status as a shell sees it, what must be said
SIGNALS = (
    ("INT", signal.SIGINT, 130, None), ("TERM", signal.SIGTERM, 143, None),
    ("HUP", signal.SIGHUP, 129, None), ("QUIT", signal.SIGQUIT, 131, None),
    ("ABRT", signal.SIGABRT, -6, "crashed: SIGABRT"),
    ("SEGV", signal.SIGSEGV, -11, "crashed: SIGSEGV"),
)
STATES = ("idle", "frames", "filter", "palette", "help")
SIZE = (40, 140)


def platform(scratch, silent):
    """A log file for frames, and two servers that never answer."""
    log = scratch.file("app.log", "2026-11-22T14:00:00.000Z INFO hello\n")
    port = silent.server.getsockname()[1]
    return log, scratch.file("end.yaml", """platform: end
env: staging
sources:
  app: {type: logfile, path: %s}
  page: {type: http, url: "http://127.0.0.1:%d/", every: 1s}
  cache: {type: redis, url: "redis://127.0.0.1:%d/0", every: 1s}
""" % (log, port, port))


def bring_to(t, state, log):
    """Waits for the dashboard and brings it into a state."""
    t.wait_text("hello|app ")
    if state == "frames":
        t.panel(3, "logs")
        t.wait_text("hello")
        with open(log, "a") as f:  # one picture after another comes of it
            for n in range(20000):
                f.write("2026-11-22T14:00:01.000Z WARN line %d\n" % n)
        t.wait_text(r"WARN.* line \d+")
    elif state == "filter":
        t.panel(3, "logs")
        t.send("f")
        t.wait_text("^filter:")
        t.send("half a filt")
        t.wait_text("half a filt")
    elif state == "palette":
        t.send(":")
        t.wait_text("^:")
    elif state == "help":
        t.send("?")
        t.wait_text("^keys that work here")


def check_whole(t, name):
    wrong = t.restored()
    tap.check(wrong == [], name + ": the terminal is as it was", wrong)


def test_signals():
    with Scratch() as s, Impostor(0, None) as silent:
        log, config = platform(s, silent)
        for name, number, want, words in SIGNALS:
            for state in STATES:
                with Dashboard(s, "-c", config, size=SIZE) as t:
                    bring_to(t, state, log)
                    t.kill(number)
                    got = t.wait_end()
                    what = "%s, %s" % (name, state)
                    tap.check(got == want or (SLOW and want < 0 and got > 0),
                              what + " ends it", got)
                    check_whole(t, what)
                    if words:
                        tap.check(words in t.text().replace("\n", ""),
                                  what + ": says why", t.text())
                os.truncate(log, 40)


def test_q():
    with Scratch() as s, Impostor(0, None) as silent:
        log, config = platform(s, silent)
        for state in ("idle", "frames"):
            with Dashboard(s, "-c", config, size=SIZE) as t:
                bring_to(t, state, log)
                took = t.quit_s()
                tap.check(t.wait_end() == 0 and (took < 1 or SLOW),
                          "q, %s: out in %.2f s" % (state, took),
                          t.wait_end())
                check_whole(t, "q, " + state)
        with Dashboard(s, "-c", config, size=SIZE) as t:
            bring_to(t, "filter", log)
            t.send("q")
            t.wait_text("half a filtq")
            tap.check(not t.ended(), "q in a prompt is a letter")
            t.send("\x03")
            t.wait_no_text("^filter:")
            tap.check(not t.ended(), "^C there leaves the prompt only")
            t.send("\x03")
            t.wait_end()
            check_whole(t, "^C")


def test_suspend():
    """^Z and fg, TSTP from outside, STOP without a warning."""
    with Scratch() as s, Impostor(0, None) as silent:
        log, config = platform(s, silent)
        for state in ("idle", "frames", "filter"):
            with Dashboard(s, "-c", config, size=SIZE) as t:
                bring_to(t, state, log)
                for how in ("^Z", "TSTP", "STOP"):
                    if how == "^Z":
                        t.send("\x1a")
                    else:
                        t.kill(getattr(signal, "SIG" + how))
                    t.wait_report("stopped")
                    what = "%s, %s" % (how, state)
                    if how != "STOP":
                        check_whole(t, what)
                    else:  # what the shell and its user make of the screen
                        t.settle()
                        with t.lock:
                            t.screen.feed(b"\x1b[?1049l\x1b[?2004l\x1b[H"
                                          b"\x1b[2Jjunk of a shell")
                    t.foreground()
                    t.wait(lambda: ALT_SCREEN in t.screen.mode and
                           PASTE in t.screen.mode, "modes again")
                    t.wait_text("^sevtop  end ")
                    t.wait_no_text("junk of a shell")
                    tap.check(True, what + ": back with modes and picture")
                t.kill(signal.SIGTERM)
                tap.check(t.wait_end() == 143, "then TERM ends it, " + state)
                check_whole(t, "TERM after suspend, " + state)
                os.truncate(log, 40)


def threads_of(pid):
    return len(os.listdir("/proc/%d/task" % pid))


def test_terminal_gone():
    for hup, word in ((signal.SIG_DFL, "default"),
                      (signal.SIG_IGN, "ignored")):
        with Scratch() as s, Impostor(0, None) as silent:
            log, config = platform(s, silent)
            for state in ("idle", "frames", "filter"):
                with Dashboard(s, "-c", config, size=SIZE, hup=hup) as t:
                    bring_to(t, state, log)
                    before, begin = t.cpu_s(), time.monotonic()
                    t.hang_up()
                    used = before
                    while not t.ended():
                        try:
                            used = t.cpu_s()
                        except (OSError, IndexError):
                            break
                        if time.monotonic() - begin > 20:
                            break
                        time.sleep(0.01)
                    t.wait_end()
                    took = time.monotonic() - begin
                    tap.check(took < 2 or SLOW, "terminal gone, HUP %s, %s: "
                              "process gone after %.2f s" % (word, state,
                                                             took))
                    tap.check(used - before < 1, "%s: without spinning" %
                              state, used - before)
                os.truncate(log, 40)


def test_stopped_reader():
    """A terminal that stops reading: data goes on, q still leaves."""
    with Scratch() as s, Impostor(0, None) as silent:
        log, config = platform(s, silent)
        with Dashboard(s, "-c", config, size=(60, 200)) as t:
            bring_to(t, "frames", log)
            t.pause()
            with open(log, "a") as f:
                for n in range(50000):
                    f.write("2026-11-22T14:00:02.000Z WARN more %d\n" % n)
                f.write("2026-11-22T14:00:03.000Z ERROR the newest\n")
            before = t.cpu_s()
            t.send("kG")
            until(lambda: t.cpu_s() >= before, "a living process")
            t.resume()
            t.wait_text("the newest")
            tap.check(True, "it reads again: the newest picture comes")
            t.pause()
            begin = time.monotonic()
            t.send("q")
            t.wait_end()
            took = time.monotonic() - begin
            tap.check(took < 2 or SLOW,
                      "q while it does not read: out in %.2f s" % took)
            t.resume()
            check_whole(t, "q with a stopped reader")


def test_sizes():
    """Any size while everything hangs and lines come in."""
    with Scratch() as s, Impostor(0, None) as silent:
        log, config = platform(s, silent)
        with Dashboard(s, "-c", config) as t:
            bring_to(t, "frames", log)
            for n in range(400):
                t.resize(1 + n * 7 % 60, 1 + n * 13 % 200)
                if n % 20 == 0:
                    t.send("12340"[n // 20 % 5])
            for rows, cols in ((1, 1), (2, 300), (200, 2), (9, 39), (10, 40)):
                t.resize(rows, cols)
            t.resize(24, 80)
            t.panel(1, "overview")
            t.wait_text("^sevtop  end ")
            tap.check(True, "400 sizes from 1x1 on, then the right picture")
            t.send("q")
            tap.check(t.wait_end() == 0, "and q leaves")
            check_whole(t, "sizes")


if __name__ == "__main__":
    tap.run(test_q, test_signals, test_suspend, test_terminal_gone,
            test_stopped_reader, test_sizes)
