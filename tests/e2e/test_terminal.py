#!/usr/bin/python3
"""The terminal comes back after every ending, and nothing holds the loop."""
import contextlib
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import (ALT_SCREEN, PASTE, Terminal, program, tap,  # noqa: E402
                    trace_file)

DEMO = program()
with open(DEMO, "rb") as program_file:  # a sanitizer ends with its own status
    SANITIZED = bool(re.search(rb"__[at]san_init", program_file.read()))


def joined(t):
    """The screen without line ends: messages may have been wrapped."""
    return t.text().replace("\n", "")


def start(**kw):
    t = Terminal([DEMO], **kw)
    t.wait_text("commands: ")
    return t


def test_first_frame():
    with Terminal([DEMO]) as t:
        t.wait_text(r"sevtop  demo   DRILL")
        t.wait_text(r"^1 one 2 two")
        t.wait_text("wide 你好 and ⣿ é")
        tap.check(t.mode(ALT_SCREEN), "on the other screen")
        tap.check(t.mode(PASTE), "with bracketed pastes")
        t.send("j")
        t.wait_text("commands: 1 last: down")
        t.key("Down")
        t.wait_text("commands: 2 last: down")
        t.send("q")
        tap.check(t.wait_end() == 0, "q ends with 0")
        tap.check(t.restored() == [], "and all is as it was", t.restored())


def test_endings():
    for number, want in ((signal.SIGINT, 130), (signal.SIGTERM, 143),
                         (signal.SIGHUP, 129), (signal.SIGQUIT, 131),
                         (signal.SIGSEGV, -11), (signal.SIGBUS, -7),
                         (signal.SIGILL, -4), (signal.SIGFPE, -8),
                         (signal.SIGABRT, -6), (signal.SIGSYS, -31)):
        for state in ("idle", "busy", "prompt"):
            env = {"DEMO_FILL": "1", "DEMO_EVERY_MS": "20"} \
                if state == "busy" else {}
            with start(env=env, size=(50, 160)) as t:
                if state == "prompt":
                    t.send("f")
                    t.wait_text("^filter:")
                t.kill(number)
                got = t.wait_end()
                name = "%s, %s" % (signal.Signals(number).name, state)
                tap.check(got == want or (SANITIZED and got > 0), name, got)
                tap.check(t.restored() == [], "restored: " + name,
                          t.restored())
                if want < 0:
                    tap.check("sevtop: crashed: SIG" in joined(t),
                              "and said why", t.text())


def test_real_crashes():
    for key, number, what in (("e", 11, "UI thread"), ("E", 11, "a thread"),
                              ("v", 6, "abort()")):
        with start(env={"DEMO_EVERY_MS": "50"}) as t:
            t.send(key)
            got = t.wait_end()
            tap.check(got == -number or (SANITIZED and got > 0),
                      "crash in " + what, got)
            tap.check(t.restored() == [], "restored", t.restored())
            tap.check("sevtop: crashed: SIG" in joined(t), "said why",
                      t.text())


def test_second_signal():
    with trace_file() as trace, start(env={"DEMO_TRACE": trace}) as t:
        t.send("w")  # the UI thread waits for ever
        t.wait(lambda: "wrap" in trace.lines(), "stuck UI thread")
        for _ in range(100):  # several sent at once may arrive as one
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                t.kill(signal.SIGTERM)
                t.wait(t.ended, "end", 0.1)
                break
        tap.check(t.wait_end() == -15, "a stuck UI ends by the second TERM")
        tap.check(t.restored() == [], "restored", t.restored())


def test_suspend():
    with start() as t:
        t.send("\x1a")
        t.wait_report("stopped")
        tap.check(t.restored() == [], "^Z gives the terminal back",
                  t.restored())
        t.foreground()
        t.wait(lambda: ALT_SCREEN in t.screen.mode, "screen again")
        t.wait_text("commands: ")
        t.send("j")
        t.wait_text("commands: 1 last: down")
        t.kill(signal.SIGTSTP)
        t.wait_report("stopped")
        tap.check(t.restored() == [], "so does SIGTSTP", t.restored())
        t.foreground()
        t.wait_text("last: down")
        t.send("q")
        tap.check(t.wait_end() == 0, "and it goes on after both")
        tap.check(t.restored() == [], "restored", t.restored())


