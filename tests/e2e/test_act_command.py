#!/usr/bin/python3
"""Configured commands, as `sevtop act` runs them: what is shown before, what
is really run, and that the outcome is the true one whichever way a program
ends: by itself, by its exit status, by a signal, by its time limit."""
import json
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from confkit import Act  # noqa: E402
from ptykit import tap  # noqa: E402
from worldkit import Scratch  # noqa: E402

SECRET = "correct-horse-battery"

CONFIG = """platform: shop
env: test
sources:
  state: {type: process, argv: [cat, state.json], health: {db: {path: db}}}
actions:
  say:
    type: command
    class: reversible
    argv: [sh, -c, 'echo "$1"; echo $#; echo "$TOKEN" >&2; printf "%%s" "$WHO"',
           x, '${input.word}', '${input.maybe}', '--maybe=${input.maybe}']
    env: {TOKEN: env:MY_TOKEN, WHO: 'for ${input.word}'}
    inputs: {word: {required: true}, maybe: {}}
  put:
    type: command
    title: Write the value
    class: reversible
    argv: [sh, -c, 'cat > value', x]
    inputs:
      value: {type: choice, required: true,
              from: {argv: [cat, choices], match: '^[a-z]+'}}
    reads: {value: {argv: [cat, value], want: '${input.value}'}}
    undo: put
    undo_set: {value: '${read.value}'}
    preview: [cat, touched]
  end:
    type: command
    class: disruptive
    argv: [sh, -c, '%(end)s']
    timeout: 1s
    inputs: {how: {required: true}}
    env: {HOW: '${input.how}'}
    verify: {argv: [test, -e, done]}
  blind:
    type: command
    class: reversible
    argv: [sh, -c, 'kill -9 $$']
  health:
    type: command
    class: reversible
    argv: [cp, good.json, state.json]
    verify: {health: state/db}
  each:
    type: command
    class: reversible
    targets: many
    targets_from: {argv: [printf, 'api\\njobs\\nweb\\n']}
    argv: [sh, -c, 'test "$1" != jobs && echo did "$1"', x, '${target.name}']
  show:
    type: command
    class: look
    argv: [sh, -c, 'echo seen; exit "$1"', x, '${input.status}']
    inputs: {status: {type: whole, min: 0, max: 255, default: 0}}
  store:
    type: command
    class: reversible
    argv: [sh, -c, 'cat > stored']
    stdin: env:MY_TOKEN
  feed:
    type: command
    class: reversible
    argv: [sh, -c, 'tee fed; test "$1" = a', x, '${input.word}']
    inputs: {word: {required: true}}
    script: |
      as it is: $HOME $(id)
      to its end
    preview: [sh, -c, 'echo one; echo two; exit 3']
    preview_exit: [0, 3]
    reads:
      lines: {argv: [cat, fed], match: '(?m)^', count: true, want: '2'}
  noprog: {type: command, class: look, argv: [no-such-program]}
  nodir: {type: command, class: look, argv: [ls], dir: /no/such/dir}
  nosecret:
    type: command
    class: look
    argv: [ls]
    env: {PGPASSWORD: env:NOT_SET_AT_ALL}
"""

# The program that ends in every way; the rest of its group has to end too.
END = ("case $HOW in "
       "good) touch done;; bad) touch half; echo broke >&2; exit 7;; "
       "signal) touch done; kill -9 $$;; "
       "hang) touch done; sleep 61 & echo $! > child; sleep 62;; "
       "half) sleep 61;; esac")


def make_act(scratch):
    text = CONFIG.replace("'cat > value'", "'echo \"$0\" > value'").replace(
        "value', x]", "value', '${input.value}']") % {"end": END}
    return Act(scratch, text, timeout="20", MY_TOKEN=SECRET)


def check_say(act, _):
    code, out, err = act("say", "--set", "word=a b; $(id)")
    tap.check(code == 0 and out["outcome"] == "done", "a command is done",
              str((code, out, err)))
    tap.check("a b; $(id)" in out["output"], "its words are no shell's",
              str(out["output"]))
    tap.check(SECRET not in json.dumps(out) + err and
              "[redacted]" in json.dumps(out["output"]),
              "a secret that it prints is hidden", str(out["output"]))
    tap.check("1" in out["output"], "an input that is not given is no word, "
              "and no option", str(out["output"]))
    more = act("say", "--set", "word=a", "--set", "maybe=b")[1]["output"]
    tap.check("3" in more, "one that is given is both", str(more))
    tap.check("for a b; $(id)" in out["output"],
              "a line without its end is shown", str(out["output"]))
    sends = json.dumps(out["plan"]["sends"])
    tap.check(SECRET not in sends,
              "the plan names no secret", sends)
    code, out, err = act("store")
    with open(act.scratch.file("stored")) as f:
        stored = f.read()
    tap.check(code == 0 and stored == SECRET, "standard input is a secret",
              str((code, out, err)))
    tap.check(SECRET not in json.dumps(out) + err and
              "a secret, env:MY_TOKEN" in json.dumps(out["plan"]),
              "the plan says where it comes from", str(out))
    code, out, err = act("say", "--set", "word=-rf")
    tap.check(code == 3 and "taken for an option" in json.dumps(out),
              "a value is no option", str((code, out, err)))
    code, out, err = act("say")
    tap.check(code == 64 or code == 3, "a value that is needed is asked for",
              str((code, out, err)))
    code, out, err = act("say", "--set", "word=x", "--set", "maybe=env:HOME")
    tap.check(code == 0, "a value in the arguments is only text",
              str((code, out, err)))
    code, out, err = act("say", "--set", "word=env:HOME")
    tap.check(code == 0, "also beside other words", str((code, out, err)))


