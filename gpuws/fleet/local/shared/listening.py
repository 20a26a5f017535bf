"""What listens in a place: the sockets that the host shows, and one question to those that no process explains."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from gpuws.fleet.local.shared.places import Places
from gpuws.link.place import Stream
from gpuws.model.errors import GpuwsError, HostError, Refused, TargetError
from gpuws.model.session.service import ListeningPort, named, process_name, the_one, worth_asking
from gpuws.model.session.sockets import Listener, SocketsSeen, listeners
from gpuws.model.session.tunnel import TunnelTarget
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.probe.ports import listening

PATIENCE = 3.0  # seconds for an answer, all of it
LARGEST = 65536  # bytes of one: its head, and the head of its page
AT_ONCE = 8
MOST_ASKED = 64


def ports_of(places: Places, ref: PlaceRef) -> tuple[ListeningPort, ...]:
    """In their order. In what is not mine, and on a read-only host, nothing is executed: what only a relay inside
    would reach is not asked; nor is anything that a read-only host itself serves."""
    found = listeners(_seen(places, ref), inside=ref.workspace is not None)
    asked = [one for one in found if _may_ask(places, ref, one)][:MOST_ASKED]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ports") as workers:
        told = workers.map(lambda one: _answer(_way(places, ref, one), one.port), asked)
        answers = dict(zip(asked, told, strict=True))
    return tuple(
        ListeningPort(
            ref, one.port, named(one.argv, answers.get(one)), process_name(one.argv), one.pid, one.address
        )
        for one in found
    )  # fmt: skip


def looked_up(places: Places, target: TunnelTarget) -> TunnelTarget:
    """The same service where it listens now. GpuwsError where none or several of it do."""
    places.press(target.host)
    ref = places.bearer(target)
    try:
        found = the_one(target.service, ports_of(places, ref), target.label)
    except TargetError as error:  # its place is there
        raise GpuwsError(error.message, error.remedy) from error
    return replace(target, port=found.port, to=found.to)


def _seen(places: Places, ref: PlaceRef) -> SocketsSeen:
    """By the host; by a program inside where that does not show what runs there, as an engine in a machine of its own.
    TargetError where it does not run."""
    places.need_alive(ref)
    seen = listening(places.find(PlaceRef(ref.host)), ref.workspace or "")
    if seen is not None:
        return seen
    if not places.may_enter(ref):
        raise Refused(f"{places.label(ref)}: the host does not show what runs in it, and it is not yours to look into")
    inside = listening(places.find(ref))
    return inside or SocketsSeen()


def _may_ask(places: Places, ref: PlaceRef, one: Listener) -> bool:
    if not worth_asking(one.port, one.argv, alone=one.alone):
        return False
    reached = ListeningPort(ref, one.port, address=one.address)
    return places.may_enter(ref) or (ref.workspace is not None and not reached.loopback)


def _way(places: Places, ref: PlaceRef, one: Listener) -> Callable[[], Stream]:
    """To a connection to it."""
    if to := ListeningPort(ref, one.port, address=one.address).to:
        return lambda: places.dial_target(TunnelTarget(ref.host, None, one.port, to=to))
    dial = places.dial if places.may_enter(ref) else places.dial_outside
    return lambda: dial(ref, one.port)


def _answer(dial: Callable[[], Stream], port: int) -> bytes | None:
    """None: nothing took the connection."""
    try:
        stream = dial()
    except HostError:
        raise
    except (GpuwsError, OSError):
        return None
    return ask(stream, port)


def ask(stream: Stream, port: int) -> bytes:
    """What comes in answer to a GET, until it ends, is enough or takes too long. Closes the stream."""
    deadline, answer = time.monotonic() + PATIENCE, b""
    lines = ("GET / HTTP/1.1", f"Host: localhost:{port}", "Accept: text/html", "Connection: close", "", "")
    try:
        stream.settimeout(PATIENCE)
        stream.sendall("\r\n".join(lines).encode())
        while len(answer) < LARGEST and (left := deadline - time.monotonic()) > 0:
            stream.settimeout(left)
            if not (data := stream.recv()):
                break
            answer += data
    except (GpuwsError, OSError):  # whatever came until then tells enough
        return answer
    finally:
        stream.close()
    return answer