def test_stop_without_warning():
    with start() as t:
        t.kill(signal.SIGSTOP)
        t.wait_report("stopped")
        with t.lock:  # what a shell and the user leave behind
            t.screen.feed(b"\x1b[?1049l\x1b[?2004l\x1b[2J\x1b[Hjunk")
        t.foreground()
        t.wait(lambda: ALT_SCREEN in t.screen.mode and
               PASTE in t.screen.mode, "modes again")
        t.wait_text("commands: 0")
        t.wait_no_text("junk")
        tap.check(True, "CONT after STOP sets the modes and paints again")
        t.send("j")
        t.wait_text("commands: 1")
        tap.check(True, "raw mode too: a key needs no Enter")
        t.kill(signal.SIGSTOP)
        t.wait_report("stopped")
        t.foreground("bg")
        t.wait_report("stopped")
        tap.check(True, "in the background it stops, as readers do")
        t.foreground()
        t.send("j")
        t.wait_text("commands: 2")
        t.send("q")
        tap.check(t.wait_end() == 0, "and goes on in the foreground")
        tap.check(t.restored() == [], "restored", t.restored())


def test_terminal_gone():
    for hup, name in ((signal.SIG_DFL, "default"), (signal.SIG_IGN,
                                                     "ignored")):
        with start(hup=hup) as t:
            before = t.cpu_s()
            t.hang_up()
            begin = time.monotonic()
            t.wait_end()
            took = time.monotonic() - begin
            tap.check(took < 2 or SANITIZED, "SIGHUP %s: ended in %.2f s" % (
                name, took))
            tap.check(before < 1, "without spinning")


def test_every_size():
    with start(env={"DEMO_EVERY_MS": "1000"}) as t:
        for rows in list(range(1, 13)) + [20, 30]:
            for cols in list(range(1, 45, 3)) + [79, 80, 81]:
                t.resize(rows, cols)
        t.resize(24, 80)
        t.wait_text("size 80x24")
        tap.check(True, "more than 200 sizes from 1x1 on")
        for rows, cols in ((1, 1), (1, 300), (120, 1), (120, 300), (9, 39),
                           (10, 40), (3, 80)):
            t.resize(rows, cols)
            if rows >= 10 and cols >= 40:
                t.wait_text("size %dx%d" % (cols, rows))
            elif rows >= 3 and cols >= 8:
                t.wait_text(r"all ok|larger|alert")
        t.resize(0, 0)
        t.wait_text("size 80x24")
        tap.check(True, "0x0 counts as 80x24")
        t.send("q")
        tap.check(t.wait_end() == 0, "alive after all of them")


def test_size_variables():
    with start(env={"LINES": "1000000", "COLUMNS": "7"}) as t:
        t.wait_text("size 80x24")
        tap.check(True, "LINES and COLUMNS don't override the true size")
        t.send("q")
        t.wait_end()


def test_resize_storm():
    with start() as t:
        for i in range(2000):
            t.resize(1 + i * 7 % 60, 1 + i * 13 % 200)
        t.resize(30, 100)
        t.wait_text("size 100x30")
        tap.check(True, "2000 resizes, then the last size is drawn")
        t.wait_text(r"^1 one 2 two")
        for _ in range(50):  # so quick that it looks unchanged
            t.resize(1, 1)
            t.resize(30, 100)
        t.wait_text(r"^1 one 2 two")
        t.wait_text("size 100x30")
        tap.check(True, "smaller and back is painted whole")
        t.send("q")
        tap.check(t.wait_end() == 0, "and q ends it")


