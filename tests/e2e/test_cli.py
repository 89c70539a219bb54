#!/usr/bin/python3
"""The command line from outside: help, completion, manual, check, info,
plain output, variables, terminals without abilities, ASCII and colours."""
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ptykit import tap  # noqa: E402
from worldkit import (SEVTOP, BadServer, Dashboard, Scratch,  # noqa: E402
                      until)

COMMANDS = ("once", "logs", "drill", "check", "info", "completion", "man",
            "schema")
LOG = """{"time":1795356315029,"level":30,"msg":"all is fine"}
{"time":1795356316029,"level":50,"msg":"it broke \\u001b[2J here"}
2026-11-22T14:05:17.100Z WARN [worker] a plain line
"""
PLATFORM = """platform: %s
env: ${SEVTOP_ENV:-staging}
sources:
  page: {type: http, url: "%s", every: 1s}
  log: {type: logfile, path: %s}
"""


def platform(scratch, name, url):
    log = scratch.file(name + ".log", LOG)
    return scratch.file(name + ".yaml", PLATFORM % (name, url, log))


def test_help():
    with Scratch() as s:
        top = s.run("--help")
        tap.check(top.returncode == 0 and not top.stderr and
                  all(re.search(r"^  %s +\w" % c, top.stdout, re.M)
                      for c in COMMANDS), "--help names every command",
                  top.stdout)
        for c in COMMANDS:
            out = s.run(c, "--help")
            tap.check(out.returncode == 0 and not out.stderr and
                      out.stdout.startswith("usage: sevtop " + c),
                      c + " --help", out.stdout + out.stderr)
        # Every option that the help shows is taken, none that it doesn't.
        for option in re.findall(r"(--[a-z-]+)", s.run(
                "once", "--help").stdout.split("\n\n")[-1]):
            out = s.run("once", option, *(
                ["x"] if option not in ("--help",) else []))
            tap.check("no option" not in out.stderr,
                      "once takes " + option, out.stderr)
        out = s.run("--version")
        tap.check(re.fullmatch(r"sevtop \d+\.\d+\.\d+\S*\n", out.stdout),
                  "--version", out.stdout)


