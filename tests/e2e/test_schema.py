#!/usr/bin/python3
"""The schema for editors, held against a real validator and `sevtop check`."""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import program, tap  # noqa: E402

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print("ok 1 # SKIP %s (Debian: python3-jsonschema, python3-yaml)\n1..1" %
          missing)
    sys.exit(0)

SEVTOP = program("sevtop")
TOP = os.environ.get("SEV_SRCDIR", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", ".."))
ENV = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NAME": "shop",
       "SECONDS": "5s", "COUNT": "7", "URL": "http://127.0.0.1:1"}


class Loader(yaml.SafeLoader):
    """YAML 1.2 core, as editors' servers read it."""


Loader.yaml_implicit_resolvers = {}
for tag, regex, first in (
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
        ("int", r"[-+]?[0-9]+", list("-+0123456789")),
        ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?",
         list("-+.0123456789"))):
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag,
                                 re.compile("^(?:%s)$" % regex), first)

# Bodies of files; what stands first is all that differs from good ones.
GOOD = r"""
sources: {a: {type: http, url: "http://x/"}}
sources: {a: {type: http, url: "${URL}/healthz", every: 5s, timeout: 500ms}}
sources: {a: {type: http, url: "${URL}", every: "${SECONDS}"}}
sources: {a: {type: http, url: "http://x", every: 1h30m, enabled: false}}
sources: {a: {type: http, url: "http://x", enabled: "true"}}
sources: {a: {type: http, url: "http://x", enabled: "${ON:-true}"}}
sources: {a: {type: http, url: "http://x", expect: {status: 200}}}
sources: {a: {type: http, url: "http://x", expect: {status: [200, 401]}}}
sources: {a: {type: http, url: "http://x", expect: {json: {a.b: 3, c: ok}}}}
sources: {a: {type: http, url: "http://x", expect: }}
sources: {a: {type: http, url: "http://x", auth: {bearer: env:NAME}}}
sources: {a: {type: http, url: "http://x", auth: {bearer: {env: NAME}}}}
sources: {a: {type: http, url: "http://x", auth: {bearer: {cmd: [pass, x]}}}}
sources: {a: {type: http, url: "http://x", cert_warn: 30, cert_crit: "3"}}
sources: {a: {type: http, url: "http://x", cert_warn: "${COUNT}"}}
sources: {a: {type: http, url: "http://x", method: HEAD}}
sources: {a: {type: http, url: "http://x", method: "${METHOD:-GET}"}}
sources: {a: {type: "${TYPE:-http}", url: "http://x"}}
sources: {a: {type: logfile, path: logs/api.log, tail: 128KiB}}
sources: {a: {type: logfile, path: [a.log, "b-*.log"], tail: 65536}}
sources: {a: {type: redis, url: env:URL}}
sources: {a: {type: redis, url: "redis://h:1"}, q: {type: bullmq, redis: a}}
sources: {a.b-c_1: {type: http, url: "http://x", title: 42}}
title: "${NAME:-a long text that is only there when nobody says what it is}"
runbook: runbook.md
env: staging
signals: {s: {value: x, warn: "> 5%"}}
signals: {s: {rate: x, warn: "> 3/s", crit: ">= 10/s", for: 0, agg: max}}
signals: {s: {quantile: {q: 0.95, of: x}, crit: "> 2s", window: 5m}}
signals: {s: {ratio: {of: x, to: y}, crit: "${LIMIT:-> 5%}"}}
signals: {s: {value: x, unit: dollars, crit: "> $5"}}
signals:
services: {s: {title: S, health: [a, "signal:b"]}}\nsignals: {b: {value: x}}
services: {s: {health: a}}
dependencies: {a: [b, c]}
dependencies: {a: b}
keys: {x: refresh, ^D: none}
keys:
logs: {errors: level>=error}
actions: {a: {type: command, class: look, argv: [x, -y], when_set: NAME}}
actions: {a: {type: command, class: look, argv: x, when_set: [NAME, NONE]}}
flags: {a: {type: file, path: .env, text: true, when_set: NAME}}
flags: {a: {type: redis, url: env:URL, name: a}}\nkill: {k: a, m: [a]}
actions: {a: {type: command, class: look, argv: x, verify: {argv: y, match: z}}}
actions: {a: {type: command, class: look, argv: x, targets_from: {argv: [y]}, targets: one}}
actions: {a: {type: command, class: look, argv: x, inputs: {i: {type: choice, from: {argv: y}}}}}
actions: {a: {type: http, class: reversible, url: "http://x/", reads: {v: {url: "http://x/", path: a, want: "1"}}}}
flags: {a: {type: http, url: "http://x/", path: a, body: '{"a": ${flag.value}}'}}
flags: {a: {type: unleash, url: "http://x/", token: env:NAME, environment: prod}}
flags: {a: {type: postgres, url: env:URL, read: select 1, write: "update f set v = $1 where v = $2"}}
flags:
"""