def a_value(scratch):
    scratch.file("value", "one\n")
    scratch.file("choices", "one\ntwo words\n  three\n\n")
    scratch.file("touched", "row 1\nrow 2\n")


def check_put(act, scratch):
    a_value(scratch)
    code, out, err = act("put", "--set", "value=two")
    plan = out.get("plan", {})
    tap.check(code == 0 and out["outcome"] == "done", "a value is set",
              str((code, out, err)))
    tap.check(plan["lines"][0]["old"] == "one" and
              plan["lines"][0]["new"] == "two", "old and new are shown",
              str(plan["lines"]))
    tap.check(plan["samples"] == ["row 1", "row 2"], "and what it touches",
              str(plan.get("samples")))
    tap.check(plan["undo"]["set"] == {"value": "one"},
              "the undo has the value that was read", str(plan["undo"]))
    code, out, err = act("put", "--set", "value=two")
    tap.check(code == 0 and out["plan"]["nothing"], "again is nothing to do",
              str((code, out)))
    code, out, err = act("put", "--set", "value=four")
    tap.check(code == 3 and "there is one, two, three" in json.dumps(out),
              "what is no choice is refused", str((code, out, err)))
    scratch.file("value", "x" * 5000 + "\n")
    code, out, err = act("put", "--set", "value=one")
    tap.check(code == 1 and "5000 bytes were printed" in json.dumps(out),
              "more than a value is no value, not an empty one",
              str((code, out, err)))
    os.remove(scratch.file("value"))
    code, out, err = act("put", "--set", "value=one")
    tap.check(code == 1 and "value can't be read" in json.dumps(out),
              "what can't be read is not changed", str((code, out, err)))


def check_changed(act, scratch):
    """The value changes between the plan and the y."""
    a_value(scratch)
    code, text = act.between(
        ["put", "--set", "value=two"],
        lambda: scratch.file("value", "three\n"))
    tap.check(code == 1 and "changed since you looked: value is three" in text,
              "what changed meanwhile is not overwritten", str((code, text)))
    with open(scratch.file("value"), encoding="utf-8") as f:
        tap.check(f.read() == "three\n", "it is as the other one left it")
    hidden = "x" * 40 + "postgres://u:" + "S3cretS3cret" + "@h/db"
    code, text = act.between(
        ["put", "--set", "value=two"],
        lambda: scratch.file("value", hidden + "\n"))
    tap.check(code == 1 and "changed since you looked: value is xxx" in text
              and "S3" not in text, "half a secret is shown nowhere",
              str((code, text)))


def check_end(act, scratch):
    def ends(how):
        for name in ("done", "half", "child"):
            if os.path.exists(scratch.file(name)):
                os.remove(scratch.file(name))
        return act("end", "--set", "how=" + how)

    code, out, err = ends("good")
    tap.check(code == 0 and out["outcome"] == "done", "exit status 0, and read "
              "back", str((code, out, err)))
    code, out, err = ends("bad")
    words = out.get("words", "")
    tap.check(code == 2 and out["outcome"].startswith("failed") and
              "status 7" in words and "broke" in words and
              "not taken back" in words,
              "another status is a failure that may have done part",
              str((code, out, err)))
    code, out, err = ends("signal")
    tap.check(code == 0 and out["outcome"] == "done",
              "a signal is in doubt until it is read back",
              str((code, out, err)))
    code, out, err = ends("hang")
    tap.check(code == 0 and out["outcome"] == "done",
              "so is a time limit", str((code, out, err)))
    with open(scratch.file("child"), encoding="utf-8") as f:
        child = int(f.read())
    tap.check(gone(child), "what it had started is ended with it")
    code, out, err = act("blind")
    tap.check(code == 2 and out["outcome"] == "unresolved" and
              "signal 9" in out["words"] + json.dumps(out["plan"]) +
              out["state"] or "reads it back" in out["words"],
              "without a read-back nobody can tell", str((code, out, err)))


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with open("/proc/%d/stat" % pid, encoding="utf-8") as f:
        if f.read().rsplit(")", 1)[1].split()[0] == "Z":
            return True
    os.kill(pid, signal.SIGKILL)
    return False


