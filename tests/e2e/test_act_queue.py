#!/usr/bin/python3
"""Queues changed from outside, as their own libraries see it: every dialect
with a live official worker, and ten thousand jobs of which none may be lost
or run twice while a queue is paused, resumed and retried all the time."""
import glob
import json
import os
import re
import select
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from actkit import Redis  # noqa: E402
from ptykit import tap  # noqa: E402
from worldkit import (SLOW, TOP, Scratch, World, need_redis,  # noqa: E402
                      until)

NODE = os.path.join(TOP, "tests", "node")
LIBS = ("bull", "bullmq3", "bullmq4", "bullmq50", "bullmq5", "bullmq6")
MANY = {"bullmq5": 10000}  # jobs of the long run; the others: less
FEW = 1500
# Nobody starts a job later than this after a pause: one round trip and the
# worker's own way from Redis to the job.
GRACE_MS = 500 if SLOW else 60


class Hands:
    """tests/node/hands.mjs: an official queue and its workers."""

    def __init__(self, redis, lib, queue):
        self.queue = queue
        self.proc = subprocess.Popen(
            ["node", "hands.mjs", queue], cwd=NODE, text=True,
            env={**os.environ, "REDIS_URL": redis.url, "BULL_LIB": lib},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert json.loads(self.proc.stdout.readline()) == "READY"

    def send(self, op, **args):
        self.proc.stdin.write(json.dumps({"op": op, **args}) + "\n")
        self.proc.stdin.flush()

    def __call__(self, op, **args):
        self.send(op, **args)
        value = json.loads(self.proc.stdout.readline())
        assert not (isinstance(value, dict) and "error" in value), value
        return value

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.proc.stdin.close()
        self.proc.wait(30)
        self.proc.stdout.close()


class Cut:
    """A way to a Redis that breaks once a script has run."""

    def __init__(self, redis):
        self.redis, self.cuts = redis, 0
        self.path = redis.sock + ".cut"
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(self.path)
        self.door.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client = self.door.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,),
                             daemon=True).start()

    def carry(self, client):
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.redis.sock)
        script = False
        with client, server:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    data = ready.recv(1 << 16)
                    if not data:
                        return
                    if ready is client:
                        script = script or b"EVAL" in data
                        server.sendall(data)
                    elif script:
                        self.cuts += 1
                        return
                    else:
                        client.sendall(data)

    def act(self, act):
        return Act(act.scratch, self, "cut.yaml")

    @property
    def url(self):
        return "unix://" + self.path

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.door.close()


class Act:
    """`sevtop act` on the queues of a Redis."""

    def __init__(self, scratch, redis, name="act.yaml"):
        self.scratch = scratch
        self.config = scratch.file(name, """platform: shop
env: test
sources:
  queues: {type: bullmq, url: "%s"}
""" % redis.url)

    def __call__(self, action, target, *words):
        done = self.scratch.run("act", "-c", self.config, action, "--target",
                                target, "--yes", "--reason", "a test", "-o",
                                "json", *words)
        out = json.loads(done.stdout) if done.stdout.strip() else {}
        return done.returncode, out, done.stderr

    def saved(self):
        """What was saved before it was removed, file by file."""
        names = glob.glob(self.scratch.file("state/sevtop/removed/*.jsonl"))
        return [[json.loads(line) for line in open(name, encoding="utf-8")]
                for name in sorted(names)]


def failing(hands, n, **data):
    """n jobs that fail once and stay failed."""
    ids = hands("add", n=n, data={"fail": 1, **data})
    hands("work")
    before = len(ids)
    assert hands("until", state="failed", n=before) == before
    return ids


def check_pause(act, hands, bull):
    hands("work", concurrency=2)
    hands("add", n=60, data={"ms": 15})
    until(lambda: hands("starts"), "a first job")
    code, out, err = act("queue.pause", hands.queue)
    paused_at = hands("now")
    tap.check(code == 0 and out.get("outcome") == "done", "pause is done",
              str((code, out.get("words"), err)))
    tap.check(hands("isPaused"), "its library says paused")
    hands("add", n=5)
    hands("add", n=2, opts={"priority": 3})
    until(lambda: hands("counts")["active"] == 0, "rest")
    late = hands("starts", since=paused_at + GRACE_MS)
    tap.check(late == [], "no job starts while paused", str(late[:3]))
    tap.check(hands("mistakes") == [], "nothing is out of place",
              str(hands("mistakes")))
    code, out, err = act("queue.pause", hands.queue)
    tap.check(code == 0 and out["plan"]["nothing"],
              "to pause it again is nothing to do", str((code, err)))
    code, out, err = act("queue.resume", hands.queue)
    resumed_at = hands("now")
    tap.check(code == 0 and out.get("outcome") == "done", "resume is done",
              str((code, out.get("words"), err)))
    tap.check(hands("until", state="completed", n=67) == 67,
              "all 67 jobs complete", str(hands("counts")))
    first = hands("starts", since=resumed_at - 1000)
    tap.check(first and first[0][0] - resumed_at < 1000 * (10 if SLOW else 1),
              "the sleeping worker was woken", str(first[:1]))
    until(lambda: {"paused", "resumed"} <= set(hands("events")), "events")
    tap.check(True, "the library's listeners heard of both")
    hands("rest")


