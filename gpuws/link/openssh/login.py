"""From a resolved host to a link over the system's ssh."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from gpuws.link.openssh import arguments, prompts
from gpuws.link.openssh.control import Control, NoMaster
from gpuws.link.openssh.crossing import Crossing
from gpuws.link.openssh.link import OpensshLink
from gpuws.link.openssh.master import Master
from gpuws.link.openssh.transport import ProxyTransport
from gpuws.link.openssh.words import CONNECTING
from gpuws.link.paramiko.auth import CONNECT_AGAIN
from gpuws.link.paramiko.prompts import ROUNDS
from gpuws.link.paramiko.second_link import SecondLink
from gpuws.link.paramiko.ssh import SshLink
from gpuws.link.patience import Withdrawn, put
from gpuws.link.place import Ask
from gpuws.link.resolve.openssh import CommandFailed, output
from gpuws.link.resolve.resolve import Resolved
from gpuws.model.errors import AuthFailed, GpuwsError, HostError, HostKeyUnknown, NeedsPerson, Unreachable
from gpuws.model.host.question import Answer, Question, said

_VERSION = re.compile(r"OpenSSH_(\d+)\.(\d+)")


class Login:
    """One login. Several questions may be asked of it at once: by the ssh of a ProxyCommand, too."""

    def __init__(
        self,
        resolved: Resolved,
        ask: Ask,
        phase: Callable[[str], None],
        register: Callable[[Master], None],
    ) -> None:
        self.needed_human = False
        self.asked = False
        self._resolved = resolved
        self._ask = ask
        self._phase = phase
        self._register = register
        self._seen: list[Question] = []
        self._fault: GpuwsError | None = None
        self._lock = threading.Lock()
        self._master: Master | None = None
        self._crossing: Crossing | None = None

    def run(self, crossing: Crossing | None) -> Master:
        """The master, logged in. AuthFailed, HostKeyUnknown, Unreachable and the like otherwise; ssh is gone then."""
        resolved, proxy = self._resolved, crossing.command if crossing else ""
        self._marked = _marks()  # before ssh starts: it is asked for its version
        try:
            master = Master(resolved, partial(arguments.master, resolved, proxy=proxy), self._answer, os.environ)
        except FileNotFoundError as error:
            raise _no_ssh(resolved) from error
        kept = False
        try:
            self._master, self._crossing = master, crossing
            self._register(master)
            master.await_login(partial(self._told, crossing))
        except GpuwsError as error:
            fault = self._fault or error
            if self.needed_human and isinstance(fault, Unreachable):
                words = f"{resolved.name}: the server did not wait for the answer"
                fault = NeedsPerson(words, "connect again and answer sooner")
            if isinstance(fault, HostError):  # another attempt would ask again; a host key costs nobody a code
                asked = self._fault is not None and not isinstance(fault, HostKeyUnknown)
                fault.asks = self.needed_human or asked
            raise fault from (error if fault is not error else None)
        else:
            kept = True
            return master
        finally:
            if not kept:
                master.end()

    def _told(self, crossing: Crossing | None, step: str) -> None:
        if crossing and step != CONNECTING:
            crossing.answered()
        self._phase(step)

    def _answer(self, prompt: str, hint: str) -> str | None:
        """None: nobody answered, and ssh is ended before it would take that for an empty answer."""
        master = self._master
        before = master.told.fresh() if master else ()
        address = self._resolved.address
        read = prompts.read(self._resolved.name, address, prompt, hint, marked=self._marked, before=before)
        key = master.told.host_key if master else None
        if read.kind == "host-key" and key and key.split()[1:] == read.question.detail[0].split()[1:]:
            read = replace(read, question=replace(read.question, detail=(key,)))  # the same, its type in full
        if read.kind == "notice":
            self._phase(read.question.text)
            return None  # ssh ends who shows it
        with self._lock:
            if self._fault is None:
                answer = self._put(read)
                if answer is not None and answer.accept:
                    return "yes" if read.kind == "host-key" else answer.text
                self._fault = self._fault or self._declined(read)
        if master:
            master.end()
        return None

    def _put(self, read: prompts.Prompt) -> Answer | None:
        if len(self._seen) >= ROUNDS:
            self._fault = AuthFailed(
                f"{self._resolved.name}: {self._resolved.address} asks without an end (a login has at most {ROUNDS}"
                " questions)",
                "its login is broken, or means harm: ask who runs it",
            )
            return None
        question = prompts.again(read.question) if read.question in self._seen else read.question
        self._seen.append(read.question)
        self.asked = True
        began = time.monotonic()
        try:
            answer = put(self._ask, question, self._gone)
        except Withdrawn:
            waited = f"its server waited {round(time.monotonic() - began)} s for {read.wanted}"
            self._fault = NeedsPerson(f"{self._resolved.name}: nobody answered: {waited}", CONNECT_AGAIN)
            return None
        except GpuwsError as error:
            self._fault = error
            return None
        if answer is not None and answer.accept and read.kind != "host-key":
            self.needed_human = True
        return answer

    def _gone(self) -> bool:
        """Nobody is there any more for an answer. ssh itself does not look at its connection while it asks."""
        master, crossing = self._master, self._crossing
        return (master is not None and master.ending.is_set()) or (crossing is not None and crossing.ended)

    def _declined(self, read: prompts.Prompt) -> GpuwsError:
        name = self._resolved.name
        if read.kind == "host-key":
            shown = read.question.detail[0]
            return HostKeyUnknown(
                f"{name}: the host key of {read.wanted} is not known and nobody confirmed it",
                f"compare {shown} with the server's, then connect again and accept it",
            )
        return NeedsPerson(f"{name}: nobody answered when it asked for {read.wanted}", CONNECT_AGAIN)


def log_in(
    resolved: Resolved,
    crossing: Crossing | None,
    ask: Ask,
    phase: Callable[[str], None],
    register: Callable[[Master], None],
    second: Callable[[], SshLink],
    python: str | None,
    why: str,
) -> OpensshLink:
    """A link to `resolved` by the system's ssh, by way of `crossing` where that is through a jump host. `register`: is
    told what is to be ended with gpuws. `second`: makes another link of the same kind, without asking anybody."""
    began = time.monotonic()
    login = Login(resolved, ask, phase, register)
    master = login.run(crossing)
    try:
        transport = ProxyTransport(Control(master.socket).proxied())
    except NoMaster as error:
        master.end()
        raise Unreachable(f"{resolved.name}: its ssh does not answer: {error}") from error
    return OpensshLink(
        resolved.name,
        transport,
        master,
        asks=login.needed_human,
        crossing=crossing,
        environment=resolved.environment,
        second=None if login.needed_human else SecondLink(second),
        python=python,
        login=None if login.asked else time.monotonic() - began,
        told=said(*master.greeting),
        shell=resolved.shell,
        besides=resolved.besides,
        why=why,
    )


@cache
def _marks() -> bool:
    """Whether this ssh says which prompts are a server's. Asked once; where it can't be told, it does not."""
    try:
        found = _VERSION.search(output(["sh", "-c", "exec ssh -V 2>&1"], 5.0))
    except (CommandFailed, OSError):
        return False
    return found is not None and (int(found[1]), int(found[2])) >= prompts.MARKING


def _no_ssh(resolved: Resolved) -> GpuwsError:
    return GpuwsError(f"{resolved.name}: there is no ssh program here", "install the OpenSSH client")
