"""The way to the keeper: to the one that lives, else to one that is started now."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Callable

from gpuws import __version__
from gpuws.keeper.home import Home, connect, holder, prepare, take_lock
from gpuws.keeper.wire.messages import Describe, Description, Failure, FromKeeper, Message, Retire, Welcome
from gpuws.keeper.wire.typed import Wire, client_wire
from gpuws.model.errors import GpuwsError, Refused, Unreachable
from gpuws.quick.failures import keeper_ended
from gpuws.quick.framing import Broken
from gpuws.quick.greeting import PROTOCOL, hello

PATIENCE = 20.0  # seconds for a keeper to start on a busy machine
RETRY = 0.02  # seconds between looks while another program starts one
ANSWER = 10.0  # seconds for a keeper that lives to say hello; more, and it hangs
WITHOUT = "GPUWS_KEEPER=0 does without it"


class Dialer:
    """Opens connections for one program. `note` gets what the user should know, one sentence."""

    def __init__(self, home: Home, *, person: bool, note: Callable[[str], None] = lambda _: None) -> None:
        self.home = home
        self._person = person
        self._note = note
        self._client = uuid.uuid4().hex[:12]

    def open(self, *, start: bool = True) -> Wire[FromKeeper]:
        """A connection over which hello was said. Raises `Unreachable` where there is no keeper and `start` is off."""
        deadline = time.monotonic() + PATIENCE
        while True:
            sock = connect(self.home)
            if sock is not None:
                wire = self._greeted(client_wire(sock))
                if wire is not None:
                    return wire
            elif not start:
                raise Unreachable("no keeper runs", "any command that needs hosts starts one")
            else:
                start_keeper(self.home)
            if time.monotonic() >= deadline:
                raise GpuwsError("the keeper did not start", f"gpuws keeper log says why; {WITHOUT}")
            time.sleep(RETRY)  # another program starts one, or an old one ends: nothing tells when

    def ask(self, message: Message, *, start: bool = True) -> FromKeeper:
        """One question, one answer, on a connection of its own. What went wrong there is raised here."""
        wire = self.open(start=start)
        try:
            wire.send(message)
            return good(wire.receive())
        except Broken as broken:
            raise keeper_ended() from broken
        finally:
            wire.close()

    def retire(self, *, forget: bool) -> bool:
        """End the keeper, of whatever version; False: there was none."""
        sock = connect(self.home)
        if sock is None:
            return False
        wire = client_wire(sock)
        try:
            self._hello(wire)
            self._end(wire, forget=forget)
        except Broken:
            pass  # it was ending already
        finally:
            wire.close()
        return True

    def _greeted(self, wire: Wire[FromKeeper]) -> Wire[FromKeeper] | None:
        """None: that one ends now, look again."""
        try:
            welcome = self._hello(wire)
            if welcome.protocol == PROTOCOL and (welcome.version == __version__ or welcome.busy):
                return wire
            if welcome.protocol == PROTOCOL and _age(welcome.version) > _age(__version__):
                return wire
            self._replace(wire, welcome)
        except Broken:
            pass
        except BaseException:
            wire.close()
            raise
        wire.close()
        return None

    def _hello(self, wire: Wire[FromKeeper]) -> Welcome:
        wire.send(hello(self._client, person=self._person))
        try:
            answer = wire.receive(ANSWER)
        except TimeoutError as error:
            raise GpuwsError("the keeper does not answer", self._end_by_force()) from error
        if not isinstance(answer, Welcome):
            raise Broken("no welcome")
        return answer

    def _replace(self, wire: Wire[FromKeeper], welcome: Welcome) -> None:
        """Ask a keeper of another version to end; refused while others depend on it, or where ours is the older."""
        if welcome.protocol > PROTOCOL:
            raise Refused(
                f"the keeper is gpuws {welcome.version}, newer than this one ({__version__})",
                f"use the newer gpuws, or end its keeper: gpuws keeper stop; {WITHOUT}",
            )
        if welcome.busy:
            raise Refused(
                f"the keeper is gpuws {welcome.version}, this is {__version__}, and {welcome.busy} other "
                f"{'program uses' if welcome.busy == 1 else 'programs use'} it",
                f"end them and repeat, or end it: gpuws keeper stop --keep-tunnels; {WITHOUT}",
            )
        self._end(wire, forget=False)
        self._note(f"the keeper was gpuws {welcome.version} and is replaced by {__version__}; tunnels stay")

    def _end(self, wire: Wire[FromKeeper], *, forget: bool) -> None:
        wire.send(Retire(forget))
        try:
            while True:
                wire.receive(ANSWER)
        except TimeoutError as error:
            raise GpuwsError("the keeper does not end", self._end_by_force()) from error
        except Broken:
            return

    def _end_by_force(self) -> str:
        return f"end it: kill -9 {holder(self.home)} (kept tunnels come back); {WITHOUT}"


def start_keeper(home: Home) -> None:
    """Start one, unless one lives or is being started; returns when it can be connected to.

    It inherits the lock, so that there is never a moment in which two programs start one."""
    import subprocess

    prepare(home)
    lock = take_lock(home)
    if lock is None:
        return
    try:
        subprocess.run(
            [sys.executable, "-P", "-m", "gpuws.keeper", os.fspath(home.paths.config_dir), str(lock), *flags(home)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(lock,),
            cwd="/",
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise GpuwsError(f"the keeper could not be started: {error}", WITHOUT) from error
    finally:
        os.close(lock)


def describe(dialer: Dialer) -> tuple[Description, Wire[FromKeeper]]:
    """The configuration as the keeper reads it, and the connection that it came by, for more."""
    wire = dialer.open()
    try:
        wire.send(Describe())
        answer = good(wire.receive())
        if isinstance(answer, Description):
            return answer, wire
        raise GpuwsError(f"the keeper answered with {type(answer).__name__}")
    except Broken as broken:
        wire.close()
        raise keeper_ended() from broken
    except BaseException:
        wire.close()
        raise


def flags(home: Home) -> list[str]:
    return ["--readonly"] if home.readonly else []


def good(message: FromKeeper) -> FromKeeper:
    """`message`, unless it says that something went wrong: that is raised."""
    if isinstance(message, Failure):
        raise message.error()
    return message


def _age(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
