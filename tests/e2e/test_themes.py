#!/usr/bin/python3
"""Themes on a terminal: asked for its background, never made to wait."""
import fcntl
import os
import re
import struct
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import Terminal, program, tap  # noqa: E402

DEMO = program()
QUESTION = b"\x1b]11;?\x1b\\\x1b[c"
GREEN, WHITE, NAVY = "0dbc79", "ffffff", "005f00"
DARK_PAPER, LIGHT_PAPER = "1c1c1c", "ffffff"


def chip(t, word="DRILL"):
    """Background of a word on the screen; None when it is not there."""
    with t.lock:
        for y, row in enumerate(t.screen.text().split("\n")):
            if word in row:
                return t.screen.buffer[y][row.index(word)].bg
    return None


def start(**kw):
    env = dict(kw.pop("env", {}))
    t = Terminal([DEMO], env=env, **kw)
    t.wait_text("commands: ")
    return t


def test_default():
    with start() as t:
        tap.check(chip(t) == GREEN, "dark: the terminal's green", chip(t))
        tap.check(bytes(t.raw).count(QUESTION) == 1, "asked once")
        tap.check("commands: 0" in t.text(), "the answers are no keys")
    with start(light=True) as t:
        t.wait(lambda: chip(t) == NAVY, "light tints")
        tap.check(True, "light: tints that can be read")
        t.send("q")
        tap.check(t.wait_end() == 0, "and goes on as ever")
        tap.check(t.restored() == [], "restored", t.restored())


def test_auto():
    for light, paper in ((False, DARK_PAPER), (True, LIGHT_PAPER)):
        with start(light=light, env={"DEMO_THEME": "auto"}) as t:
            t.wait(lambda: chip(t, "commands: ") == paper, paper)
            tap.check(True, "auto is %s" % ("light" if light else "dark"))


def test_env_stands_in():
    with start(replies=False, env={"COLORFGBG": "0;15"}) as t:
        tap.check(chip(t) == NAVY, "light by COLORFGBG, at once", chip(t))
    with start(env={"COLORFGBG": "0;15"}) as t:
        t.wait(lambda: chip(t) == GREEN, "what the terminal says")
        tap.check(True, "but the terminal knows better")


def test_slow_answer():
    with start(replies=False) as t:
        tap.check(chip(t) == GREEN, "the first picture waits for nothing")
        for byte in b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62;22c":
            t.send(bytes([byte]))
        t.wait(lambda: chip(t) == NAVY, "light tints")
        t.send("j")
        t.wait_text("commands: 1 last: down")
        tap.check(True, "cut anywhere, the answer is no key")


def test_not_asked():
    for what, kw in (
            ("dark has one face", {"env": {"DEMO_THEME": "dark"}}),
            ("no colours", {"env": {"NO_COLOR": "1"}}),
            ("a console", {"term": "linux"}),
            ("a terminal of old", {"term": "vt220"})):
        with start(**kw) as t:
            tap.check(QUESTION not in bytes(t.raw), "not asked: " + what)


def waiting_input(t):
    return struct.unpack("i", fcntl.ioctl(t.slave, termios.FIONREAD,
                                          b"\0" * 4))[0]


def test_answer_on_leaving():
    """An answer that comes while sevtop leaves does not reach the shell."""
    with Terminal([DEMO], replies=False) as t:
        t.wait(lambda: QUESTION in t.raw, "question")
        t.send("q\x1b]11;rgb:0000/0000/0000\x1b\\")
        t.send("\x1b[?62;22c")
        tap.check(t.wait_end() == 0, "left")
        tap.check(waiting_input(t) == 0, "and took the answer with it")
        tap.check(t.restored() == [], "restored", t.restored())
    with Terminal([DEMO], replies=False) as t:
        t.wait(lambda: QUESTION in t.raw, "question")
        before = time.monotonic()
        t.send("q")
        tap.check(t.wait_end() == 0, "without an answer")
        tap.check(time.monotonic() - before < 1, "it leaves soon too")


def test_cycle():
    with start(env={"DEMO_THEME": "dark"}) as t:
        tap.check(chip(t, "commands: ") == DARK_PAPER, "dark")
        t.send("\x14")
        t.wait_text("^theme default, for a dark background")
        tap.check(chip(t) == GREEN, "^T: the first")
        t.send("\x14")
        t.wait_text("^theme auto, for a dark background")
        t.send("\x14")
        t.wait_text("^theme light")
        t.wait(lambda: chip(t, "commands: ") == LIGHT_PAPER, "white paper")
        tap.check(True, "dark is passed over: it is where it began")
        for name in ("high-contrast", "deuteranopia", "tritanopia", "mono",
                     "dark"):
            t.send("\x14")
            t.wait_text("^theme " + name)
        t.wait(lambda: chip(t, "commands: ") == DARK_PAPER, "dark paper")
        tap.check(True, "and round")
        t.send(":theme")
        t.wait_text("next theme")
        t.key("Enter")
        t.wait_text("^theme default")
        tap.check(True, "the palette has it too")
    with start(env={"NO_COLOR": "1"}) as t:
        t.send("\x14")
        t.wait_text("no themes without colours")
        tap.check(not re.search(rb"\x1b\[[0-9;]*[34][0-9][;m]", bytes(t.raw)),
                  "NO_COLOR has none")


SCHEME = "".join("base%02X: \"%02x%02x%02x\"\n" % (i, i * 9, i * 8, 40 + i)
                 for i in range(16))


def test_true_colours():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "scheme.yaml")
        with open(path, "w") as f:
            f.write("scheme: test\nauthor: x\n" + SCHEME)
        with start(env={"DEMO_THEME": path, "COLORTERM": "truecolor"}) as t:
            tap.check(chip(t, "commands: ") == "000028", "base00, exactly",
                      chip(t, "commands: "))
            tap.check(b"48;2;0;0;40" in bytes(t.raw), "as it is")
        with start(env={"DEMO_THEME": path}) as t:
            tap.check(b";2;0;0;40" not in bytes(t.raw) and
                      chip(t, "commands: ") != "default",
                      "with 256 colours the nearest",
                      chip(t, "commands: "))


def test_wrong_name():
    with Terminal([DEMO], env={"DEMO_THEME": "drak"}) as t:
        tap.check(t.wait_end() == 69, "no such theme")
        tap.check("no theme \"drak\"" in t.text(), "is told", t.text())


tap.run(test_default, test_auto, test_env_stands_in, test_slow_answer,
        test_not_asked, test_answer_on_leaving, test_cycle,
        test_true_colours, test_wrong_name)
