"""Runs a terminal program in a pseudo terminal, for the tests in this folder.

A small shell of our own (a child process, leader of the session) starts the
program as its foreground job, as bash would: so the program can be stopped
and continued, and its end is seen exactly. The terminal is the emulator of
tests/bench/ttybench.py. Nothing here sleeps to let something happen: every
wait is for a condition, with a deadline that only a broken program reaches.

    with Terminal(["sevtop"]) as t:
        t.wait_text("all ok")
        t.send("q")
        tap.check(t.wait_end() == 0, "q ends it")
"""
import atexit
import contextlib
import fcntl
import os
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "bench"))
try:
    import ttybench  # noqa: E402
except ImportError as missing:
    print("ok 1 # SKIP %s (Debian: python3-pyte)\n1..1" % missing)
    sys.exit(0)

# What a test does is on no record but its own, and nothing is in force that
# somebody else did.
STATE = tempfile.mkdtemp(prefix="sevtop-state-")
atexit.register(shutil.rmtree, STATE, ignore_errors=True)
os.environ["XDG_STATE_HOME"] = STATE

PATIENCE = float(os.environ.get("SEV_PATIENCE", "30"))
ALT_SCREEN, CURSOR, PASTE = 1049 << 5, 25 << 5, 2004 << 5
MOUSE = (1000 << 5, 1002 << 5, 1006 << 5, 1004 << 5)


class Tap:
    """TAP on standard output; one instance, `tap`, for the program."""

    def __init__(self):
        self.count = self.failed = 0

    def check(self, good, name, detail=""):
        self.count += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.count,
                                name.replace("#", "\\#")), flush=True)
        if not good and detail:
            for line in str(detail).splitlines():
                print("#   " + line, flush=True)
        return good

    def skip(self, why):
        self.count += 1
        print("ok %d # SKIP %s" % (self.count, why), flush=True)

    def run(self, *tests):
        """Runs functions; what one raises is its failure, not the end."""
        for test in tests:
            print("# " + test.__name__, flush=True)
            try:
                test()
            except Exception:
                self.check(False, test.__name__, traceback.format_exc())
        print("1..%d" % self.count)
        sys.exit(1 if self.failed or not self.count else 0)


tap = Tap()


