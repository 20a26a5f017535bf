"""Rights beyond a container's usual ones, in Docker's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from gpuws.engines.docker.existing.parse import rows
from gpuws.engines.docker.options.option import Inspected
from gpuws.model.linux import security_option
from gpuws.model.placement.plan import ContainerSpec
from gpuws.model.text import plain

_UNLABELLED = "label=disable"
_SAYABLE = re.compile(r"no-new-privileges(=false)?|seccomp=(unconfined|builtin)|(apparmor|label)=.+")


def added(spec: ContainerSpec) -> tuple[str, ...]:
    return _capabilities(spec.profile.cap_add)


def dropped(spec: ContainerSpec) -> tuple[str, ...]:
    """What is added, too, is not dropped."""
    given = added(spec)
    return tuple(name for name in _capabilities(spec.profile.cap_drop) if name not in given)


def _capabilities(names: Collection[str]) -> tuple[str, ...]:
    """As docker's own program sends them: all make any other needless."""
    return ("ALL",) if "ALL" in names else tuple(sorted(f"CAP_{name}" for name in names))


def security(told: Inspected) -> tuple[str, ...]:
    """A filter of system calls that was a file stands in it whole: no profile can say it."""
    return tuple(sorted({security_option(word) for word in _own(told) if _sayable(word)}))


def odd_security(told: Inspected) -> Iterator[str]:
    yield from (f"--security-opt: {plain(word, 60)}" for word in _own(told) if not _sayable(word))


def _own(told: Inspected) -> list[str]:
    """What shares namespaces with the host, or has all rights, the engine takes SELinux' label from by itself."""
    said = [str(word) for word in rows(told.host_config.get("SecurityOpt"))]
    shares = "host" in (told.host_config.get("IpcMode"), told.host_config.get("PidMode"))
    freed = shares or told.host_config.get("Privileged") is True
    return [] if freed and [security_option(word) for word in said] == [_UNLABELLED] else said


def _sayable(word: str) -> bool:
    return bool(_SAYABLE.fullmatch(security_option(word)))
