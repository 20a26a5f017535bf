"""`gpuws gpus`: from the keeper where it has all of it ready as text, else from the hosts."""

from __future__ import annotations

import os
import sys

from gpuws.cli.toolkit.environment import keeper_wanted
from gpuws.cli.toolkit.failures import guarded
from gpuws.quick.connection import asked
from gpuws.quick.directories import absolute, config_dir, runtime_dir
from gpuws.quick.endpoint import socket_of, usual_socket
from gpuws.quick.framing import Broken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpuws.cli.toolkit.options import Options


def list_gpus(
    options: Options,
    hosts: list[str],
    filters: Sequence[str] = (),
    *,
    watch: bool = False,
    by_user: bool = False,
    sort: str | None = None,
    detail: bool = False,
) -> int:
    if options.json and not (watch or by_user or filters or sort or detail):
        config = absolute(options.config_dir, os.environ) if options.config_dir else config_dir(os.environ)
        path = socket_of(config, runtime_dir(os.environ), readonly=options.readonly)
        if _printed(path, [*hosts, *options.host], options.tag):
            return 0
    return _looked_up(options, hosts, filters, watch=watch, by_user=by_user, sort=sort, detail=detail)


def listed_plainly(words: Sequence[str]) -> int | None:
    """The exit code of `gpuws gpus [--json] [HOST…]`, which scripts and status lines ask for all day: there is nothing
    to parse in it. None: there is."""
    rest = words[1:]
    hosts = [word for word in rest if word != "--json"]
    if any(not host or host.startswith("-") for host in hosts):
        return None
    return guarded(lambda: _listed(hosts, as_json=len(hosts) < len(rest)))


def _listed(hosts: list[str], *, as_json: bool) -> int:
    if as_json and (path := usual_socket(os.environ)) and _printed(path, hosts, ()):
        return 0
    from gpuws.cli.toolkit.options import Options

    return _looked_up(Options(json=as_json), hosts, ())


def _looked_up(
    options: Options,
    hosts: list[str],
    filters: Sequence[str],
    *,
    watch: bool = False,
    by_user: bool = False,
    sort: str | None = None,
    detail: bool = False,
) -> int:
    from gpuws.cli.listings.kinds import CONFIGURED, gpus
    from gpuws.cli.listings.listing import show

    order = CONFIGURED
    if sort is not None:
        from gpuws.cli.listings.order import parse

        order = parse(sort)
    return show(gpus(by_user=by_user, sort=order, detail=detail), options, hosts, filters, watch=watch)


def _printed(path: str, hosts: Sequence[str], tags: Sequence[str]) -> bool:
    """False: nothing was printed, and the long road is to be taken."""
    text = ready_text(path, hosts, tags) if keeper_wanted() else None
    if text is not None:
        sys.stdout.write(f"{text}\n")
    return text is not None


def ready_text(path: str, hosts: Sequence[str], tags: Sequence[str]) -> str | None:
    """What `gpuws gpus --json` prints, from the keeper at the socket `path`. None where no keeper of this version
    lives, or it has to wait first."""
    connection = asked(path, {"type": "Prepare", "hosts": list(hosts), "tags": list(tags)})
    if connection is None:
        return None
    try:
        text = connection.answer_soon().get("text") if connection.welcomed() else None
    except Broken:
        return None
    finally:
        connection.close()
    return text if isinstance(text, str) else None
