"""The demo's hosts: which are in the fleet, who asks, who fails, and what ctrl+r does to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from gpuws.fleet.demo.lab.host import DemoHost
from gpuws.fleet.demo.lab.machines import GUESTS, MACHINES, ME, Machine
from gpuws.model.errors import Refused, TargetError, Unreachable, UsageError
from gpuws.model.host.configured import Alias, ConfiguredHost
from gpuws.model.host.host import LOCAL, Host, HostState
from gpuws.model.host.question import Answer, Question
from gpuws.model.host.snapshot import HostSnapshot

DOMAIN = "lab.example"
STALE_AGE, STALE_RETRY, DOWN_RETRY = 12.0, 8.0, 30.0  # seconds
KEY_DETAIL = (
    "ED25519 key fingerprint is SHA256:8mW0ZgqQv4m0d3T6J9y3bq0mYh1q2s7cFv5nT2kXb1E",
    "not in ~/.ssh/known_hosts",
)


class Hosts:
    """Mutable; the fleet's lock guards it."""

    def __init__(self, seed: int, clock: Callable[[], float], names: Sequence[str] | None, readonly: bool) -> None:
        self._seed, self._clock, self._readonly = seed, clock, readonly
        self._hosts: dict[str, DemoHost] = {}
        self._questions: list[Question] = []
        self._written: dict[str, Host] = {}
        for machine in MACHINES:
            if names is None or machine.name in names:
                self._insert(machine)

    def _insert(self, machine: Machine) -> DemoHost:
        host = DemoHost(machine, self._seed, self._clock)
        host.readonly = self._readonly
        if host.state is HostState.STALE:
            host.seen_at, host.retry_at = self._clock() - STALE_AGE, self._clock() + STALE_RETRY / 2
        elif host.state is HostState.DOWN:
            host.retry_at = self._clock() + DOWN_RETRY
        self._hosts[machine.name] = host
        return host

    def all(self) -> tuple[DemoHost, ...]:
        return tuple(self._hosts.values())

    def get(self, name: str) -> DemoHost:
        if name not in self._hosts:
            raise TargetError(f"no host {name!r}", "known hosts: " + ", ".join(self._hosts))
        return self._hosts[name]

    def up(self, name: str, *, writing: bool = False) -> DemoHost:
        """The host, if verbs can reach it."""
        host = self.get(name)
        if host.state is not HostState.UP:
            raise Unreachable(f"{name} is {host.state}: {host.error or 'not connected'}", host.remedy)
        if writing and host.readonly:
            raise Refused(f"{name} is read-only", "leave --readonly out, or ask who keeps the configuration")
        return host

    # joining

    def aliases(self) -> tuple[Alias, ...]:
        """Those that are in no fleet yet."""
        names = (machine.name for machine in (*MACHINES, *GUESTS))
        return tuple(Alias(name, f"{name}.{DOMAIN}") for name in names if name not in self._hosts)

    def written(self) -> tuple[ConfiguredHost, ...]:
        """Each but this machine, as hosts.yaml would say it."""
        return tuple(ConfiguredHost(self._as_written(host)) for host in self.all() if host.name != LOCAL)

    def address(self, name: str) -> str:
        host = self._written.get(name) or Host(name)
        port = f":{host.port}" if host.port else ""
        return f"{host.user or ME}@{host.hostname or f'{name}.{DOMAIN}'}{port}"

    def add(self, name: str) -> DemoHost:
        machine = next((m for m in (*MACHINES, *GUESTS) if m.name == name), None)
        if machine is None or name in self._hosts:
            known = ", ".join(alias.name for alias in self.aliases())
            raise TargetError(f"no host {name!r} to add", f"known aliases: {known}")
        return self._insert(machine)

    def save(self, host: Host, was: str | None) -> None:
        """A new host comes up as a machine like `GUESTS[0]`; one of another name begins its life anew."""
        if was is None:
            self._insert(self._machine(host))
        elif was != host.name:
            before = self._hosts
            self._hosts = {}
            for name, one in before.items():
                if name == was:
                    self._insert(replace(one.machine, name=host.name))
                else:
                    self._hosts[name] = one
        self._written[host.name] = host

    def remove(self, name: str) -> None:
        if name == LOCAL:
            raise UsageError("local is this machine", "local: false in hosts.yaml hides it")
        self.get(name)
        del self._hosts[name]
        self._written.pop(name, None)
        self._questions = [question for question in self._questions if question.host != name]

    def trial(self, host: Host, was: str | None) -> HostSnapshot:
        """What connecting to it would come to."""
        if was in self._hosts:
            return self._hosts[was].snapshot()
        return DemoHost(self._machine(host), self._seed, self._clock).snapshot()

    def _machine(self, host: Host) -> Machine:
        known = next((machine for machine in (*MACHINES, *GUESTS) if machine.name == host.name), GUESTS[0])
        return replace(known, name=host.name, tags=host.tags or known.tags)

    def _as_written(self, host: DemoHost) -> Host:
        return self._written.get(host.name) or Host(host.name, tags=host.machine.tags)

    def ask(self, machine: Machine) -> None:
        """`machine` joins, waiting for its host key to be confirmed."""
        host = self._insert(machine)
        host.state, host.phase = HostState.ASKING, "waits for its host key to be confirmed"
        text = f"the host key of {machine.name} is not known: is this its fingerprint?"
        self._questions.append(
            Question("host-key", machine.name, text, KEY_DETAIL, id=f"{machine.name}/1", host=machine.name)
        )

    def questions(self) -> tuple[Question, ...]:
        return tuple(self._questions)

    def answer(self, question_id: str, answer: Answer | None) -> DemoHost | None:
        """The host that changed; None: the question was answered already."""
        question = next((q for q in self._questions if q.id == question_id), None)
        if question is None:
            return None
        self._questions.remove(question)
        host = self._hosts[question.host]
        if answer is not None and answer.accept:
            self._come_up(host)
        else:
            host.phase, host.error, host.remedy = "", "its host key was not confirmed", "ctrl+r asks again"
        return host

    # the links' life

    def _come_up(self, host: DemoHost) -> None:
        host.state, host.phase, host.error, host.remedy, host.retry_at = HostState.UP, "", None, "", None
        host.generation += 1
        host.seen_at = self._clock()

    def reconnect(self, host: DemoHost) -> None:
        """delta comes back, golf tries in vain, echo stays refused, hotel asks again."""
        if host.state is HostState.STALE:
            self._come_up(host)
        elif host.state is HostState.DOWN:
            host.state, host.phase, host.retry_at = HostState.CONNECTING, "connecting", None
            host.error, host.remedy = None, ""
        elif host.state is HostState.ASKING and host.error:
            self.ask(host.machine)

    def step(self, host: DemoHost) -> None:
        now = self._clock()
        if host.state is HostState.CONNECTING:
            host.state, host.phase, host.retry_at = HostState.DOWN, "", now + DOWN_RETRY
            host.error, host.remedy = host.machine.error, host.machine.remedy
        elif host.retry_at is not None and host.retry_at <= now:
            self._retry(host, now)
        if host.state is HostState.UP:
            host.step()

    def _retry(self, host: DemoHost, now: float) -> None:
        if host.state is HostState.DOWN:
            self.reconnect(host)
        else:
            host.retry_at = now + STALE_RETRY