def check_feed(act, scratch):
    scratch.file("fed", "")
    code, out, err = act("feed", "--set", "word=a")
    with open(scratch.file("fed"), encoding="utf-8") as f:
        fed = f.read()
    tap.check(code == 0 and out["outcome"] == "done" and fed ==
              "as it is: $HOME $(id)\nto its end\n",
              "a text on its standard input, word for word",
              str((code, out, err, fed)))
    plan = json.dumps(out["plan"])
    tap.check("to its end" in plan and '"old": "0"' in plan or
              '"old": "1"' in plan, "the plan shows it, and what is counted",
              plan)
    tap.check("one" in plan and "two" in plan, "a preview with a status of "
              "its own", plan)
    code, out, err = act("feed", "--set", "word=a")
    tap.check(code == 0 and out["plan"]["nothing"], "counted again: nothing",
              str((code, out, err)))


def check_rest(act, scratch):
    scratch.file("state.json", '{"db": "down"}')
    scratch.file("good.json", '{"db": "ok"}')
    code, out, err = act("health")
    tap.check(code == 0 and out["outcome"] == "done",
              "a health row is asked for anew", str((code, out, err)))
    code, out, err = act("each", "--target", "api", "--target", "jobs",
                         "--target", "web")
    words = out.get("words", "")
    tap.check(code == 2 and out["outcome"] == "partly done" and
              "1 of 3 done" in words and out["output"] == ["did api"],
              "targets one after the other, until one fails",
              str((code, out, err)))
    code, out, err = act("each", "--target", "appi")
    tap.check(code in (1, 3) and "there is no appi; did you mean api?" in
              json.dumps(out), "an unknown target is told",
              str((code, out, err)))
    code, out, err = act("show")
    tap.check(code == 0 and out["output"] == ["seen"], "a look shows output",
              str((code, out, err)))
    code, out, err = act("show", "--set", "status=3")
    tap.check(code == 1 and out["output"] == ["seen"] and
              "status 3" in out["words"], "and its status",
              str((code, out, err)))
    for name, words in (("noprog", "there is no program no-such-program"),
                        ("nodir", "there is no folder /no/such/dir"),
                        ("nosecret", "PGPASSWORD")):
        code, out, err = act(name)
        tap.check(code in (1, 3) and words in json.dumps(out) and
                  not out.get("output"), "%s: told before" % name,
                  str((code, out, err)))


HEAD = """platform: shop
env: test
sources: {x: {type: process, argv: [echo], log: true, read: lines}}
actions:
"""
WRONG = (
    ("""
  a:
    type: command
    class: reversible
    argv: [ls, '${input.nmae}', env:TOKEN, '${target.name}']
    inputs: {name: {}}
    env: {'A=B': x}
    exit: [0, 300]
    verify: {argv: [ls], url: http://x, want: '${read.y}'}
    reads: {x: {health: nobody/db}, y: {argv: [ls], match: '('}}
    undo: b
    undo_set: {who: '${read.z}'}
  b: {type: command, class: reversible, argv: [ls]}
""", (
        ":9:16: nothing is called ${input.nmae}; did you mean input.name?",
        ":9:11: a secret can't be an argument",
        ":9:44: nothing is called ${target.name}; this action takes no target",
        ':11:11: "A=B" is no name of a variable',
        ':12:11: "300" is no exit status',
        ':13:5: "verify" wants one of argv, url and health',
        ':14:25: no source is named "nobody"',
        ":14:60: the pattern is wrong",
        ':16:16: "b" has no input "who"',
        ":16:21: nothing is called ${read.z}; did you mean read.x?",
    )),
    ("  c: {type: command, class: look, argv: [ls], undo_set: {a: b}}",
     (':5:58: "undo_set" without "undo"',)),
    ("  f: {type: command, class: look, argv: [ls], script: x, stdin: env:A}",
     (':5:47: a program reads either "stdin" or "script"',)),
    ("  g: {type: command, class: look, argv: [ls], db: x}",
     (':5:51: no postgres source is named "x"',)),
    ("  h: {type: command, class: look, argv: [ls], preview_exit: x}",
     (':5:61: "x" is no exit status',)),
    ("  i: {type: command, class: look, argv: [ls], reads: {a: {argv: [ls], "
     "count: true}}}", (':5:71: "count" counts what "match" finds',)),
    ("  d: {type: command, class: look, argv: [ls], dir: '${input.x}'}",
     (':5:52: "dir" is no template',)),
    ("  e: {type: comand, class: look, argv: [ls]}",
     (':5:13: unknown action type "comand"',)),
)


def check_wrong(_, scratch):
    """Errors that the file alone can tell, each at its place."""
    for text, told in WRONG:
        path = scratch.file("wrong.yaml", HEAD + text + "\n")
        said = scratch.run("check", path).stderr
        for words in told:
            tap.check(words in said, "it says %s" % words.strip(":"), said)


def on_scratch(test):
    """A test with a folder and an act of its own."""
    def run():
        with Scratch() as scratch:
            test(make_act(scratch), scratch)
    run.__name__ = test.__name__
    return run


if __name__ == "__main__":
    tap.run(*[on_scratch(test) for test in (
        check_say, check_put, check_changed, check_end, check_feed, check_rest,
        check_wrong)])
