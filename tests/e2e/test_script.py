#!/usr/bin/python3
"""The dashboard driven by a script, without a terminal and without sleeps."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import program, tap  # noqa: E402

DEMO = program()


def run(script, **env):
    """Exit status, standard error, and the files that were saved."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "script")
        with open(path, "w") as f:
            f.write(script)
        full = {k: v for k, v in os.environ.items()
                if k not in ("NO_COLOR", "TERM")}
        full.update(env, SEVTOP_SCRIPT=path, SEVTOP_CORE="1")
        done = subprocess.run([DEMO], env=full, cwd=folder, timeout=120,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        saved = {}
        for name in os.listdir(folder):
            if name != "script":
                with open(os.path.join(folder, name)) as f:
                    saved[name] = f.read()
        return done.returncode, done.stderr, saved


def test_steps():
    status, err, saved = run("""
# a comment
wait-section ticker
wait-text ^commands: 0 last: none
save-display first
key j Down ^D
wait-text ^commands: 3 last: half-down
resize 120x30
wait-text size 120x30
save-display wide
save-roles roles
quit
""")
    tap.check(status == 0, "a script runs to its end", err)
    rows = saved["first"].split("\n")
    tap.check(len(rows) == 25 and rows[0].startswith("sevtop  demo   DRILL"),
              "24 rows were saved", saved["first"])
    tap.check(rows[22] == "1 one 2 two", "the bar is there", rows[22])
    tap.check(len(saved["wide"].split("\n")) == 31, "30 rows after a resize")
    roles = saved["roles"].split("\n")
    tap.check(all(len(r) == 120 for r in roles[:-1]) and
              len(set("".join(roles))) > 4, "a letter for each cell's role")


def test_modes():
    status, err, saved = run("""
key f
wait-text ^filter:
type ab(
wait-text a . without its
key BS
paste -cd
wait-no-text without its
key Enter
wait-text filter .ab-cd.
key f
wait-text ^filter: ab-cd$
key Esc
key /
type xyz
wait-text ^/xyz
key Esc
key o
wait-text this is panel two
key z
wait-text two, zoomed
key z Esc
wait-text ^commands:
key : t w o
wait-text does nothing
save-display palette
key Enter
wait-text this is panel two
key ?
wait-text keys that work here: two
key Esc
wait-text this is panel two
key 7
wait-text no panel has this number
key Tab
wait-text ^commands:
key P
wait-text there is no engine for actions here
key t
wait-no-text Z$
key Space
wait-text FROZEN
key L
wait-no-text FROZEN
key r
wait-text asking all sources
key y
key Q
key ^C
""")
    tap.check(status == 0, "prompt, palette, help, zoom, freeze, zones", err)
    tap.check("  two                2      does nothing" in
              saved.get("palette", ""), "the palette lists its matches")


def test_failures():
    for script, words in (
            ("wait-txt x\n", 'script line 1: "wait-txt" is no step'),
            ("\nkey Entre\n", 'script line 2: "Entre" is not a key'),
            ("wait-text (\n", "script line 1: "),
            ("resize 0x9\n", "script line 1: write resize like 80x24"),
            ("key\n", "lacks its words"),
            ("save-display /nonexistent/x\n", "No such file")):
        status, err, _ = run(script)
        tap.check(status == 69 and words in err, "refused: %r" % script, err)


def test_no_terminal():
    done = subprocess.run(
        [DEMO], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        start_new_session=True, timeout=60,
        env={k: v for k, v in os.environ.items() if k != "SEVTOP_SCRIPT"})
    tap.check(done.returncode == 69 and "sevtop once" in done.stderr,
              "without a terminal it says what to do", done.stderr)


def test_bad_theme():
    status, err, _ = run("quit\n", DEMO_THEME="drak")
    tap.check(status == 69 and 'there is no theme "drak"' in err,
              "an unknown theme is named", err)


if __name__ == "__main__":
    tap.run(test_steps, test_modes, test_failures, test_no_terminal,
            test_bad_theme)
