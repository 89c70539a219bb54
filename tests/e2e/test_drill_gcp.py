#!/usr/bin/python3
"""The platforms on Google Cloud in their practice worlds."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import Dashboard, Scratch, World  # noqa: E402


class VistralAI(World):
    platform = "vistralai"


class Fluxori(World):
    platform = "fluxori"


def once(scratch, world):
    """What `sevtop once` says of the platform."""
    done = scratch.run("once", "-p", world.platform, "--env", "drill", "-o",
                       "json", env=scratch.env(**world.env))
    return json.loads(done.stdout)["platforms"][0]


def test_seen():
    for kind, services in (
            (VistralAI, {"vistralai", "firecrawl-service"}),
            (Fluxori, {"africa-south1/fluxori-backend",
                       "africa-south1/fluxori-frontend",
                       "europe-west4/fluxori-backend"})):
        with Scratch() as s, kind(s, "--seed", "7") as world:
            rows = {h["target"]: h["state"]
                    for h in once(s, world)["health"] if h["source"] == "run"}
            tap.check({t for t, state in rows.items() if state == "ok"} >=
                      services, "%s: all services are ready" % kind.platform,
                      rows)


def test_services():
    """A service and what it is judged by are one row, by its short name."""
    with Scratch() as s, Fluxori(s) as world, Dashboard(
            s, "-p", "fluxori", "--env", "drill", env=world.env) as t:
        t.panel(7, "services")
        t.wait_text(r"^services 3 ")
        for name in ("backend", "frontend", "standby"):
            t.wait_text(r"^[> ] %s .* 3\.10\.0 " % name)
        tap.check(True, "both regions' services in three rows, with versions")


def test_no_gcloud():
    """Whoever is logged in here: a command of a drill reaches nobody."""
    with Scratch() as s, Fluxori(s) as world:
        real = os.path.dirname(s.file("bin/gcloud", "#!/bin/sh\ntouch ran\n"))
        os.chmod(s.file("bin/gcloud"), 0o755)
        done = s.run("act", "-p", "fluxori", "--env", "drill",
                     "firestore_backups", "-o", "json",
                     env=s.env(PATH=real + ":" + os.environ["PATH"],
                               **world.env))
        tap.check("nothing was run" in done.stdout and
                  not os.path.exists(s.file("ran")),
                  "a practice world has a gcloud of its own",
                  done.stdout + done.stderr)


if __name__ == "__main__":
    tap.run(test_seen, test_services, test_no_gcloud)