def _shell(argv, env, cwd, slave, orders, reports):
    """The session leader. Orders: fg, bg, stay. Reports: stopped N, ..."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for number in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP,
                   signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    own = termios.tcgetattr(slave)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(slave, os.getpid())
        for number in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, env.pop("__hup"))
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.closerange(3, 256)
        os.chdir(cwd)
        try:
            os.execvpe(argv[0], argv, env)
        except OSError as e:
            os.write(2, ("%s: %s" % (argv[0], e)).encode())
        os._exit(127)
    with contextlib.suppress(OSError):
        os.setpgid(child, child)
    os.write(reports, b"pid %d\n" % child)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            with contextlib.suppress(OSError, termios.error):
                os.tcsetpgrp(slave, os.getpgrp())
                termios.tcsetattr(slave, termios.TCSANOW, own)
            os.write(reports, b"stopped %d\n" % os.WSTOPSIG(status))
            order = os.read(orders, 16)
            if order == b"fg":
                os.tcsetpgrp(slave, child)
            os.killpg(child, signal.SIGCONT)
        else:
            word = (b"exited %d" % os.WEXITSTATUS(status)
                    if os.WIFEXITED(status)
                    else b"killed %d" % os.WTERMSIG(status))
            os.write(reports, word + b"\n")
            os._exit(0)


class Terminal:
    """A program on an emulated terminal."""

    KEYS = ttybench.Program.KEYS
    ARROWS = ttybench.Program.ARROWS

    def __init__(self, argv, size=(24, 80), env=None, term="xterm-256color",
                 hup=signal.SIG_DFL, light=False, replies=True,
                 cwd="."):
        full = {k: v for k, v in os.environ.items()
                if k not in ("COLORFGBG", "COLORTERM", "COLUMNS", "LINES",
                             "NO_COLOR", "SEVTOP_SCRIPT", "SEVTOP_THEME",
                             "STY")}
        full.update(LANG="C.UTF-8", LC_ALL="C.UTF-8", SEVTOP_CORE="1")
        full.update(env or {})
        full["__hup"] = hup
        if term is None:
            full.pop("TERM", None)
        else:
            full["TERM"] = term
        self.lock = threading.Condition()
        self.screen = ttybench.Screen(size[1], size[0], self._reply, light)
        self.raw = bytearray()
        self.reading = threading.Event()
        self.reading.set()
        self.reports, self.replies = [], replies
        self.master, self.slave = os.openpty()
        self.resize(*size, signal_it=False)
        self.modes = termios.tcgetattr(self.slave)
        orders_r, self.orders = os.pipe()
        self.reports_fd, reports_w = os.pipe()
        self.shell = os.fork()
        if self.shell == 0:
            try:
                os.close(self.master)
                _shell(argv, full, cwd, self.slave, orders_r, reports_w)
            finally:
                os._exit(99)
        os.close(orders_r)
        os.close(reports_w)
        self.over = False
        self.threads = [threading.Thread(target=f, daemon=True)
                        for f in (self._read, self._listen)]
        for thread in self.threads:
            thread.start()
        self.pid = int(self.wait_report("pid")[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- threads ----------------------------------------------------------
    def _read(self):
        while not self.over:
            self.reading.wait()
            try:
                if not select.select([self.master], [], [], 0.1)[0]:
                    continue
                if not self.reading.is_set() or self.over:
                    continue
                with self.lock:  # read and shown in one, see settle()
                    data = os.read(self.master, 65536)
                    self.raw += data
                    self.screen.feed(data)
                    self.lock.notify_all()
            except (OSError, ValueError):
                return

    def _listen(self):
        rest = b""
        while True:
            data = os.read(self.reports_fd, 256)
            if not data:
                return
            rest += data
            *lines, rest = rest.split(b"\n")
            with self.lock:
                self.reports += [line.decode().split() for line in lines]
                self.lock.notify_all()

    def _reply(self, text):
        if self.replies:
            self.send(text)

    # -- what the user and the terminal do --------------------------------
    def send(self, data):
        os.write(self.master, data.encode() if isinstance(data, str) else data)

    def key(self, name):
        self.send(self.KEYS.get(name) or name if name not in self.ARROWS
                  else "\x1b[" + self.ARROWS[name])

    def resize(self, rows, cols, signal_it=True):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, cols, 0, 0))
        if signal_it:
            with self.lock:
                self.screen.resize(rows or 24, cols or 80)
                self.screen.rows = [""] * self.screen.lines
                self.screen.dirty = set(range(self.screen.lines))
                cursor = self.screen.cursor
                cursor.y = min(cursor.y, self.screen.lines - 1)
                cursor.x = min(cursor.x, self.screen.columns - 1)

    def kill(self, number):
        os.kill(self.pid, number)

    def pause(self):
        """The terminal stops reading."""
        self.reading.clear()

    def resume(self):
        self.reading.set()

    def hang_up(self):
        """The terminal is gone."""
        self.over = True
        self.threads[0].join()
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = -1

    def foreground(self, order="fg"):
        os.write(self.orders, order.encode())

    # -- what can be seen -------------------------------------------------
    def text(self):
        with self.lock:
            return self.screen.text()

    def mode(self, mode):
        with self.lock:
            return mode in self.screen.mode

    def wait(self, condition, what, timeout=None):
        end = time.monotonic() + (timeout or PATIENCE)
        with self.lock:
            while not condition():
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError("no %s within %g s; the screen:\n%s" % (
                        what, timeout or PATIENCE, self.screen.text()))
                self.lock.wait(min(left, 1))

    def wait_text(self, regex, timeout=None):
        self.wait(lambda: re.search(regex, self.screen.text(), re.M),
                  "text " + regex, timeout)

    def wait_no_text(self, regex, timeout=None):
        self.wait(lambda: not re.search(regex, self.screen.text(), re.M),
                  "end of text " + regex, timeout)

    def wait_report(self, word, timeout=None):
        found = []

        def look():
            for report in self.reports:
                if report[0] == word:
                    found.append(report)
                    self.reports.remove(report)
                    return True
            return False

        self.wait(look, "report " + word, timeout)
        return found[0]

    def wait_end(self, timeout=None):
        """Exit status, or minus the number of the signal that ended it."""
        found = []

        def look():
            found[:] = [r for r in self.reports if r[0] in ("exited",
                                                            "killed")]
            return bool(found)

        self.wait(look, "end of the program", timeout)
        word, number = found[0]
        return int(number) if word == "exited" else -int(number)

    def ended(self):
        with self.lock:
            return any(r[0] in ("exited", "killed") for r in self.reports)

    def settle(self):
        """Waits until all that the program wrote has been read."""
        self.wait(lambda: not select.select([self.master], [], [], 0)[0],
                  "quiet terminal")

    def restored(self):
        """What of the terminal is not as it was; empty when all is."""
        self.settle()
        wrong = []
        if termios.tcgetattr(self.slave) != self.modes:
            wrong.append("termios")
        with self.lock:
            if ALT_SCREEN in self.screen.mode:
                wrong.append("alternate screen")
            if CURSOR not in self.screen.mode:
                wrong.append("cursor hidden")
            if PASTE in self.screen.mode:
                wrong.append("bracketed paste")
            if any(m in self.screen.mode for m in MOUSE):
                wrong.append("mouse or focus")
            attrs = self.screen.cursor.attrs
            if attrs != ttybench.BLANK:
                wrong.append("attributes")
        return wrong

    def cpu_s(self):
        """CPU seconds of the program, ended threads included."""
        with open("/proc/%d/stat" % self.pid) as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        with contextlib.suppress(OSError):
            if not self.ended():
                os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.kill(self.shell, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.shell, 0)
        self.over = True
        self.reading.set()
        for thread in self.threads:  # before their files get other uses
            thread.join()
        for fd in (self.master, self.slave, self.orders, self.reports_fd):
            if fd >= 0:
                with contextlib.suppress(OSError):
                    os.close(fd)


def program(name="demo"):
    """Path of a built program: from SEV_BUILDDIR, else beside the sources."""
    top = os.environ.get("SEV_BUILDDIR", os.path.join(HERE, "..", ".."))
    paths = {"demo": "tests/e2e/demo", "sevtop": "sevtop"}
    return os.path.abspath(os.path.join(top, paths[name]))


@contextlib.contextmanager
def trace_file():
    """A file for DEMO_TRACE; the value reads its lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace")

        class Trace(str):
            def lines(self):
                with contextlib.suppress(OSError), open(path) as f:
                    return f.read().split("\n")[:-1]
                return []

        yield Trace(path)
