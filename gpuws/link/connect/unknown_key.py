"""A host key that nobody confirmed may become known by other hands: `ssh` in a terminal, a line in known_hosts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gpuws.link.resolve.host_key import known_for
from gpuws.link.resolve.known_hosts import KnownKey
from gpuws.link.resolve.resolve import Resolved
from gpuws.model.errors import GpuwsError, HostError, HostKeyUnknown


def awaited(error: HostError, resolved: Resolved) -> HostError:
    """The same error of a host key, which finds out whether another is known now; of one that nobody confirmed it says
    where it can be written."""
    if error.known is not None:  # of a jump host before it
        return error
    file = next(iter(resolved.known_hosts_files), "") if isinstance(error, HostKeyUnknown) else ""
    found = type(error)(error.message, f"{error.remedy}{file and f', or add it to {file}'}")
    found.asks, found.login, found.known = error.asks, error.login, _now_known(resolved)
    return found


def _now_known(resolved: Resolved) -> Callable[[], bool]:
    """Whether another key of the host is known than at first; cheap as long as no file is another."""
    files = (*resolved.known_hosts_files, *resolved.global_known_hosts_files)
    seen, before = _signs(files), _keys(resolved)

    def known() -> bool:
        nonlocal seen
        signs = _signs(files)
        if signs == seen:
            return False
        seen = signs
        return bool(_keys(resolved) - before)

    return known


def _signs(files: tuple[str, ...]) -> tuple[tuple[int, int, int] | None, ...]:
    return tuple(map(_sign, files))


def _sign(file: str) -> tuple[int, int, int] | None:
    try:
        found = Path(file).stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _keys(resolved: Resolved) -> set[tuple[str, str, bytes]]:
    try:
        found = known_for(resolved)
    except GpuwsError:  # a file that can't be read says nothing
        return set()
    return {_said(key) for key in (*found.known, *found.portless) if key.marker != "REVOKED"}


def _said(key: KnownKey) -> tuple[str, str, bytes]:
    return key.marker, key.type, key.blob