BAD = """
sorces: {a: {type: http, url: "http://x"}}
sources:
sources: []
sources: {}
sources: {a: http}
sources: {a: {url: "http://x"}}
sources: {a: {type: htp, url: "http://x"}}
sources: {a: {type: [http], url: "http://x"}}
sources: {a: {type: http}}
sources: {a: {type: http, url: }}
sources: {a: {type: http, url: "x"}}
sources: {a: {type: http, url: "ftp://x"}}
sources: {a: {type: http, url: [x]}}
sources: {a: {type: http, url: "http://x", timout: 5s}}
sources: {a: {type: http, url: "http://x", queues: [a]}}
sources: {a: {type: http, url: "http://x", every: 5}}
sources: {a: {type: http, url: "http://x", every: soon}}
sources: {a: {type: http, url: "http://x", every: 5 s}}
sources: {a: {type: http, url: "http://x", enabled: yes}}
sources: {a: {type: http, url: "http://x", enabled: 1}}
sources: {a: {type: http, url: "http://x", expect: 200}}
sources: {a: {type: http, url: "http://x", expect: {staus: 200}}}
sources: {a: {type: http, url: "http://x", expect: {status: []}}}
sources: {a: {type: http, url: "http://x", expect: {status: {a: 1}}}}
sources: {a: {type: http, url: "http://x", expect: {json: [a]}}}
sources: {a: {type: http, url: "http://x", expect: {json: {a: [b]}}}}
sources: {a: {type: http, url: "http://x", auth: {bearer: [env]}}}
sources: {a: {type: http, url: "http://x", auth: {bearer: {env: A, file: B}}}}
sources: {a: {type: http, url: "http://x", auth: {bearer: {cmd: []}}}}
sources: {a: {type: http, url: "http://x", cert_warn: 400}}
sources: {a: {type: http, url: "http://x", cert_warn: -1}}
sources: {a: {type: http, url: "http://x", cert_warn: 1.5}}
sources: {a: {type: http, url: "http://x", cert_warn: many}}
sources: {a: {type: http, url: "http://x", method: PUT}}
sources: {a: {type: logfile}}
sources: {a: {type: logfile, path: a, tail: 5 lines}}
sources: {a: {type: logfile, path: a, tail: -1}}
sources: {a: {type: logfile, path: a, format: xml}}
sources: {"a b": {type: http, url: "http://x"}}
sources: {_a: {type: http, url: "http://x"}}
signals: []
signals: {s: {}}
signals: {s: {value: x, rate: y}}
signals: {s: {value: x, warn: 5}}
signals: {s: {value: x, warn: more than 5}}
signals: {s: {value: x, agg: mean}}
signals: {s: {quantile: {q: 2, of: x}}}
signals: {s: {quantile: {of: x}}}
signals: {s: {ratio: {of: x}}}
signals: {s: {ratio: x}}
actions: {a: {class: reversible}}
actions: {a: {type: nothing, class: reversible}}
actions: [a]
actions: {a: {type: command, class: look, argv: x, when_set: []}}
actions: {a: {type: command, class: look}}
actions: {a: {type: command, class: look, argv: x, url: "http://x/"}}
actions: {a: {type: command, class: look, argv: x, verify: {argv: y, mach: z}}}
actions: {a: {type: command, class: look, argv: x, verify: [y]}}
actions: {a: {type: command, class: look, argv: x, targets_from: {agv: [y]}, targets: one}}
actions: {a: {type: command, class: look, argv: x, inputs: {i: {type: choice, from: {agv: y}}}}}
actions: {a: {type: http, class: look, url: "http://x/", methd: GET}}
flags: {a: {type: http, url: "http://x/"}}
flags: {a: {type: unleash, url: "http://x/"}}
flags: {a: {type: redis, url: env:URL, name: a, field: [b]}}
flags: {a: {type: nothing}}
flags: {a: {path: .env}}
flags: {a: {type: file, path: .env, url: x}}
flags: {a: {type: file, path: .env, when_set: {a: b}}}
kill: {k: {a: b}}
flags: [a]
services: {s: {}}
services: {s: [a]}
dependencies: [a, b]
dependencies: {a: {b: c}}
keys: {x: panel}
keys: {x: act-named}
keys: [x]
logs: {errors: [a]}
logs: [a]
"""