def test_terminal_stops_reading():
    with trace_file() as trace:
        env = {"DEMO_FILL": "1", "DEMO_EVERY_MS": "10", "DEMO_TRACE": trace}
        with start(env=env, size=(60, 200)) as t:
            t.pause()
            # new pictures go on, so the queue of the terminal fills up
            t.send("jjjj")
            end = time.monotonic() + 20
            while len(trace.lines()) < 4 and time.monotonic() < end:
                time.sleep(0.01)
            tap.check(trace.lines() == ["down"] * 4,
                      "keys are handled while nobody reads", trace.lines())
            before, at = t.cpu_s(), time.monotonic()
            while time.monotonic() < at + 1:
                t.send("k")
                time.sleep(0.1)
            used = t.cpu_s() - before
            tap.check(used < 0.5 or SANITIZED, "at %.0f %% of a CPU" %
                      (100 * used))
            t.resume()
            t.wait_text("last: up")
            tap.check(True, "the newest picture comes when it reads again")
            t.pause()
            begin = time.monotonic()
            t.kill(signal.SIGTERM)
            t.wait_end()
            took = time.monotonic() - begin
            tap.check(took < 2 or SANITIZED, "TERM ends it in %.2f s" % took)
            t.resume()
            tap.check(t.restored() == [], "restored", t.restored())


def test_bad_terminals():
    for term in (None, "", "no-such-terminal", "dumb"):
        with Terminal([DEMO], term=term) as t:
            status = t.wait_end()
            t.settle()
            tap.check(status == 69 and "sevtop once" in joined(t),
                "TERM=%r: says what to do" % term, t.text())
            tap.check(t.restored() == [], "touches nothing", t.restored())


def test_stderr_goes_to_the_log():
    with trace_file() as log:
        with start(env={"DEMO_LOG": log}) as t:
            fd = os.readlink("/proc/%d/fd/2" % t.pid)
            tap.check(fd == str(log), "descriptor 2 is the log", fd)
            t.send("q")
            t.wait_end()


def test_plain_descriptors():
    import fcntl
    with start() as t:
        flags = fcntl.fcntl(t.slave, fcntl.F_GETFL)
        tap.check(not flags & os.O_NONBLOCK,
                  "the shell's descriptors are not made non-blocking")
        t.send("q")
        t.wait_end()


def test_colors():
    with start(env={"DEMO_NO_COLOR": "1", "DEMO_FILL": "1"}) as t:
        t.wait(lambda: any("#" in row or "%" in row
                           for row in t.screen.text().split("\n")), "fill")
        with t.lock:
            colours = {t.screen.buffer[y][x].fg
                       for y in range(24) for x in range(80)}
        tap.check(colours == {"default"}, "no colour when asked for none",
                  colours)
        found = re.findall(rb"\x1b\[[0-9;]*\b[34][0-8][;m]", bytes(t.raw))
        tap.check(not found, "and no sequence for one", found)
    with start(env={"NO_COLOR": "1"}) as t:
        with t.lock:
            colours = {t.screen.buffer[y][x].fg
                       for y in range(24) for x in range(80)}
        tap.check(colours == {"default"}, "NO_COLOR too", colours)
    with start(env={"DEMO_THEME": "dark"}) as t:
        with t.lock:
            colours = {t.screen.buffer[y][x].fg
                       for y in range(24) for x in range(80)}
        tap.check(len(colours) > 2, "a theme has its colours", colours)
    with start(env={"LC_ALL": "C", "LANG": "C"}) as t:
        tap.check("⣿" not in t.text(), "without UTF-8 only ASCII is drawn")


if __name__ == "__main__":
    tap.run(test_first_frame, test_endings, test_real_crashes,
            test_second_signal, test_suspend, test_stop_without_warning,
            test_terminal_gone, test_every_size, test_size_variables,
            test_resize_storm,
            test_terminal_stops_reading, test_bad_terminals,
            test_stderr_goes_to_the_log, test_plain_descriptors,
            test_colors)
