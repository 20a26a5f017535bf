"""The way to the keeper: exactly one is started, others are replaced, refused or said to hang."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gpuws import __version__
from gpuws.keeper.client import dialer as module
from gpuws.keeper.client.dialer import start_keeper
from gpuws.keeper.home import connect, listen, prepare
from gpuws.keeper.wire.messages import Condition, Describe, Hello, Inquire, Retire, Welcome
from gpuws.keeper.wire.typed import keeper_wire
from gpuws.model.errors import GpuwsError, Refused, Unreachable
from gpuws.quick.framing import Broken
from gpuws.quick.greeting import PROTOCOL
from tests.keeper.process import PYTHON
from tests.keeper.serving import SOON, until

ASK = """
from tests.keeper.process import User
from gpuws.keeper.wire.messages import Inquire
from pathlib import Path
import sys
sys.stdin.read(1)
print(User(Path({home!r})).dialer().ask(Inquire()).pid)
"""


# real processes


def open_files(pid):
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            yield path.name, str(path.readlink())


def test_ten_programs_at_once_start_one(user):
    programs = [
        subprocess.Popen(
            [PYTHON, "-c", ASK.format(home=str(user.home))],
            env={**user.env, "PYTHONPATH": str(Path.cwd())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(10)
    ]
    for program in programs:
        program.stdin.write("x")
        program.stdin.close()
    pids = {int(program.stdout.read()) for program in programs}
    for program in programs:
        assert program.wait(SOON) == 0
        program.stdout.close()
    assert pids == {user.one()}


def test_ten_threads_at_once_start_one_also_after_it_was_killed(user):
    for _ in range(2):
        with ThreadPoolExecutor(10) as pool:
            pids = set(pool.map(lambda _: user.dialer().ask(Inquire()).pid, range(10)))
        assert pids == {user.one()}
        user.kill()
        assert user.room.socket.exists()


def test_it_has_no_terminal_no_files_of_its_starter_and_a_session_of_its_own(user):
    secret = user.home / "open"
    with secret.open("w") as held:
        os.set_inheritable(held.fileno(), True)
        pid = user.dialer().ask(Inquire()).pid
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    assert (int(stat[3]), int(stat[4])) == (pid, 0)  # its session, no terminal
    files = {target for _, target in open_files(pid)}
    assert str(secret) not in files
    assert str(user.room.lock) in files
    assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")


def test_what_it_starts_does_not_hold_its_lock(user):
    """Else a program that outlives the keeper would keep the next one from starting."""
    pid = user.dialer().ask(Inquire()).pid
    (number,) = [name for name, target in open_files(pid) if target == str(user.room.lock)]
    flags = int(Path(f"/proc/{pid}/fdinfo/{number}").read_text().split("flags:")[1].split()[0], 8)
    assert flags & os.O_CLOEXEC


def test_only_what_lives_is_asked_where_none_shall_be_started(user):
    with pytest.raises(Unreachable, match="no keeper runs"):
        user.dialer().ask(Inquire(), start=False)
    assert user.pids() == []
    assert not user.dialer().retire(forget=False)


def test_told_to_end_it_is_gone_and_the_next_starts_at_once(user):
    first = user.dialer().ask(Inquire()).pid
    assert user.dialer().retire(forget=True)
    assert not user.room.socket.exists()
    second = user.dialer().ask(Inquire()).pid
    assert second != first
    assert user.one() == second


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_orderly_and_a_hangup_does_not(user, number):
    pid = user.dialer().ask(Inquire()).pid
    os.kill(pid, signal.SIGHUP)
    assert user.dialer().ask(Inquire()).pid == pid
    os.kill(pid, number)
    until(lambda: not user.pids(), "its end")
    assert not user.room.socket.exists()


def test_a_keeper_that_hangs_is_told_of_in_one_sentence(user, monkeypatch):
    pid = user.dialer().ask(Inquire()).pid
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(module, "ANSWER", 0.3)
    for attempt in (lambda: user.dialer().ask(Inquire()), lambda: user.dialer().retire(forget=False)):
        with pytest.raises(GpuwsError, match="does not answer") as caught:
            attempt()
        assert f"kill -9 {pid}" in caught.value.remedy
        assert "\n" not in str(caught.value)
    os.kill(pid, signal.SIGCONT)
    monkeypatch.setattr(module, "ANSWER", SOON)
    assert user.dialer().ask(Inquire()).pid == pid


def test_a_readonly_keeper_is_another(user, become):
    user.dialer().ask(Inquire())
    reader = become(type(user)(user.home, readonly=True))
    pid = reader.dialer().ask(Inquire()).pid
    until(lambda: len(user.pids()) == 2, "two keepers")
    assert b"--readonly" in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_keeper_that_can_not_start_is_one_sentence(user, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 2.0)
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(GpuwsError, match="did not start") as caught:
        user.dialer().open()
    assert "GPUWS_KEEPER=0" in caught.value.remedy
    monkeypatch.setattr("sys.executable", "/no/such/python")
    with pytest.raises(GpuwsError, match="could not be started"):
        user.dialer().open()


def test_a_broken_configuration_is_told_with_every_problem(user):
    (user.config / "hosts.yaml").write_text("hosts:\n  alpha: {jmp: bravo}\n  bravo: {address: -evil}\n")
    with pytest.raises(GpuwsError) as caught:
        user.dialer().ask(Describe())
    assert caught.value.exit_code == 2
    assert caught.value.message.count("hosts.yaml:") == 2


# of other versions


class Old:
    """A keeper as another version of gpuws would be. `busy`: other programs that use it."""

    def __init__(self, home, *, protocol, version, busy=0, ends=True):
        prepare(home)
        self.home, self.ends = home, ends
        self.welcome = Welcome(protocol, version, 4711, busy)
        self.heard = []
        self.retired = threading.Event()
        self.listener = listen(home)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while not self.retired.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            wire = keeper_wire(sock)
            try:
                while not self.retired.is_set():
                    self._take(wire, wire.receive())
            except Broken:
                pass
            wire.close()

    def _take(self, wire, message):
        self.heard.append(message)
        if isinstance(message, Hello):
            wire.send(self.welcome)
        elif isinstance(message, Retire) and self.ends:
            self.end()
            self.retired.set()
        elif isinstance(message, Inquire):
            wire.send(Condition(4711, self.welcome.version, "", "", 1.0, 0, (), ()))

    def end(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.home.socket.unlink(missing_ok=True)


@pytest.fixture
def old(serve, monkeypatch):
    """Makes a keeper of another version; what would be started is served by this program."""
    serving = serve()
    serving.server.retire()
    serving.thread.join(SOON)
    made = []

    def make(**options):
        made.append(Old(serving.home, **options))
        return serving, made[-1]

    def begin(home):
        if connect(home) is None:
            serving.begin()

    monkeypatch.setattr(module, "start_keeper", begin)
    yield make
    for one in made:
        one.end()


NEWER, OLDER = f"{int(__version__.split('.')[0]) + 1}.0.0", "0.0.1"


@pytest.mark.parametrize("protocol", [PROTOCOL - 1, PROTOCOL], ids=["older protocol", "same protocol"])
def test_an_older_one_that_nobody_uses_is_replaced_and_the_user_told(old, protocol):
    serving, before = old(protocol=protocol, version=OLDER)
    notes = []
    dialer = module.Dialer(serving.home, person=False, note=notes.append)
    assert dialer.ask(Inquire()).pid == os.getpid()
    assert before.heard[-1] == Retire(forget=False)  # tunnels stay
    assert len(notes) == 1
    assert OLDER in notes[0]
    assert __version__ in notes[0]
    assert "tunnels stay" in notes[0]


@pytest.mark.parametrize(("busy", "words"), [(1, "1 other program uses it"), (2, "2 other programs use it")])
def test_an_older_protocol_that_is_in_use_is_left_alone(old, busy, words):
    serving, before = old(protocol=PROTOCOL - 1, version=OLDER, busy=busy)
    with pytest.raises(Refused) as caught:
        serving.dialer().open()
    assert words in caught.value.message
    assert "gpuws keeper stop" in caught.value.remedy
    assert "\n" not in str(caught.value)
    assert not any(isinstance(message, Retire) for message in before.heard)


def test_an_older_version_of_the_same_protocol_that_is_in_use_is_used(old):
    serving, _ = old(protocol=PROTOCOL, version=OLDER, busy=1)
    assert serving.dialer().ask(Inquire()).pid == 4711


@pytest.mark.parametrize("busy", [0, 1])
def test_a_newer_protocol_is_refused_with_the_remedy(old, busy):
    serving, before = old(protocol=PROTOCOL + 1, version=NEWER, busy=busy)
    with pytest.raises(Refused, match="newer than this one") as caught:
        serving.dialer().open()
    assert "gpuws keeper stop" in caught.value.remedy
    assert not any(isinstance(message, Retire) for message in before.heard)


@pytest.mark.parametrize("busy", [0, 1])
def test_a_newer_version_of_the_same_protocol_is_used(old, busy):
    serving, _ = old(protocol=PROTOCOL, version=NEWER, busy=busy)
    assert serving.dialer().ask(Inquire()).pid == 4711


@pytest.mark.parametrize("protocol", [PROTOCOL - 1, PROTOCOL + 1])
def test_stop_ends_one_of_any_version(old, protocol):
    serving, before = old(protocol=protocol, version=OLDER, busy=3)
    assert serving.dialer().retire(forget=True)
    assert before.heard[-1] == Retire(forget=True)


def test_one_that_does_not_end_is_told_of(old, monkeypatch):
    monkeypatch.setattr(module, "ANSWER", 0.2)
    serving, _ = old(protocol=PROTOCOL - 1, version=OLDER, ends=False)
    with pytest.raises(GpuwsError, match="does not end"):
        serving.dialer().open()


# the keeper's side of it


@pytest.mark.parametrize("protocol", [PROTOCOL - 1, PROTOCOL + 1])
def test_a_program_of_another_protocol_may_ask_the_keeper_to_end(serve, protocol):
    serving = serve()
    wire = module.client_wire(serving.raw())
    wire.send(Hello(protocol, "9.9", "other"))
    welcome = wire.receive(SOON)
    assert (welcome.protocol, welcome.version, welcome.busy) == (PROTOCOL, __version__, 0)
    wire.send(Retire())
    serving.thread.join(SOON)
    assert not serving.thread.is_alive()


def test_a_program_of_another_protocol_may_do_nothing_else(keeper):
    wire = module.client_wire(keeper.raw())
    wire.send(Hello(PROTOCOL + 1, "9.9", "other"))
    wire.receive(SOON)
    wire.send(Describe())
    with pytest.raises(Broken):
        wire.receive(SOON)
    assert keeper.backend is None


def test_it_says_how_many_others_use_it(keeper):
    keeper.client()
    keeper.client()
    raw = keeper.raw()
    wire = module.client_wire(raw)
    wire.send(Hello(PROTOCOL, "0", "third"))
    assert wire.receive(SOON).busy == 2
    wire.close()


def test_start_is_left_to_whoever_began(user):
    """The lock is held while one is being started: nobody else starts one meanwhile."""
    from gpuws.keeper.home import take_lock

    prepare(user.room)
    lock = take_lock(user.room)
    start_keeper(user.room)
    assert user.pids() == []
    os.close(lock)
    start_keeper(user.room)
    assert connect(user.room) is not None
