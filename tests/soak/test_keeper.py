"""Ten clients of one keeper at once, some of them broken: nobody else notices, and nothing leaks."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from gpuws.keeper.home import connect
from gpuws.keeper.wire.messages import Hello, Inquire
from gpuws.keeper.wire.typed import encode
from gpuws.quick.framing import framed
from gpuws.quick.greeting import PROTOCOL
from tests.e2e.gpuws import COMMAND, Gpuws, configured
from tests.keeper.process import User
from tests.keeper.serving import until

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.alone, pytest.mark.timeout(400)]
WARM, LONG = 20.0, 150.0  # seconds of all at once before the first measurement, and from there to the last
BOUND = 15.0  # seconds for a command on a machine whose processors all work
SMALL = "image: gpuws-lab/workspace:latest\npull_policy: never\ngpus: none\nmem_limit: 512m\ntmux: {session: main}\n"


@dataclass(frozen=True)
class Weight:
    """What a process takes."""

    files: int
    threads: int
    memory: int  # bytes

    @staticmethod
    def of(pid):
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return Weight(
            len(list(Path(f"/proc/{pid}/fd").iterdir())),
            int(status["Threads"]),
            int(status["VmRSS"].split()[0]) << 10,
        )


class Crowd:
    """Works that go on until the end, each in a thread; the first failure of any is the test's."""

    def __init__(self):
        self.over = threading.Event()
        self.failures = []
        self.took = {}
        self._threads = []

    def add(self, name, work):
        thread = threading.Thread(target=self._run, args=(name, work), name=name)
        self._threads.append(thread)
        thread.start()

    def _run(self, name, work):
        while not self.over.is_set() and not self.failures:
            began = time.monotonic()
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - told to the test
                self.failures.append((name, error))
                return
            self.took.setdefault(name, []).append(time.monotonic() - began)

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.failures:
            self.over.wait(0.5)
        if self.failures:
            raise AssertionError(self.failures[0]) from self.failures[0][1]

    def end(self):
        self.over.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), thread.name


@pytest.fixture
def ada(lab):
    home = Path(tempfile.mkdtemp(prefix="k", dir="/tmp"))
    text = f"hosts: {{alpha: {{}}, bravo: {{}}, charlie: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n"
    user = configured(home, text, [("small", SMALL)])
    yield user
    User(user.home).end()
    shutil.rmtree(home)


@pytest.fixture
def box(ada):
    name = f"soak-{os.getpid()}"
    ada.ok("launch", "small", "-H", "alpha", "--name", name)
    yield f"alpha/{name}"
    ada.run("rm", "-f", "--yes", f"alpha/{name}")


def listing(ada: Gpuws):
    hosts = ada.json("gpus", timeout=BOUND)["hosts"]
    assert {host["name"]: (host["state"], len(host["gpus"])) for host in hosts} == {
        "alpha": ("up", 4),
        "bravo": ("up", 8),
        "charlie": ("up", 0),
    }


def program(ada, box):
    assert ada.run("exec", box, "--", "sh", "-c", "echo there; exit 3", timeout=BOUND).stdout == "there\n"


def attached(ada, box):
    with ada.terminal("attach", box) as terminal:
        terminal.wait_for(r"\[main\]|leaves ·", BOUND)
        terminal.press("ctrl+b", "d")
        assert terminal.wait_exit(BOUND) == 0


def attached_and_killed(ada, box):
    with ada.terminal("attach", "--new", f"{box}:other") as terminal:
        terminal.wait_for(r"\[other\]|leaves ·", BOUND)
        os.kill(terminal.process.pid, signal.SIGKILL)
        terminal.process.wait(5)


def tunnelled(ada):
    process = ada.popen("tunnel", "charlie:22", "--json")
    try:
        port = json.loads(process.stdout.readline())["tunnels"][0]["local_port"]
        with socket.create_connection(("127.0.0.1", port), BOUND) as sock:
            sock.settimeout(BOUND)
            assert sock.recv(8) == b"SSH-2.0-"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=BOUND)


def garbage(home, seed):
    """Random bytes: as they are, as frames, after a proper greeting."""
    hello = encode(Hello(PROTOCOL, "0", "garbage"))
    with connect(home) as sock:
        data = seed.randbytes(seed.randrange(1, 4000))
        start = framed(hello) if seed.random() < 0.5 else b""
        frame = framed(data) if seed.random() < 0.5 else data
        try:
            sock.sendall(start + frame)
            sock.shutdown(socket.SHUT_WR)
            sock.settimeout(BOUND)
            while sock.recv(65536):
                pass
        except (BrokenPipeError, ConnectionResetError):
            pass
    threading.Event().wait(0.05)  # others shall have the processor, too


@pytest.fixture
def stalled(ada):
    """Stopped by SIGSTOP in the middle of megabytes; they wake and end with the test."""
    flood = subprocess.Popen([COMMAND, "exec", "alpha", "--", "yes"], env=ada.env, stdout=subprocess.PIPE)
    assert flood.stdout.read(2) == b"y\n"
    with ada.terminal() as screen:
        screen.wait_for("torch-dev", 30)
        for process in (flood, screen.process):
            os.kill(process.pid, signal.SIGSTOP)
        yield
        for process in (flood, screen.process):
            os.kill(process.pid, signal.SIGCONT)
            process.kill()
    flood.stdout.close()
    flood.wait(5)


def test_ten_clients_some_of_them_broken(ada, box, stalled):
    home = User(ada.home)
    pid = home.one()
    seed = random.Random(4711)
    crowd = Crowd()
    with ada.terminal() as one, ada.terminal(columns=90, rows=30) as other:
        for screen in (one, other):
            screen.wait_for("torch-dev", 30)

        def look():
            """A person who walks up and down, and sees what they press at once."""
            one.press("?")
            one.wait_for("(?i)keys", BOUND)
            one.press("escape")
            one.wait_for(lambda text: "torch-dev" in text, BOUND)
            crowd.over.wait(0.5)

        crowd.add("listing", lambda: listing(ada))
        crowd.add("program", lambda: program(ada, box))
        crowd.add("attach", lambda: attached(ada, box))
        crowd.add("killed", lambda: attached_and_killed(ada, box))
        crowd.add("tunnel", lambda: tunnelled(ada))
        crowd.add("garbage", lambda: garbage(home.room, seed))
        crowd.add("screen", look)
        try:
            crowd.wait(WARM)
            before = Weight.of(pid)
            crowd.wait(LONG)
        finally:
            crowd.end()
        assert not crowd.failures, crowd.failures
        assert home.one() == pid
        for name, times in crowd.took.items():
            print(f"{name}: {len(times)} times, at most {max(times):.1f} s")
        assert max(crowd.took["listing"] + crowd.took["program"]) < BOUND
        assert len(crowd.took["garbage"]) > 100
        assert min(len(times) for times in crowd.took.values()) >= 5
        now = until(lambda: lighter(Weight.of(pid), before), f"{before}, not {Weight.of(pid)}", 30)
        print(f"before {before}, after {now}")
        for screen in (one, other):
            screen.press("q")
            assert screen.wait_exit(10) == 0
    condition = home.dialer().ask(Inquire())
    assert condition.tunnels == ()
    assert "Traceback" not in (ada.home / "state" / "gpuws" / "keeper.log").read_text()


def lighter(now, before):
    """`now`, if nothing was added for good; some memory is the allocator's."""
    kept = now.files <= before.files + 4 and now.threads <= before.threads + 4
    return now if kept and now.memory <= before.memory + (12 << 20) else None