def check_retry(act, hands, bull):
    ids = failing(hands, 3)
    code, out, err = act("queue.retry", "%s/%s" % (hands.queue, ids[0]))
    tap.check(code == 0 and out.get("outcome") == "done", "retry is done",
              str((code, out.get("words"), err)))
    until(lambda: hands("state", id=ids[0]) == "completed", "the retry")
    tap.check(hands("job", id=ids[0])["reason"] is None,
              "the job completes, its reason is gone")
    code, out, err = act("queue.retry", "%s/%s" % (hands.queue, ids[0]))
    tap.check(code == 3, "a job that is not failed is refused", str(code))
    code, out, err = act("queue.retry_all", hands.queue, "--set", "rate=500")
    tap.check(code == 0 and out.get("outcome") == "done" and
              "2 of 2 retried" in out.get("words", ""), "retry all is done",
              str((code, out.get("words"), err)))
    tap.check(hands("until", state="failed", n=0) == 0 and
              hands("until", state="completed", n=70) == 70,
              "and every job completes", str(hands("counts")))
    hands("rest")


def check_doubt(act, hands, redis):
    """The connection is lost before the answer: what came of it is read."""
    failing(hands, 20)
    hands("rest")
    with Cut(redis) as cut:
        code, out, err = cut.act(act)("queue.retry_all", hands.queue, "--set",
                                      "limit=10")
    tap.check(code == 0 and out.get("outcome") == "done" and cut.cuts == 1,
              "ten of twenty are known to be retried",
              str((code, out.get("words"), err, cut.cuts)))
    tap.check(hands("counts")["failed"] == 10, "and are",
              str(hands("counts")))


def check_promote(act, hands, bull):
    later = hands("add", opts={"delay": 3600000})[0]
    hands("work")
    code, out, err = act("queue.promote", "%s/%s" % (hands.queue, later))
    tap.check(code == 0 and out.get("outcome") == "done", "promote is done",
              str((code, out.get("words"), err)))
    until(lambda: hands("state", id=later) == "completed", "the promoted job")
    tap.check(True, "and the job runs an hour early")
    hands("rest")


def check_remove(act, hands, bull):
    job = hands("add", data={"note": "to be kept"}, opts={"delay": 3600000})[0]
    before = len(act.saved())
    code, out, err = act("queue.remove", "%s/%s" % (hands.queue, job))
    tap.check(code == 0 and out.get("outcome") == "done", "remove is done",
              str((code, out.get("words"), err)))
    tap.check(hands("state", id=job) == "missing" and
              hands("keys", id=job) == [], "and no key of it is left",
              str(hands("keys", id=job)))
    saved = act.saved()
    tap.check(len(saved) == before + 1 and any(
        [row["id"] for row in rows] == [job] and
        "to be kept" in rows[0]["fields"]["data"] for rows in saved),
              "it was saved with its payload first")
    for next_run in hands("scheduler"):
        code, out, err = act("queue.remove",
                             "%s/%s" % (hands.queue, next_run))
        tap.check(code == 1 and "scheduler" in out.get("words", ""),
                  "the next run of a scheduler is left alone",
                  str((code, out.get("words"), err)))


def check_clean(act, hands, bull):
    own = hands("add", data={"fail": 1}, opts={"jobId": "order-4711"})[0]
    ids = hands("add", n=249, data={"fail": 1})
    hands("work", concurrency=20)
    tap.check(hands("until", state="failed", n=250) == 250, "250 jobs fail",
              str(hands("counts")))
    odd = hands("add", data={"fail": 1}, opts={"jobId": "x" * 300})[0]
    hands("until", state="failed", n=251)
    family = None
    if not bull:
        family = hands("flow", parent="parents")
        hands("until", state="failed", n=252)
    hands("rest")
    code, out, err = act("queue.clean", hands.queue)
    words = out.get("words", "")
    tap.check(code == 0 and "250 of" in words, "clean is done: " + words,
              str((code, err)))
    left = 1 if bull else 2
    tap.check(hands("counts")["failed"] == left,
              "the failed ones are gone, those of a flow are left",
              str(hands("counts")))
    tap.check(hands("state", id=odd) == "failed",
              "and one whose id is too long to be saved")
    if family:
        tap.check(hands("state", id=family["child"]) == "failed",
                  "the child of a flow is left alone")
    tap.check(hands("mistakes") == [], "no key is left behind",
              str(hands("mistakes")))
    rows = max(act.saved(), key=len)
    tap.check({row["id"] for row in rows} >= set(ids) | {own} and
              all(row["failed_at"] for row in rows),
              "all of them were saved first")
    again = hands("add", opts={"jobId": "order-4711"})
    hands("work")
    until(lambda: hands("state", id=again[0]) == "completed", "the new job")
    tap.check(True, "a new job of the same id runs")
    hands("rest")