# What a schema can't know.
ONLY_CHECK = """
sources: {a: {type: http, url: "http://x", every: 1ms}}
sources: {a: {type: http, url: "${UNSET_VARIABLE}"}}
sources: {a: {type: http, url: "http://x", cert_warn: "400"}}
sources: {q: {type: bullmq, redis: nothing}}
signals: {s: {value: "x{"}}
signals: {s: {value: x, warn: "> 5%", crit: "> 1%"}}
dependencies: {a: [a]}
keys: {x: refesh}
"""

BASE = "platform: shop\n"
SOURCES = "sources: {a: {type: http, url: \"http://x\"}}\n"


def cases(block):
    return [line.replace("\\n", "\n") for line in block.strip().split("\n")]


def text_of(case):
    return BASE + case + "\n" + ("" if re.match("so?u?rces:", case)
                                 else SOURCES)


def schema():
    run = subprocess.run([SEVTOP, "schema"], env=ENV, text=True,
                         capture_output=True)
    tap.check(run.returncode == 0 and not run.stderr, "it prints",
              run.stderr)
    return json.loads(run.stdout)


SCHEMA = schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def says(text):
    """What the validator has against a file; "" for nothing."""
    found = next(VALIDATOR.iter_errors(yaml.load(text, Loader)), None)
    return "" if found is None else "%s: %s" % (
        "/".join(map(str, found.absolute_path)), found.message[:200])


def checked(texts):
    """What `sevtop check` has against each file; "" for nothing."""
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        for i, text in enumerate(texts):
            path = os.path.join(folder, "f%d.yaml" % i)
            with open(path, "w") as f:
                f.write(text)
            run = subprocess.run([SEVTOP, "check", path], env=ENV, text=True,
                                 capture_output=True)
            answers.append("" if run.returncode == 0 else
                           run.stderr.replace(folder, "") or "?")
    return answers


def test_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    tap.check(True, "it is a schema")
    bare = []

    def walk(node, path):
        if isinstance(node, dict):
            for key, row in node.get("properties", {}).items():
                if "if" not in path and "description" not in row and \
                        not re.search("definitions/(source|action)/",
                                      path + "/") and \
                        key not in ("env", "file", "cmd"):
                    bare.append(path + "/" + key)
            for key, value in node.items():
                walk(value, path + "/" + key)
        elif isinstance(node, list):
            for value in node:
                walk(value, path)

    walk(SCHEMA, "")
    tap.check(not bare, "every key is described", bare)
    names = set(SCHEMA["definitions"])
    for kind, least in (("source", 5), ("action", 2), ("flag", 5)):
        types = listed(kind)
        tap.check(len(types) >= least and
                  all("%s-%s" % (kind, name) in names for name in types),
                  "every type of %s is in it" % kind, (types, names))


