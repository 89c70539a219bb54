"""`sevtop act` on a configuration of its own: run to its end, or with a person
who looks at the plan, lets something happen, and then says y."""
import json
import shlex
import subprocess
import threading

from worldkit import SEVTOP, until


class Act:
    """`sevtop act` on one configuration, with variables of its own."""

    def __init__(self, scratch, text, timeout="4.5", **env):
        self.scratch, self.timeout, self.env = scratch, timeout, env
        self.config = scratch.file("act.yaml", text)

    def __call__(self, action, *words):
        """Exit status, the JSON, and all that was printed."""
        done = self.scratch.run(
            "act", "-c", self.config, action, "--yes", "--reason", "a test",
            "--timeout", self.timeout, "-o", "json", *words, **self.env)
        out = json.loads(done.stdout) if done.stdout.strip() else {}
        return done.returncode, out, done.stdout + done.stderr

    def between(self, words, happens):
        """happens() runs between the plan and the y; status and text."""
        line = shlex.join([SEVTOP, "act", "-c", self.config] + list(words))
        proc = subprocess.Popen(
            ["script", "-qec", line, "/dev/null"], cwd=self.scratch.path,
            env=self.scratch.env(**self.env), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        seen = []
        reader = threading.Thread(
            target=lambda: seen.extend(iter(lambda: proc.stdout.read(1), "")))
        reader.start()
        until(lambda: "do it? y/n" in "".join(seen), "the question")
        happens()
        proc.stdin.write("y\n")
        proc.stdin.flush()
        code = proc.wait(30)
        proc.stdin.close()
        reader.join(30)
        proc.stdout.close()
        return code, "".join(seen)
