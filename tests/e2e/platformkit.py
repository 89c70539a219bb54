"""docs/platforms.md, read by the tests that walk it: rows with what each of
them is to be found by, and the answers in which it is looked for."""
import fnmatch
import os
import re

import yaml

from ptykit import tap
from worldkit import TOP

PAGE = os.path.join(TOP, "docs", "platforms.md")
PANELS = {"0": "sources", "1": "overview", "2": "metrics", "3": "logs",
          "4": "queues", "5": "database", "6": "cache", "7": "services",
          "8": "dependencies", "a": "jobs", "b": "flags"}


def profile(platform):
    return os.path.join(TOP, "profiles", platform + ".yaml")


def rows_of(letter):
    """(id, panels, checks) of every row of a platform."""
    with open(PAGE, encoding="utf-8") as f:
        for line in f:
            cells = [c.strip() for c in line.strip().strip("|").split("|")]
            if len(cells) == 4 and re.match(letter + r"-\d{2,3}$", cells[0]):
                yield cells[0], re.findall(r"\b([0-9ab]) (\w+)", cells[2]), \
                    re.findall(r"`([^`]+)`", cells[3])


def check_ids(letter, wanted):
    ids = [row for row, _, _ in rows_of(letter)]
    missing = [row for row in wanted if row not in ids]
    tap.check(not missing, "%s: every row that is to be shown is on the page" %
              letter, missing)
    tap.check(len(ids) == len(set(ids)), "each of them once", sorted(ids))


def check_panels(row, panels):
    wrong = [p for p in panels if PANELS.get(p[0]) != p[1]]
    tap.check(panels and not wrong, "%s: its panels" % row, wrong)


class Answer:
    """What `sevtop once -o json` says of one platform."""

    def __init__(self, document, platform):
        self.is_ = document["platforms"][0]
        with open(profile(platform), encoding="utf-8") as f:
            self.profile = yaml.safe_load(f)

    def health(self, words):
        source, target = words.split("/", 1)
        return [h for h in self.is_["health"] if h["source"] == source and
                fnmatch.fnmatchcase(h["target"], target) and h["detail"]]

    def metric(self, words):
        name, labels = re.match(r"(\w+)(?:\{(.*)\})?$", words).groups()
        want = dict(p.split("=") for p in labels.split(",")) if labels else {}
        return [m for m in self.is_["metrics"] if m["name"] == name and
                m["value"] is not None and
                want.items() <= m["labels"].items()]

    def signal(self, words, level="crit"):
        name, _, limit = words.partition(" ")
        if limit and self.profile["signals"].get(name, {}).get(level) != limit:
            return []
        return [m for m in self.is_["metrics"]
                if m["kind"] == "signal" and m["name"] == name]

    def warning(self, words):
        return self.signal(words, "warn")

    def table(self, words):
        name, _, column = words.partition(" ")
        return [r for key, table in self.is_["tables"].items()
                if key.split(".")[-1] == name for r in table["rows"]
                if not column or r.get(column) not in (None, "")]

    def log(self, name):
        return self.metric("log_matches{search=%s}" % name)
