"""Events planted on the lab's hosts while the keeper is killed and put to sleep: each reaches a real HTTP receiver and
a program once, soon, and by one id."""

import contextlib
import json
import math
import os
import random
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from gpuws.fleet.noticing.ledger import Ledger
from gpuws.fleet.noticing.store import NoStore
from gpuws.keeper.server.notice_file import NoticeFile
from tests.e2e.gpuws import configured
from tests.keeper.process import User
from tests.keeper.serving import until
from tests.lab import faults
from tests.notices.receivers import Taker, writer, written

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.alone, pytest.mark.timeout(900)]
ROUNDS = int(os.environ.get("NOTICES_ROUNDS", "1"))
"""8 make the 200 events, with 20 keepers killed and two sleeps, that were run once."""
BOXES, PANES = 12, 13
"""Containers on alpha, and panes of tmux there and on bravo, that end in a round."""
SOON = 5.0
"""Seconds from an event, or from waking, within which 95 of 100 are told."""
IMAGE = "gpuws-lab/workspace:latest"
HOSTS = ("alpha", "bravo")


class Left(NoStore):
    """The keeper's book, as it lies there."""

    def __init__(self, path):
        self.read = NoticeFile(path).read


class Field:
    """Where events are planted. `at`: when each was, and what its sentence has in it."""

    def __init__(self, ada, lab):
        self.ada, self.lab, self.at = ada, lab, []
        self.user = User(ada.home)
        self.boxes = [f"plant-{os.getpid()}-{number}" for number in range(BOXES)]
        self.panes = [f"w{number}" for number in range(PANES * ROUNDS)]
        self.fifo = f"/tmp/plant-{os.getpid()}"

    def ssh(self, host, script):
        done = subprocess.run(
            ["ssh", "-F", str(self.lab.ssh_config), host, f"sh -c {shlex.quote(script)}"],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def book(self):
        return Ledger(Left(self.user.room.notices))

    def prepare(self):
        runs = [f"docker run -d --name {name} {IMAGE} sleep 10000" for name in self.boxes]
        faults.run("alpha", ["sh", "-c", "; ".join(runs)])
        for host in HOSTS:
            panes = self.on(host)
            lines = [f"mkfifo {self.fifo}.{name}" for name in panes]
            lines += [f"tmux -f /dev/null new-session -d -s plant -n {panes[0]} {self.program(panes[0])}"]
            lines += ["tmux set-option -w -g remain-on-exit on"]
            lines += [f"tmux new-window -d -t plant -n {name} {self.program(name)}" for name in panes[1:]]
            self.ssh(host, "; ".join(lines))

    def on(self, host):
        """The panes there."""
        return self.panes[HOSTS.index(host) :: len(HOSTS)]

    def program(self, name):
        return shlex.quote(f"cat {self.fifo}.{name}; exit 3")

    def clean(self):
        faults.run("alpha", ["docker", "rm", "-f", *self.boxes], check=False)
        for host in HOSTS:
            with contextlib.suppress(AssertionError):
                self.ssh(host, f"tmux kill-session -t plant; rm -f {self.fifo}.*")

    def seen(self, number):
        """The keeper has seen all of it alive, and the panes of the rounds that are to come."""
        seen = self.book().seen()
        if not seen.keys() >= set(HOSTS):
            return False
        boxes = {box.name for box in (seen["alpha"].containers or {}).values() if box.alive}
        sessions = [one for host in HOSTS for one in (seen[host].sessions or {}).values()]
        alive = [one for one in sessions if one.label.startswith("tmux plant") and one.doing != "ended"]
        return boxes >= set(self.boxes) and len(alive) >= PANES * (ROUNDS - number)

    def die(self, name):
        faults.run("alpha", ["docker", "kill", name])
        self.at.append((time.time(), f": {name} "))

    def end(self, name):
        host = HOSTS[self.panes.index(name) % len(HOSTS)]
        self.ssh(host, f"echo > {self.fifo}.{name}")
        self.at.append((time.time(), f":{name} "))

    def revive(self):
        faults.run("alpha", ["docker", "start", *self.boxes])

    def kill(self):
        """And the next command, which starts the next keeper."""
        for pid in self.user.pids():
            os.kill(pid, signal.SIGKILL)
        self.ada.ok("notify")

    @contextlib.contextmanager
    def asleep(self, *, cut):
        pid = self.user.one()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
            if cut:
                faults.drop_connections("alpha")
        finally:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture
def taker():
    with contextlib.closing(Taker()) as taker:
        yield taker


@pytest.fixture
def field(lab, taker):
    home = Path(tempfile.mkdtemp(prefix="k", dir="/tmp"))
    ada = configured(home, f"hosts: {{alpha: {{}}, bravo: {{}}}}\nlocal: false\nssh_config: {lab.ssh_config}\n", [])
    wishes = {
        "rules": [{"to": ["hook", "desk"], "mine": False}, {"to": "stuck", "mine": False}],
        "receivers": {
            "hook": {"webhook": taker.url},
            "desk": {"command": writer(home / "got")},
            "stuck": {"command": ["sleep", "1000"], "timeout": 120},
        },
        "most": 1000,
    }
    (ada.config / "config.yaml").write_text(json.dumps({"notifications": wishes}))
    field = Field(ada, lab)
    field.prepare()
    yield field
    User(home).end()
    field.clean()
    shutil.rmtree(home)


def test_each_is_told_once_and_soon(field, taker):
    dice = random.Random(4711)
    field.ada.ok("notify")
    for number in range(ROUNDS):
        until(lambda number=number: field.seen(number), "all of it alive, as the keeper sees it", 60)
        plant(field, number, dice)
        await_all(field, lambda: taker.got)
        if number + 1 < ROUNDS:
            field.revive()
    await_all(field, lambda: got_by(field))
    measured(field, taker.got, "webhook")
    measured(field, got_by(field), "command")
    assert "Traceback" not in (field.ada.home / "state" / "gpuws" / "keeper.log").read_text()


def await_all(field, got):
    with contextlib.suppress(AssertionError):
        until(lambda: not missing(field, got()), "all of them", 30)
    assert not missing(field, got()), (field.ada.home / "state" / "gpuws" / "keeper.log").read_text()[-20000:]


def got_by(field):
    return [(at, told) for at, told, _ in written(field.ada.home / "got")]


def first(got):
    """When each came first, and what it says."""
    told = {}
    for at, body in got:
        told.setdefault(body["id"], (at, body["sentence"]))
    return list(told.values())


def missing(field, got):
    """What was planted more often than it was told."""
    told, planted = [sentence for _, sentence in first(list(got))], [said for _, said in field.at]
    return {said for said in planted if sum(said in sentence for sentence in told) < planted.count(said)}


def plant(field, number, dice):
    """The events of a round; in two of them the keeper sleeps for six, once with its link cut meanwhile."""
    events = [(field.die, name) for name in field.boxes]
    events += [(field.end, name) for name in field.panes[number * PANES : (number + 1) * PANES]]
    dice.shuffle(events)
    nap = range(8, 14) if number in (0, 5) else range(0)
    kills = dice.sample([index for index in range(2, len(events)) if index not in nap], 3 if number % 2 else 2)
    with contextlib.ExitStack() as bed:
        for index, (happen, name) in enumerate(events):
            if nap and index == nap.start:
                bed.enter_context(field.asleep(cut=number == 5))
            happen(name)
            if nap and index == nap[-1]:
                bed.close()
                field.at[-len(nap) :] = [(time.time(), said) for _, said in field.at[-len(nap) :]]
            if index in kills:
                field.kill()


def measured(field, got, road):
    """Each event by one id; how long until it was told."""
    told = first(got)
    late = []
    for said in {said for _, said in field.at}:
        when = sorted(at for at, text in field.at if text == said)
        came = sorted(at for at, sentence in told if said in sentence)
        assert len(came) == len(when), f"{said}: {len(came)} of {len(when)}"
        late += [max(after - before, 0.0) for before, after in zip(when, came, strict=True)]
    late.sort()
    half, most = late[len(late) // 2], late[math.ceil(0.95 * len(late)) - 1]  # by nearest rank
    again = len(got) - len(told)
    print(f"{road}: {len(late)} events, p50 {half:.1f} s, p95 {most:.1f} s, last {late[-1]:.1f} s; {again} again")
    assert most <= SOON, late[-20:]