def test_completion():
    with Scratch() as s:
        for shell, words in (("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]),
                             ("fish", ["fish", "-n"])):
            out = s.run("completion", shell)
            path = s.file("completion." + shell, out.stdout)
            tap.check(out.returncode == 0 and all(
                c in out.stdout for c in COMMANDS),
                "completion for " + shell, out.stderr)
            if not shutil.which(shell):
                tap.skip("no " + shell)
                continue
            run = subprocess.run(words + [path], capture_output=True,
                                 text=True)
            tap.check(run.returncode == 0 and not run.stderr,
                      shell + " can read it", run.stderr)
        script = s.file("ask.bash", """. "$1"
COMP_WORDS=(sevtop on) COMP_CWORD=1
_sevtop; echo "${COMPREPLY[@]}"
COMP_WORDS=(sevtop once --ti) COMP_CWORD=2
_sevtop; echo "${COMPREPLY[@]}"
COMP_WORDS=(sevtop -p ai) COMP_CWORD=2
PATH=%s:$PATH
_sevtop; echo "${COMPREPLY[@]}"
""" % os.path.dirname(SEVTOP))
        run = subprocess.run(
            ["bash", script, s.file("completion.bash")], text=True,
            capture_output=True, env=s.env())
        tap.check(run.stdout.split("\n")[:3] == [
            "once", "--timeout", "ai-visibility"],
            "and completes commands, options and platforms",
            run.stdout + run.stderr)


def test_manual():
    with Scratch() as s:
        for words, title in ((("man",), "SEVTOP(1)"),
                             (("man", "config"), "SEVTOP.YAML(5)")):
            page = s.run(*words)
            tap.check(page.returncode == 0 and page.stdout.startswith(".TH "),
                      "sevtop " + " ".join(words), page.stderr)
            for tool in (["groff", "-man", "-Tutf8", "-ww"],
                         ["mandoc", "-Tlint", "-Wwarning"]):
                if not shutil.which(tool[0]):
                    tap.skip("no " + tool[0])
                    continue
                run = subprocess.run(tool, input=page.stdout, text=True,
                                     capture_output=True)
                shown = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", run.stdout)
                tap.check(not run.stderr and (
                    tool[0] == "mandoc" or title in shown.upper()),
                    "%s renders %s without a warning" % (tool[0], title),
                    run.stderr + shown[:300])


def test_check_and_info():
    with Scratch() as s:
        good = platform(s, "good", "http://127.0.0.1:1/")
        out = s.run("check", good)
        tap.check(out.returncode == 0 and
                  "good (staging): 2 sources" in out.stdout,
                  "check of a good file", out.stdout + out.stderr)
        bad = s.file("bad.yaml", "platform: x\nsorces: {}\n")
        out = s.run("check", good, bad)
        tap.check(out.returncode == 78 and "bad.yaml:2:1: unknown key" in
                  out.stderr and "did you mean \"sources\"" in out.stderr,
                  "check of a good and a bad file", out.stdout + out.stderr)
        out = s.run("info")
        tap.check(out.returncode == 0 and all(
            w in out.stdout for w in ("source types", "prometheus.scrape",
                                      "ai-visibility", s.path, "hiredis")),
            "info: paths, platforms, types, versions", out.stdout)
        for topic in ("http", "redis", "bullmq", "logfile",
                      "prometheus.scrape", "platform", "source", "signal",
                      "themes"):
            out = s.run("info", topic)
            tap.check(out.returncode == 0 and len(out.stdout) > 100,
                      "info " + topic, out.stdout + out.stderr)
        out = s.run("info", "themes", "--list")
        tap.check(out.stdout.split()[:2] == ["default", "auto"],
                  "names of themes alone", out.stdout + out.stderr)
        out = s.run("info", "htp")
        tap.check(out.returncode == 64 and "lists the types" in
                  out.stderr, "info of something misspelt", out.stderr)


def test_logs():
    with Scratch() as s:
        config = platform(s, "one", "http://127.0.0.1:1/")
        out = s.run("logs", "-c", config)
        tap.check(out.returncode == 0 and "all is fine" in out.stdout
                  and "a plain line" in out.stdout
                  and "\x1b" not in out.stdout,
                  "logs as text, escapes made harmless",
                  repr(out.stdout) + out.stderr)
        out = s.run("logs", "-c", config, "-o", "json")
        rows = [json.loads(line) for line in out.stdout.splitlines()]
        tap.check([r["level"] for r in rows] == ["INFO", "ERROR", "WARN"]
                  and all(re.fullmatch(r"\d{4}-\S+Z", r["time"])
                          for r in rows), "logs as JSON lines", rows)
        out = s.run("logs", "-c", config, "--filter", "level>=error")
        tap.check("it broke" in out.stdout and "fine" not in out.stdout
                  and out.returncode == 0, "with a filter", out.stdout)
        for words in (["--filter", "level>="], ["--since", "never"],
                      ["-o", "xml"]):
            out = s.run("logs", "-c", config, *words)
            tap.check(out.returncode == 64 and out.stderr.startswith(
                "sevtop: "), "64: logs " + " ".join(words),
                "%s %s" % (out.returncode, out.stderr))


def test_plain():
    """--plain goes on printing whole boards, also into a pipe."""
    with Scratch() as s, BadServer() as bad:
        config = platform(s, "one", bad.url("ok"))
        proc = subprocess.Popen(
            [SEVTOP, "--plain", "-c", config, "-r", "0.2"], env=s.env(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        seen = b""
        while seen.count(b"one  staging  ok") < 3:
            piece = os.read(proc.stdout.fileno(), 65536)
            if not piece:
                break
            seen += piece
        tap.check(seen.count(b"one  staging  ok") >= 3, "three boards", seen)
        tap.check(not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", seen),
                  "without a control character", seen)
        proc.terminate()
        proc.stdout.close()
        proc.stderr.close()
        tap.check(proc.wait(30) in (0, 143, -15), "TERM ends it",
                  proc.returncode)
        proc = subprocess.Popen(
            [SEVTOP, "--plain", "-c", config, "-r", "0.2"], env=s.env(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        os.read(proc.stdout.fileno(), 65536)
        proc.stdout.close()
        until(lambda: proc.poll() is not None, "end without a reader")
        tap.check(True, "so does the end of its reader")


SAME = """platform: %s
env: staging
sources:
  page: {type: http, url: "%s", every: 1s}
signals:
  status: {title: Status, value: http_status, crit: ">= 200"}
"""


def test_same_signal():
    """Enter on an alert leads to the signal of its own platform."""
    with Scratch() as s, BadServer() as bad:
        files = [s.file(name + ".yaml", SAME % (name, bad.url("ok")))
                 for name in ("one", "two")]
        with Dashboard(s, "-c", files[0], "-c", files[1],
                       size=(30, 100)) as t:
            t.wait_text("^[> ] . +Status@two ")
            t.wait_text("^[> ] . +Status@one ")
            for name in ("one", "two"):
                t.panel(1, "overview")
                t.wait_text("^> . +Status@")
                text = t.text()
                if not re.search("^> . +Status@%s " % name, text, re.M):
                    below = text.index("Status@" + name) > text.index("\n> ")
                    t.send("j" if below else "k")
                t.wait_text("^> . +Status@%s " % name)
                t.send("\r")
                t.wait_text("^metrics ")
                t.wait_text("^> Status@")
                tap.check(re.search("^> Status@%s " % name, t.text(), re.M),
                          "the metric of platform " + name, t.text())
            t.send("q")
            t.wait_end()


def test_two_platforms():
    with Scratch() as s, BadServer() as bad:
        one = platform(s, "one", bad.url("ok"))
        two = platform(s, "two", bad.url("hang"))
        with Dashboard(s, "-c", one, "-c", two, size=(30, 100)) as t:
            t.wait_text("3/4")
            t.panel(0, "sources")
            for name in ("page@one", "log@one", "page@two", "log@two"):
                t.wait_text("^[> ] %s " % name)
            t.wait_text("^[> ] page@two .* DOWN .* took the request")
            tap.check(True, "each source with its platform and its reason")
            tap.check("2 platforms" in t.lines()[0], "the header counts them",
                      t.lines()[0])
            for name in ("log@one", "page@two", "log@two"):
                t.send("j")
                t.wait_text("^> %s " % name)
            tap.check(True, "the selection goes through all of them")
            t.send("q")
            tap.check(t.wait_end() == 0, "q ends it")
        out = s.run("-c", one, "-c", one)
        tap.check(out.returncode == 78 and "two platforms are called one"
                  in out.stderr,
                  "the same platform twice is refused",
                  "%s %s" % (out.returncode, out.stderr))


def test_variables():
    with Scratch() as s, BadServer() as bad:
        config = platform(s, "one", bad.url("ok"))
        out = s.run("once", SEVTOP_CONFIG=config, SEVTOP_ENV="drill")
        tap.check(out.returncode == 0 and
                  out.stdout.startswith("one  drill  ok"),
                  "SEVTOP_CONFIG, SEVTOP_ENV", out.stdout + out.stderr)
        out = s.run("once", "-c", config, "--env", "qa",
                    SEVTOP_CONFIG="/nowhere.yaml", SEVTOP_ENV="drill",
                    SEVTOP_PLATFORM="nobody")
        tap.check(out.returncode == 0 and out.stdout.startswith("one  qa"),
                  "flags go before variables", out.stdout + out.stderr)
        out = s.run("once", SEVTOP_PLATFORM="nobody")
        tap.check(out.returncode == 78 and "nobody" in out.stderr,
                  "SEVTOP_PLATFORM", out.stderr)
        out = s.run("once", "-c", config, SEVTOP_REFRESH="often")
        tap.check(out.returncode in (0, 64), "a variable of another command",
                  out.stderr)
        os.rename(config, s.file("sevtop.yaml"))
        out = s.run("once")
        tap.check(out.stdout.startswith("one  staging"),
                  "./sevtop.yaml without any", out.stdout + out.stderr)
        os.remove(s.file("sevtop.yaml"))
        out = s.run("once", API_URL=bad.url("ok"))
        tap.check("API_URL" in out.stderr and out.returncode in (0, 2),
                  "API_URL as a start", out.stdout + out.stderr)


def test_terminals():
    with Scratch() as s:
        config = platform(s, "one", "http://127.0.0.1:1/")
        for term in (None, "", "no-such-terminal", "dumb"):
            with Dashboard(s, "-c", config, term=term) as t:
                status = t.wait_end()
                t.settle()
                words = t.text().replace("\n", "")
                tap.check(status not in (0, 128) and status > 0 and
                          "sevtop once" in words and "TERM" in words,
                          "TERM=%s: says what to do" % term,
                          "%s %s" % (status, t.text()))
                tap.check(t.restored() == [] and b"\x1b" not in t.raw,
                          "and touches nothing", bytes(t.raw))
        out = s.run("-c", config)
        tap.check(out.returncode != 0 and "sevtop once" in out.stderr,
                  "no terminal at all: says what to do", out.stderr)


def colours(raw):
    """Colour sequences among the SGR ones."""
    found = []
    for m in re.finditer(rb"\x1b\[([0-9;]*)m", raw):
        if any(re.fullmatch(rb"(3|4|9|10)[0-8]", p)
               for p in m[1].split(b";")):
            found.append(m[0])
    return found


def test_characters():
    cases = (
        ("plain", (), {}, True, True),
        ("--ascii", ("--ascii",), {}, False, True),
        ("SEVTOP_ASCII", (), {"SEVTOP_ASCII": "1"}, False, True),
        ("C locale", (), {"LC_ALL": "C", "LANG": "C"}, False, True),
        ("NO_COLOR", (), {"NO_COLOR": "1"}, True, False),
        ("--no-color", ("--no-color",), {}, True, False),
        ("--theme mono", ("--theme", "mono"), {}, True, False),
    )
    with Scratch() as s, BadServer() as bad:
        config = platform(s, "one", bad.url("status/500"))
        with open(s.file("one.log"), "a") as f:
            f.write("ERROR müßig 你好 \u2066x\n")
        for name, words, env, wide, colour in cases:
            with Dashboard(s, "-c", config, *words, env=env) as t:
                t.wait_text("page.*HTTP 500|HTTP 500")
                for number, title in ((2, "metrics"), (3, "logs"),
                                      (0, "sources"), (1, "overview")):
                    t.panel(number, title)
                    if number == 3:
                        t.wait_text("it broke")
                t.send("?")
                t.wait_text("^keys that work here")
                t.escape("keys that work here")
                t.send("q")
                t.wait_end()
                raw = bytes(t.raw)
            high = re.search(rb"[\x80-\xff]+", raw)
            tap.check(bool(high) == wide, "%s: %s" % (
                name, "more than ASCII" if wide else "only ASCII bytes"),
                high and raw[max(0, high.start() - 30):high.end() + 30])
            got = colours(raw)
            tap.check(bool(got) == colour, "%s: %s" % (
                name, "colours" if colour else "no colours"), got[:5])


if __name__ == "__main__":
    tap.run(test_help, test_completion, test_manual, test_check_and_info,
            test_logs, test_plain, test_two_platforms, test_same_signal,
            test_variables, test_terminals, test_characters)
