#!/usr/bin/python3
"""Nothing but typed keys are keys: pastes, mouse, focus, replies, noise."""
import os
import random
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import Terminal, program, tap, trace_file  # noqa: E402

DEMO = program()
# Every command reaches the panel first, so a key that fired is in the trace.
FENCE = "j"


class Probe:
    """Sends bytes, then a fence key, and tells which commands fired."""

    def __init__(self, t, trace):
        self.t, self.trace, self.fences = t, trace, 0

    def send(self, *parts, gap=0.0):
        for i, part in enumerate(parts):
            if i and gap:
                time.sleep(gap)  # the gap is what is being tested
            self.t.send(part)
        time.sleep(0.06)  # longer than the tail of a paste
        return self.fence()

    def fence(self):
        before = len(self.trace.lines())
        self.t.send(FENCE)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            lines = self.trace.lines()
            if lines[self.fences:].count("down") > 0:
                fired = lines[self.fences:]
                self.fences = len(lines)
                fired.remove("down")
                return fired
            time.sleep(0.002)
            if time.monotonic() > end - 25 and len(lines) == before:
                self.t.send(FENCE)  # an open sequence took the first
                time.sleep(0.2)
        raise TimeoutError("the keyboard is dead")


def probe(test, **kw):
    env = kw.pop("env", {})
    with trace_file() as trace:
        env["DEMO_TRACE"] = trace
        with Terminal([DEMO], env=env, **kw) as t:
            t.replies = False
            t.wait_text("commands: ")
            test(Probe(t, trace), t)
            t.send("q")
            tap.check(t.wait_end() == 0, "the keyboard lives: q ends it")


PASTE = b"\x1b[200~e E v P X q \r\n\x1b[201~"


def test_paste():
    def body(p, t):
        tap.check(p.send(PASTE) == [], "a paste fires no key")
        bad = [at for at in range(1, len(PASTE))
               if p.send(PASTE[:at], PASTE[at:]) != []]
        tap.check(bad == [], "nor split at any byte", bad)
        bad = []
        for at in range(1, 7):  # within the start mark
            fired = p.send(PASTE[:at], PASTE[at:], gap=0.1)
            if fired not in ([], ["back"]):
                bad.append((at, fired))
        tap.check(bad == [], "nor with 100 ms in the start mark", bad)
        fired = p.send(b"\x1b[200~text\x1b[201~e E v P\r\x1b[201~")
        tap.check(fired == [], "nor behind an end mark inside it", fired)
        big = b"\x1b[200~" + b"evEPXq\r" * 20000 + b"\x1b[201~"
        for i in range(0, len(big), 4096):
            t.send(big[i:i + 4096])
        tap.check(p.fence() in ([],), "140 kB neither")
    probe(body)


def test_paste_into_a_field():
    with trace_file() as trace:
        with Terminal([DEMO], env={"DEMO_TRACE": trace}) as t:
            t.wait_text("commands: ")
            t.send("f")
            t.wait_text("^filter:")
            t.send(b"\x1b[200~two words\nand \x1b[31mmore\x1b[201~")
            t.wait_text(r"^filter: two words and \[31mmore")
            time.sleep(0.06)
            t.send("\r")
            t.wait_text(r"filter \[two words and \[31mmore\]")
            t.wait(lambda: len(trace.lines()) == 2, "accepted line")
            tap.check(trace.lines() == ["filter",
                                        "two words and [31mmore"],
                      "a text field takes it as one line", trace.lines())


def test_terminal_replies():
    replies = [b"\x1bP>|xterm(999)\x1b\\", b"\x1b[?62;22c", b"\x1b[>1;95;0c",
               b"\x1b[24;80R", b"\x1b[1;2R", b"\x1b[0n",
               b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", b"\x1b]11;rgb:0/0/0\a",
               b"\x1b]52;c;ZWV2UFg=\a", b"\x1bP1$r0m\x1b\\",
               b"\x1b_Gi=1;EvPX\x1b\\", b"\x1b[?2026;2$y", b"\x1b[?0u",
               b"\x1b[8;24;80t", b"\x1b[I", b"\x1b[O", b"\x9b31m",
               b"\xc2\x9b31m", b"\x1b[<0;4;5M", b"\x1b[<0;4;5m",
               b"\x1b[M !!", b"\x1b[M#EP", b"\x1b[32;4;5M",
               b"\x1b[<64;10;2M", b"\x1b[99;99~", b"\x1b[[Q",
               b"\x1b[57441;2u", b"\x1bOx"]

    def body(p, t):
        for reply in replies:
            fired = p.send(reply)
            tap.check(fired == [], "no key from %r" % reply, fired)
        bad = []
        for reply in replies:
            for at in range(1, len(reply)):
                fired = p.send(reply[:at], reply[at:])
                if fired not in ([], ["back"]):
                    bad.append((reply, at, fired))
        tap.check(bad == [], "nor from any in two reads", bad)
    probe(body)


def test_wheel():
    with trace_file() as trace:
        env = {"DEMO_TRACE": trace, "DEMO_MOUSE": "1"}
        with Terminal([DEMO], env=env) as t:
            t.wait_text("commands: ")
            t.send(b"\x1b[<65;10;2M")
            t.wait_text("commands: 3 last: down")
            tap.check(True, "with --mouse the wheel scrolls")
            t.send("q")
            t.wait_end()
            tap.check(t.restored() == [], "and is off at the end",
                      t.restored())


def test_action_keys():
    def body(p, t):
        t.send("P")
        t.wait_text("there is no engine for actions here")
        tap.check(True, "a capital typed alone says what it is for")
        p.fence()
        t.send("PX")
        t.wait_text("faster than anybody types")
        tap.check(True, "two in one read are not typed")
    probe(body)


def test_noise():
    rng = random.Random(20261122)
    with trace_file() as trace:
        with Terminal([DEMO], env={"DEMO_TRACE": trace}) as t:
            t.replies = False
            t.wait_text("commands: ")
            # everything but the keys that end or crash it
            allowed = [b for b in range(256)
                       if b not in b"qeEvw\x03\x1a\x11\x13:"]
            for _ in range(200):
                t.send(bytes(rng.choice(allowed) for _ in range(500)))
            t.kill(signal.SIGTERM)
            tap.check(t.wait_end() == 143, "100 kB of noise do no harm",
                      t.text())
            tap.check(t.restored() == [], "restored", t.restored())


if __name__ == "__main__":
    tap.run(test_paste, test_paste_into_a_field, test_terminal_replies,
            test_wheel, test_action_keys, test_noise)
