"""Eight hosts behind a bastion that takes each code once, and the bastion itself as a host: who is asked, how often."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

import pytest

from gpuws.fleet.local.shared.hosts import Hosts
from gpuws.fleet.local.shared.questions import Questions
from gpuws.link.connect.connector import Connector
from gpuws.model.host.host import Backend, Host, HostState
from gpuws.model.host.question import Answer, Question
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.settings import Settings
from tests.keeper.serving import until
from tests.link import sshd
from tests.link.bastion import Bastion, bastion
from tests.link.sshd import Keys, Server

GUESTS = tuple(f"gpu-{number}" for number in range(1, 9))
ALL = ("gate", *GUESTS)
Backends = tuple[Backend, ...]
"""That of the bastion, then those of its guests, in turn."""
WAYS: dict[str, Backends] = {
    "paramiko": ("paramiko", "paramiko"),
    "openssh": ("openssh", "openssh"),
    "both": ("paramiko", "openssh", "paramiko"),
}


class Lab:
    """A fleet whose hosts are linked and not read: what counts is who logs in."""

    def __init__(self, gate: Bastion, servers: dict[str, Server], config: Path, backends: Backends) -> None:
        self.gate = gate
        self.servers = servers
        hosts = [Host("gate", ssh_config=str(config), backend=backends[0])]
        for name, backend in zip(servers, cycle(backends[1:]), strict=False):
            hosts.append(Host(name, ssh_config=str(config), jump="gate", backend=backend))
        self.questions = Questions(lambda _: None)
        self.hosts = Hosts(Settings(("ada",)), Connector(hosts), self.questions, lambda _: None)
        for host in hosts:
            self.hosts.add(host)
            self.hosts.find(host.name).rest()

    def states(self) -> set[HostState]:
        return {snapshot.state for snapshot in self.snapshots()}

    def until_all(self, state: HostState) -> None:
        try:
            until(lambda: self.states() == {state}, f"{state} of all")
        except AssertionError as error:
            told = [(one.name, str(one.state), one.phase, one.error) for one in self.snapshots()]
            raise AssertionError(told) from error

    def snapshots(self) -> list[HostSnapshot]:
        return [supervisor.snapshot for supervisor in self.hosts.all()]

    def asked(self) -> Question:
        (question,) = until(self.questions.pending, "the question")
        return question

    def answer(self, code: str) -> None:
        self.questions.answer(self.asked().id, Answer(text=code))

    def look_and_wait(self) -> None:
        """As a screen that opens, a command with a person, and traffic through a tunnel do."""
        self.hosts.wake(ALL, retry=True)
        for supervisor in self.hosts.all():
            supervisor.hurry()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    if reason := sshd.missing():
        pytest.skip(reason)
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def servers(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    folder = tmp_path_factory.mktemp("guests")
    with ExitStack() as stack:
        yield {name: stack.enter_context(sshd.serve(folder / name, keys)) for name in GUESTS}


@pytest.fixture(params=["paramiko", *(pytest.param(way, marks=pytest.mark.soak) for way in ("openssh", "both"))])
def make(
    keys: Keys, servers: dict[str, Server], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Lab]]:
    """`Lab` with a bastion that takes these codes."""
    with ExitStack() as stack:

        def lab(*codes: str) -> Lab:
            gate = stack.enter_context(bastion(str(keys.host), *codes))
            known, config = tmp_path / "known_hosts", tmp_path / "ssh_config"
            kind, blob = keys.host.with_suffix(".pub").read_text().split()[:2]
            blocks = []
            for name, port in {"gate": gate.port, **{name: server.port for name, server in servers.items()}}.items():
                blocks.append(f"Host {name}\n HostName 127.0.0.1\n Port {port}\n")
            known.write_text("".join(f"[127.0.0.1]:{s.port} {kind} {blob}\n" for s in (gate, *servers.values())))
            shared = f" User {sshd.ME}\n IdentityFile {keys.user}\n IdentityAgent none\n UserKnownHostsFile {known}\n"
            config.write_text("".join(blocks) + f"Host *\n{shared} GlobalKnownHostsFile none\n")
            made = Lab(gate, servers, config, WAYS[request.param])
            stack.callback(made.hosts.close)
            return made

        yield lab


@pytest.mark.parametrize("make", ["paramiko", "both", pytest.param("openssh", marks=pytest.mark.soak)], indirect=True)
def test_one_code_brings_all_and_after_a_cut_nothing_is_dialled_before_somebody_says_so(make: Callable[..., Lab]):
    lab = make("1", "2")
    lab.hosts.start()
    assert lab.asked().origin == "gate"
    lab.look_and_wait()
    lab.answer("1")
    lab.until_all(HostState.UP)
    assert (lab.gate.accepted, lab.gate.prompts) == (1, 1)

    lab.gate.cut()
    lab.until_all(HostState.ASKING)
    lab.look_and_wait()
    for supervisor in lab.hosts.all():
        assert supervisor.snapshot.error == ("" if supervisor.host.name == "gate" else "gate: ") + (
            "the link was lost, and this login needs you"
        )
    assert lab.questions.pending() == ()

    lab.hosts.find("gpu-5").reconnect()
    lab.answer("2")
    lab.until_all(HostState.UP)
    assert (lab.gate.accepted, lab.gate.prompts, lab.gate.logins) == (2, 2, 2)


def test_a_session_behind_the_bastion_that_is_killed_heals_without_a_code(make: Callable[..., Lab]):
    lab = make("1")
    lab.hosts.start()
    lab.answer("1")
    lab.until_all(HostState.UP)
    struck = lab.hosts.find("gpu-3")
    generation = struck.snapshot.generation
    for child in lab.servers["gpu-3"].children():
        os.kill(child, signal.SIGKILL)
    until(lambda: struck.linked and struck.snapshot.generation > generation, "its way back")
    lab.until_all(HostState.UP)
    assert (lab.gate.accepted, lab.gate.prompts) == (1, 1)


def test_the_only_host_behind_a_bastion_comes_back_through_the_link_that_stands(make: Callable[..., Lab]):
    lab = make("1")
    struck = lab.hosts.find("gpu-3")
    struck.wake(retry=True)
    lab.answer("1")
    until(lambda: struck.linked, "its link")
    for child in lab.servers["gpu-3"].children():
        os.kill(child, signal.SIGKILL)
    until(lambda: struck.linked and struck.snapshot.generation == 2, "its way back")
    assert (lab.gate.accepted, lab.gate.prompts) == (1, 1)


@pytest.mark.parametrize("make", ["paramiko", pytest.param("both", marks=pytest.mark.soak)], indirect=True)
def test_a_prompt_that_its_server_gives_up_is_said_once_and_sends_nothing_more(make: Callable[..., Lab]):
    """ssh itself does not look at its connection while it asks: there a question ends with its own time."""
    lab = make("1")
    lab.hosts.start()
    late = lab.asked()
    lab.gate.cut()  # as LoginGraceTime does
    lab.until_all(HostState.ASKING)
    until(lambda: not lab.questions.pending(), "the end of the question")
    lab.look_and_wait()
    lab.questions.answer(late.id, Answer(text="1"))
    for supervisor in lab.hosts.all():
        assert "nobody answered: its server waited" in (supervisor.snapshot.error or "")
    assert (lab.gate.accepted, lab.gate.prompts) == (1, 1)

    lab.hosts.find("gate").reconnect()
    lab.answer("1")
    lab.until_all(HostState.UP)
    assert (lab.gate.accepted, lab.gate.prompts, lab.gate.logins) == (2, 2, 1)


def test_a_code_that_was_used_is_refused_once_for_all(make: Callable[..., Lab]):
    lab = make("1")
    lab.hosts.start()
    for _ in range(3):
        lab.answer("0")
    lab.until_all(HostState.AUTH_FAILED)
    lab.look_and_wait()
    assert (lab.gate.accepted, lab.gate.prompts) == (1, 3)
    lab.hosts.find("gpu-1").reconnect()
    lab.answer("1")
    lab.until_all(HostState.UP)
    assert lab.gate.accepted == 2
