#!/usr/bin/python3
"""A minute of faults on and off: threads, descriptors and memory stay.

SEV_SOAK_SECONDS makes it longer. Under AddressSanitizer freed memory is held
back on purpose, so that its resident size says nothing.
"""
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import (ALL_ANSWER, SLOW, Dashboard, Scratch,  # noqa: E402
                      World, foreign_bytes, need_redis, quick_profile)

SECONDS = float(os.environ.get("SEV_SOAK_SECONDS", "60"))
FAULTS = ("redis-gone", "provider-limit", "stuck-queue", "error-burst",
          "slow-api", "hung-api", "restart")
RSS_MB, GROWN_MB = 30, 6
PANELS = ((1, "overview"), (2, "metrics"), (3, "logs"), (4, "queues"),
          (5, "d"), (6, "cache"), (0, "sources"))


def use(pid):
    """(threads, descriptors, resident MB) of a process."""
    with open("/proc/%d/status" % pid) as f:
        status = dict(line.split(":", 1) for line in f)
    return (int(status["Threads"]), len(os.listdir("/proc/%d/fd" % pid)),
            int(status["VmRSS"].split()[0]) / 1024)


def calm(t, w):
    for fault in FAULTS:
        w.fault("off", fault)
    t.panel(0, "sources")
    for source in ("api", "ready", "system", "metrics", "redis", "queues"):
        t.wait_text(r"^[> ] %s +ok" % source, 90)


def test_soak():
    random.seed(int(os.environ.get("SEV_SEED", "7")))
    with Scratch() as s, World(s, "--seed", "7") as w:
        config = quick_profile(s)
        with Dashboard(s, "-c", config, env=w.env, size=(48, 160)) as t:
            t.wait_text(ALL_ANSWER)
            for panel in PANELS:
                t.panel(*panel)
            calm(t, w)
            first = use(t.pid)
            cpu, begin = t.cpu_s(), time.monotonic()
            peak, rounds = list(first), 0
            while time.monotonic() < begin + SECONDS:
                fault = random.choice(FAULTS)
                w.fault("on", fault)
                until = min(time.monotonic() + random.uniform(2, 5),
                            begin + SECONDS)
                while time.monotonic() < until:
                    t.panel(*random.choice(PANELS))
                    t.send(random.choice("jkgGr"))
                    peak = [max(p, n) for p, n in zip(peak, use(t.pid))]
                    time.sleep(0.1)  # the pace of a person, not a wait
                if random.random() < 0.7:
                    w.fault("off", fault)
                rounds += 1
            used = 100 * (t.cpu_s() - cpu) / (time.monotonic() - begin)
            calm(t, w)
            last = use(t.pid)
            print("# %d rounds in %.0f s: threads %d, most %d, then %d; "
                  "descriptors %d, most %d, then %d; resident %.1f MB, most "
                  "%.1f, then %.1f; %.1f %% of a CPU" % (
                      rounds, SECONDS, first[0], peak[0], last[0], first[1],
                      peak[1], last[1], first[2], peak[2], last[2], used))
            tap.check(last[0] <= first[0] and peak[0] <= first[0] + 10,
                      "threads: %d, at most %d, %d in the end" % (
                          first[0], peak[0], last[0]))
            tap.check(last[1] <= first[1] + 2 and peak[1] <= first[1] + 20,
                      "descriptors: %d, at most %d, %d in the end" % (
                          first[1], peak[1], last[1]))
            tap.check(SLOW or peak[2] < RSS_MB,
                      "resident: at most %.1f MB" % peak[2])
            tap.check(SLOW or last[2] - first[2] < GROWN_MB,
                      "%.1f MB more than at the start" % (last[2] - first[2]))
            t.send("q")
            tap.check(t.wait_end() == 0, "q ends it", t.wait_end())
            tap.check(not foreign_bytes(bytes(t.raw)), "own sequences only")
            tap.check(t.restored() == [], "terminal restored", t.restored())
            log = s.state_log()
            tap.check(b"Sanitizer" not in log and b"runtime error" not in log,
                      "nothing in the state log", log[-3000:])


if __name__ == "__main__":
    need_redis()
    tap.run(test_soak)
