"""`gpuws gpus`: from the keeper where it has all of it ready as text, else from the hosts."""

from __future__ import annotations

import os
import sys

from gpuws.cli.toolkit.failures import guarded
from gpuws.cli.toolkit.options import Options, keeper_wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def list_gpus(
    options: Options, hosts: list[str], filters: Sequence[str] = (), *, watch: bool = False, by_user: bool = False
) -> int:
    if options.json and not (watch or by_user or filters) and _printed(options, hosts):
        return 0
    from gpuws.cli.listing import show
    from gpuws.cli.listings.kinds import gpus

    return show(gpus(by_user=by_user), options, hosts, filters, watch=watch)


def listed_plainly(words: Sequence[str]) -> int | None:
    """The exit code of `gpuws gpus [--json] [HOST…]`, which scripts and status lines ask for all day: there is nothing
    to parse in it. None: there is."""
    rest = words[1:]
    hosts = [word for word in rest if word != "--json"]
    if any(not host or host.startswith("-") for host in hosts):
        return None
    return guarded(lambda: list_gpus(Options(json=len(hosts) < len(rest)), hosts))


def _printed(options: Options, hosts: list[str]) -> bool:
    """False: nothing was printed, and the long road is to be taken."""
    if not keeper_wanted():
        return False
    from pathlib import Path

    from gpuws.config.paths import find_paths
    from gpuws.keeper.home import find_home

    paths = find_paths(Path(options.config_dir) if options.config_dir else None, os.environ)
    home = find_home(paths, readonly=options.readonly)
    text = ready_text(os.fspath(home.socket), [*hosts, *options.host], options.tag)
    if text is None:
        return False
    sys.stdout.write(f"{text}\n")
    return True


def ready_text(path: str, hosts: Sequence[str], tags: Sequence[str]) -> str | None:
    """What `gpuws gpus --json` prints, from the keeper at the socket `path`. None where no keeper of this version
    lives, or it has to wait first."""
    from gpuws.quick.connection import Connection
    from gpuws.quick.endpoint import dial
    from gpuws.quick.framing import Broken, Frames

    sock = dial(path)
    if sock is None:
        return None
    connection = Connection(Frames(sock))
    try:
        connection.ask({"type": "Prepare", "hosts": list(hosts), "tags": list(tags)})
        text = connection.answer_soon().get("text") if connection.welcomed() else None
    except (Broken, ValueError):
        return None
    finally:
        connection.close()
    return text if isinstance(text, str) else None
