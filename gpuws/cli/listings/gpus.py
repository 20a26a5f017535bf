"""`gpuws gpus`: from the keeper where it has all of it ready, else from the hosts."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.cli.toolkit.failures import guarded
from gpuws.cli.toolkit.options import Options


def list_gpus(
    options: Options, hosts: list[str], filters: Sequence[str] = (), *, watch: bool = False, by_user: bool = False
) -> int:
    if options.json and not (watch or by_user or filters):
        from gpuws.cli.ready import printed

        if printed(options, hosts):
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