def info(*topic):
    return subprocess.run([SEVTOP, "info", *topic], env=ENV, text=True,
                          capture_output=True).stdout


def listed(kind):
    """The types that `sevtop info` lists."""
    block = info().split(kind + " types\n")[1]
    return re.findall(r"^  (\S+) ", re.split(r"^\S", block, 1, re.M)[0], re.M)


def keys_of(text):
    """What stands at the left of `sevtop info`, the first part of each path."""
    return {path.split(".")[0]
            for path in re.findall(r"^  (\S+) ", text, re.M)}


def test_same_keys():
    """The schema, `sevtop info` and the manual have the same keys."""
    manual = subprocess.run([SEVTOP, "man", "config"], env=ENV, text=True,
                            capture_output=True).stdout
    flags = info("flag").split("\n")
    heads = [i for i, line in enumerate(flags) if not line.startswith(" ")]
    of_flag = {flags[i].split(":")[0]: "\n".join(flags[i:j]) + "\n"
               for i, j in zip(heads, heads[1:] + [len(flags)])}
    for kind, common in (("action", info("action").split("input:")[0]),
                         ("flag", of_flag["flag"])):
        for name in listed(kind):
            own = of_flag[name] if kind == "flag" else info(name)
            said = keys_of(common) | keys_of(own)
            known = SCHEMA["definitions"]["%s-%s" % (kind, name)]
            tap.check(said == set(known["properties"]),
                      "%s %s: the same keys" % (kind, name),
                      said ^ set(known["properties"]))
            tap.check(".SH %s TYPE %s\n" % (kind.upper(), name) in manual,
                      "%s %s: in the manual" % (kind, name))
    look = SCHEMA["definitions"]["look"]["properties"]
    tap.check({"argv", "url", "health", "want"} <= set(look) and
              ".SH KEYS OF A LOOK\n" in manual, "and a look has its own",
              sorted(look))


def test_agreement():
    for name, block, good in (("good", GOOD, True), ("bad", BAD, False)):
        texts = [text_of(case) for case in cases(block)]
        for case, text, check in zip(cases(block), texts, checked(texts)):
            found = says(text)
            tap.check((found == "") == good and (check == "") == good,
                      "%s for both: %s" % (name, case[:70]),
                      "schema: %s\ncheck: %s" % (found, check))


def test_only_check():
    texts = [text_of(case) for case in cases(ONLY_CHECK)]
    for case, text, check in zip(cases(ONLY_CHECK), texts, checked(texts)):
        tap.check(says(text) == "" and check != "",
                  "only the program sees: " + case[:60],
                  "schema: %s\ncheck: %s" % (says(text), check))


def test_what_is_shipped():
    files = glob.glob(os.path.join(TOP, "profiles", "*.yaml"))
    for path in files:
        with open(path) as f:
            tap.check(says(f.read()) == "", os.path.basename(path))
    tap.check(bool(files), "profiles")
    count = 0
    for path in [os.path.join(TOP, "README.md")] + \
            glob.glob(os.path.join(TOP, "docs", "*.md")):
        with open(path) as f:
            blocks = re.findall(r"```yaml\n(.*?)```", f.read(), re.S)
        for block in blocks:
            if re.search("^platform:", block, re.M):
                count += 1
                tap.check(says(block) == "", "example in " +
                          os.path.basename(path), says(block))
    tap.check(count > 0, "examples")


tap.run(test_schema, test_same_keys, test_agreement, test_only_check, test_what_is_shipped)
