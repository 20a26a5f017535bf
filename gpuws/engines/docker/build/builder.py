"""An image built on a host, by the classic builder or BuildKit: its context streamed, its output told line by line."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.api.http import Cancelling, request
from gpuws.engines.docker.build import failure
from gpuws.engines.docker.build.context import Context, packed
from gpuws.engines.docker.build.output import Output
from gpuws.engines.docker.build.trace import Trace
from gpuws.engines.docker.images import store
from gpuws.engines.docker.images.fetch import INTERVAL, items, pull
from gpuws.engines.docker.images.login import logins_for
from gpuws.model import units
from gpuws.model.build.dockerfile import bases, parse
from gpuws.model.build.syntax import by_buildkit, needs
from gpuws.model.build.want import BuildWay
from gpuws.model.errors import GpuwsError
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.profile.profile import Build

AT_ONCE = BuildWay()


def build(
    client: Client, build: Build, tag: str, report: Report, cancel: threading.Event, way: BuildWay = AT_ONCE
) -> None:
    """It is named `tag` afterwards. Cancelled by closing the connection: the engine ends the step it is at."""
    report(Progress("building", tag))
    with packed(build) as (context, pieces), client.errors():
        said = parse(context.said)
        kit = by_buildkit(needs(said, build.args), client.server.major)
        named = bases(said, build.args)
        if kit:
            _fetch(client, named, report, cancel, anew=way.pull)
        login = logins_for(store.split(base)[0] for base in named)
        output = Trace(said) if kit else Output()

        def fault(message: str) -> GpuwsError:
            for step in output.end():
                report(step)
            error = failure.fault(client.host, tag, output.step, said, output.said, message)
            return type(error)(error.message, error.remedy or login.problem)

        with Cancelling(cancel) as cancelling:
            reply = request(
                client.dial,
                "POST",
                client.target("/build", _query(build, tag, context, way, kit=kit)),
                headers={"Content-Type": "application/x-tar", **login.headers},
                body=_told(pieces(), context.length, report),
                length=context.length,
                cancelling=cancelling,
            )
            for item in items(reply, fault):
                for step in output.take(item):
                    report(step)


def _fetch(client: Client, named: Sequence[str], report: Report, cancel: threading.Event, *, anew: bool) -> None:
    """The base images: BuildKit would ask its client for the login, even for that of nobody in particular."""
    for base in named:
        if anew or not store.present(client, base):
            pull(client, base, report, cancel)


def _query(build: Build, tag: str, context: Context, way: BuildWay, *, kit: bool) -> dict[str, object]:
    return {
        "t": tag,
        "dockerfile": context.dockerfile,
        "target": build.target,
        "buildargs": dict(build.args) or None,
        "nocache": way.no_cache or None,
        "pull": (way.pull and not kit) or None,
        "version": "2" if kit else None,
        "networkmode": way.network,
        "rm": True,
        "forcerm": True,
    }


def _told(pieces: Iterator[bytes], total: int, report: Report) -> Iterator[bytes]:
    """The same pieces, with a report now and then of how much went."""
    sent, told = 0, time.monotonic()
    for piece in pieces:
        yield piece
        sent += len(piece)
        if time.monotonic() - told >= INTERVAL:
            told = time.monotonic()
            report(Progress("sending", f"the context, {units.size(sent)} of {units.size(total)}", sent / total))
