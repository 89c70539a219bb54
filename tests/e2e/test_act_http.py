#!/usr/bin/python3
"""Configured requests on a server that lies: whichever way an answer goes
wrong, what is said is true, and nothing is ever sent twice."""
import concurrent.futures
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from confkit import Act  # noqa: E402
from lyingkit import Lying  # noqa: E402
from ptykit import tap  # noqa: E402
from worldkit import Scratch  # noqa: E402

TOKEN = "hunter2-hunter2"
CONFIG = """platform: shop
env: test
sources: {x: {type: process, argv: [echo], log: true, read: lines}}
actions:
  set:
    type: http
    title: Set a value
    class: reversible
    method: PATCH
    url: '%(url)s/%(name)s?fault=%(fault)s'
    auth: {bearer: env:MY_TOKEN}
    headers: {X-Who: 'sevtop ${platform.name}', X-Key: env:MY_TOKEN}
    body: '{"value": ${input.value}, "note": "by ${input.who}"}'
    timeout: 1s
    if_match: true
    inputs:
      value: {type: whole, required: true}
      who: {default: "o'\\"brien\\\\"}
    reads:
      value: {url: '%(url)s/%(name)s', path: flag.value, want: '${input.value}'}
    undo: set
    undo_set: {value: '${read.value}'}
  blind:
    type: http
    class: reversible
    url: '%(url)s/%(name)s?fault=%(fault)s'
    body: '{"value": 1}'
    timeout: 1s
  drop:
    type: http
    class: reversible
    method: DELETE
    url: '%(url)s/x/${target.name}'
    targets: one
  refused: {type: http, class: reversible, url: 'http://127.0.0.1:1/x'}
  unread:
    type: http
    class: reversible
    url: '%(url)s/%(name)s'
    body: '{"value": 1}'
    reads: {value: {url: 'http://127.0.0.1:1/x', path: a}}
"""

ELSEWHERE = """platform: shop
env: test
sources: {x: {type: process, argv: [echo], log: true, read: lines}}
actions:
  set:
    type: http
    class: reversible
    url: '%s/v'
    auth: {bearer: env:MY_TOKEN}
    headers: {X-Key: env:MY_TOKEN}
    body: '{"value": 4}'
    reads:
      near: {url: '%s/v', path: flag.value}
      far: {url: '%s/v', path: flag.value}
"""


def make_act(scratch, server, name="v", fault=""):
    """With a name of the server for itself."""
    return Act(scratch, CONFIG % {
        "url": server.url, "name": name, "fault": fault}, MY_TOKEN=TOKEN)


# fault, exit status, outcome or state, what the words say, is it set then
FAULTS = (
    ("", 0, "done", "", True),
    ("done=202", 0, "done", "", True),
    ("status=400", 1, "failed", "refused with HTTP 400", False),
    ("status=401", 1, "failed", "refused with HTTP 401", False),
    ("status=404", 1, "failed", "refused with HTTP 404", False),
    ("status=409", 1, "failed", "it changed since you looked", False),
    ("status=412", 1, "failed", "it changed since you looked", False),
    ("status=429", 1, "failed", "refused with HTTP 429", False),
    ("status=500", 2, "IN DOUBT", "", False),
    ("done=500", 0, "done", "", True),
    ("done=303", 0, "done", "", True),
    ("status=302", 2, "IN DOUBT", "", False),
    ("reset", 2, "IN DOUBT", "dropped the connection", False),
    ("reset-done", 0, "done", "", True),
    ("half", 0, "done", "", True),
    ("silent", 2, "IN DOUBT", "did not answer in time", False),
    ("silent-done", 0, "done", "", True),
    ("lie", 2, "verifying", "", False),
)


def one_fault(server, row):
    fault, status, outcome, words, is_set = row
    name = "f-" + fault.replace("=", "-")
    server.values[name] = 3
    with Scratch() as scratch:
        code, out, text = make_act(scratch, server, name, fault)(
            "set", "--set", "value=4")
    said = out.get("outcome") or out.get("state")
    sent = server.writes(name)
    return (code == status and said == outcome and words in text and
            len(sent) == 1 and server.values[name] == (4 if is_set else 3),
            "%s: %s" % (fault or "all is well", outcome),
            str((code, said, len(sent), server.values[name], text)))


def check_elsewhere():
    """What is meant for one server goes to no other."""
    with Lying() as server, Lying() as other, Scratch() as scratch:
        server.values["v"] = other.values["v"] = 3
        act = Act(scratch, ELSEWHERE % (server.url, server.url, other.url),
                  MY_TOKEN=TOKEN)
        code, _, text = act("set")
        tap.check(code == 0 and server.asked and all(
            headers.get("Authorization") == "Bearer " + TOKEN and
            headers.get("X-Key") == TOKEN for headers in server.asked),
            "reads on the action's own server have its credentials",
            str((server.asked, text)))
        tap.check(other.asked and TOKEN not in str(other.asked),
                  "those on another one have not", str(other.asked))