def check_large(act, hands, redis):
    """A job that is too large to be saved stays, with a true reason."""
    hands("add", data={"fail": 1}, opts={"jobId": "large"})
    hands("work")
    hands("until", state="failed", n=1)
    hands("rest")
    redis.cli("EVAL", "redis.call('HSET', KEYS[1], 'data', "
              "string.rep(string.char(1), 2 * 1024 * 1024))", "1",
              "bull:%s:large" % hands.queue)
    code, out, err = act("queue.clean", hands.queue)
    tap.check(code == 1 and "it is too large" in out.get("words", "") and
              redis.cli("EXISTS", "bull:%s:large" % hands.queue) == "1",
              "a job that can't be saved is not removed",
              str((code, out.get("words"), err)))


def check_many(act, hands, lib):
    """Jobs of every kind come in while the queue is changed all the time."""
    n = MANY.get(lib, FEW)
    hands("work", n=3, many=True, concurrency=4)
    hands.send("produce", n=n, wait=False)
    rounds = 0
    while sum(hands("counts").values()) < n:
        for action in ("queue.pause", "queue.resume", "queue.retry_all"):
            code, out, err = act(action, hands.queue,
                                 *(("--set", "rate=5000")
                                   if action == "queue.retry_all" else ()))
            if code != 0:
                tap.check(False, "%s in round %d" % (action, rounds),
                          str((code, out.get("words"), err)))
        hands("pause" if rounds % 2 else "resume")
        act("queue.resume", hands.queue)
        rounds += 1
    act("queue.resume", hands.queue)
    end = until(lambda: hands("counts")["waiting"] == 0, "empty queue",
                seconds=120)
    for _ in range(20):
        act("queue.retry_all", hands.queue, "--set", "rate=5000")
        end = hands("verdict", n=n, ms=1000)
        if end["done"] >= n:
            break
    tap.check(end["done"] == n and end["twice"] == 0,
              "%d jobs, %d rounds: none lost, none run twice" % (n, rounds),
              str(end))


def test_drill():
    """The drill's stuck queue: a pause frees the workers, and after the
    resume the backlog drains."""
    with Scratch() as scratch, World(scratch, "--seed", "7", "--fault",
                                     "stuck-queue") as world:
        env = scratch.env(**world.env)

        def act(action):
            done = scratch.run("act", "-p", "ai-visibility", "--env", "drill",
                               action, "--target", "runPrompt", "--yes",
                               env=env)
            tap.check(done.returncode == 0, action, done.stderr)

        def waiting():
            done = scratch.run("once", "-p", "ai-visibility", "--env",
                               "drill", "-o", "json", env=env)
            return [row["wait"] for row in json.loads(done.stdout)[
                "platforms"][0]["tables"]["queues"]["rows"]
                if row["key"] == "runPrompt"][0]

        until(lambda: waiting() > 40, "a backlog")
        act("queue.pause")
        until(lambda: re.search(r"runPrompt.*\b0 active", world.ctl(
            "status")), "workers that are free again")
        act("queue.resume")
        until(lambda: waiting() < 10, "an empty queue", 60)
        tap.check(True, "the fault is over, and the backlog is gone")


def library_test(lib):
    """A test of one library, named after it."""
    def test():
        bull = lib == "bull"
        with Scratch() as scratch, Redis() as redis:
            act = Act(scratch, redis)
            with Hands(redis, lib, "one") as hands:
                print("# %s %s" % (lib, hands("version")))
                for check in (check_pause, check_retry, check_promote,
                              check_remove, check_clean):
                    check(act, hands, bull)
            with Hands(redis, lib, "doubt") as hands:
                check_doubt(act, hands, redis)
            if lib == "bullmq5":
                with Hands(redis, lib, "large") as hands:
                    check_large(act, hands, redis)
            with Hands(redis, lib, "many") as hands:
                check_many(act, hands, lib)
            done = scratch.run("audit", "verify")
            tap.check(done.returncode == 0, "the record is whole",
                      done.stdout + done.stderr)
    test.__name__ = "test_" + lib
    return test


if __name__ == "__main__":
    need_redis()
    if not os.path.isdir(os.path.join(NODE, "node_modules")):
        tap.skip("the official queue clients are not installed")
        print("1..%d" % tap.count)
        sys.exit(0)
    tap.run(test_drill, *[library_test(lib) for lib in sys.argv[1:] or LIBS])