def check_faults():
    """All at once: those in doubt take a while."""
    with Lying() as server, \
            concurrent.futures.ThreadPoolExecutor(8) as pool:
        for good, name, detail in pool.map(
                lambda row: one_fault(server, row), FAULTS):
            tap.check(good, name, detail)


def check_request():
    with Lying() as server, Scratch() as scratch:
        server.values["v"] = 3
        act = make_act(scratch, server)
        code, out, text = act("set", "--set", "value=4")
        method, _, body, headers = server.writes("v")[0]
        tap.check(code == 0 and method == "PATCH" and json.loads(body) ==
                  {"value": 4, "note": "by o'\"brien\\"},
                  "values are escaped in JSON", str((body, text)))
        tap.check(headers.get("If-Match") == '"v0"' and
                  headers.get("X-Who") == "sevtop shop" and
                  headers.get("X-Key") == TOKEN and
                  headers.get("Authorization") == "Bearer " + TOKEN,
                  "headers, secrets and the ETag are sent", str(headers))
        plan = out["plan"]
        tap.check(plan["lines"][0]["old"] == "3" and
                  plan["lines"][0]["new"] == "4" and
                  plan["undo"]["set"] == {"value": "3"},
                  "old, new and the undo", str(plan))
        tap.check(TOKEN not in text and "(secret)" in plan["sends"][0],
                  "no secret is shown", text)
        tap.check("said" in json.dumps(out["output"]),
                  "the answer is in the output", str(out["output"]))
        code, out, text = act("set", "--set", "value=4")
        tap.check(code == 0 and out["plan"]["nothing"] and
                  len(server.writes("v")) == 1, "again is nothing to do", text)
        code, out, text = act("drop", "--target", "../a b?c&d")
        tap.check(code == 0 and server.requests[-1][1] ==
                  "/x/..%2Fa%20b%3Fc%26d", "a target is one part of a path",
                  str(server.requests[-1]))


def check_before():
    """What is wrong is told before anything is sent."""
    with Lying() as server, Scratch() as scratch:
        act = make_act(scratch, server)
        code, out, text = act("unread")
        tap.check(code == 1 and "value can't be read" in text and
                  "refused" in text, "nobody to read from", text)
        code, out, text = act("set", "--set", "value=x")
        tap.check(code in (64, 3) and "whole number" in text,
                  "a value of the wrong kind", text)
        code, out, text = act("set", "--set", "value=4")
        tap.check(code == 3 and "strong ETag" in text,
                  "no ETag to send", text)
        tap.check(not server.requests, "nothing was sent")
        code, out, text = act("refused")
        tap.check(code == 1 and out["outcome"] == "failed",
                  "refused: nothing changed", text)


def check_blind():
    """Without a read-back an answer decides, and none leaves it open."""
    with Lying() as server, Scratch() as scratch:
        for fault, status, outcome in (("", 0, "done"),
                                       ("status=403", 1, "failed"),
                                       ("reset", 2, "unresolved")):
            act = make_act(scratch, server, "b" + fault[:3], fault)
            code, out, text = act("blind")
            tap.check(code == status and out["outcome"] == outcome,
                      "%s: %s" % (fault or "yes", outcome), text)


WRONG = """platform: shop
env: test
sources: {x: {type: process, argv: [echo], log: true, read: lines}}
actions:
  a:
    type: http
    class: reversible
    url: http://h/${input.nmae}
    body: '{"a": ${input.name}, }'
    status: [200, 2000]
    if_match: true
    headers: {'a b': x}
    auth: {bearer: env:A, user: b, password: env:C}
    inputs: {name: {}}
    verify: {url: 'http://h', path: 'a['}
"""
TOLD = (
    ":8:10: nothing is called ${input.nmae}; did you mean input.name?",
    ":9:11: the body is no JSON",
    ':10:13: "2000" is no HTTP status',
    ':11:15: "if_match" wants a value that is read before',
    ':12:15: "a b" is no name of a header',
    ":13:5: auth has a bearer token or user and password, not both",
    ":15:37: ",
)


def check_wrong():
    with Scratch() as scratch:
        said = scratch.run("check", scratch.file("wrong.yaml", WRONG)).stderr
        for words in TOLD:
            tap.check(words in said, "it says %s" % words.strip(":"), said)


if __name__ == "__main__":
    tap.run(check_request, check_elsewhere, check_before, check_blind,
            check_faults, check_wrong)
