"""Compose's short forms: one word for what a map says at length. Pure; ValueError says what was expected."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import Any

from gpuws.model.linux import HOSTNAME

_NUMBER = re.compile(r"(?:-1|[0-9]{1,18})\Z")
_DECIMAL = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,20})?\Z")
_VOLUME_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*\Z")
_PORT = re.compile(
    r"(?:(?:(?P<ip>\[[0-9A-Fa-f:.]+\]|[0-9.]+):)?(?P<published>[0-9]+):)?(?P<target>[0-9]+)(?P<protocol>/[a-z]+)?\Z"
)

_RANGE = re.compile(r"(?:.*:)?[0-9]+-[0-9]+(?::.*|/.*)?\Z")
_MACS = "it is for macOS only"
_SHARING = "a profile can't say how mounts are handed on"
_LABELS = "gpuws changes no SELinux labels; where they are in the way write security_opt: [label=disable]"
_MODES = {
    **dict.fromkeys(("z", "Z"), _LABELS),
    **dict.fromkeys(("cached", "delegated", "consistent"), _MACS),
    **dict.fromkeys(("shared", "rshared", "slave", "rslave", "private", "rprivate"), _SHARING),
    "nocopy": "a new volume begins with what the image has there",
}
"""Of Docker, after a volume's target."""


def volume(value: Any) -> Any:
    """`SOURCE:TARGET[:ro]`, or a bare `TARGET` for an anonymous volume."""
    if not isinstance(value, str):
        return value
    source, *rest = value.split(":")
    if not rest:
        return {"type": "volume", "target": source}
    if len(rest) > 2 or not source or not rest[0]:
        raise ValueError("expected SOURCE:TARGET or SOURCE:TARGET:ro")
    mode = rest[1] if len(rest) == 2 else "rw"
    if mode not in ("ro", "rw"):
        raise ValueError(_mode(mode))
    kind = "bind" if is_path(source) else "volume"
    return {"type": kind, "source": source, "target": rest[0], "read_only": mode == "ro"}


def _mode(told: str) -> str:
    """Why what stands after the target can't stay."""
    for word in told.split(","):
        if why := _MODES.get(word):
            return f"leave :{word} out: {why}"
        if word not in ("ro", "rw"):
            return f"expected ro or rw after the target, not {word!r}"
    return f"expected ro or rw after the target, not {told!r}"


def is_path(source: str) -> bool:
    """Whether a volume's source is a path on the host; a bare word is a named volume."""
    return source.startswith((".", "~")) or "/" in source


def bind_source(source: str) -> str:
    """`/absolute`, or `~/…` for what lies in my home on that host."""
    if source.startswith("/"):
        return posixpath.normpath(source)
    if source.startswith("~") and source != "~" and not source.startswith("~/"):
        raise ValueError("~ means my own home only; write the other directory in full")
    path = posixpath.normpath(source[2:] if source.startswith("~/") else "." if source == "~" else source)
    if path.startswith(".."):
        raise ValueError("leads out of my home; write an absolute path")
    return "~" if path == "." else f"~/{path}"


def volume_name(source: str) -> str:
    if not _VOLUME_NAME.match(source):
        raise ValueError(f"{source!r} is neither a path (/…, ~/…, ./…) nor a volume's name")
    return source


def port(value: Any) -> Any:
    """`TARGET`, `PUBLISHED:TARGET` or `IP:PUBLISHED:TARGET`."""
    if isinstance(value, bool):
        raise ValueError("expected a port")
    if isinstance(value, int):
        return {"target": int(value)}
    if not isinstance(value, str):
        return value
    match = _PORT.match(value) if len(value) < 100 else None
    if match and match["protocol"] not in (None, "/tcp"):
        raise ValueError(
            f"expected a TCP port: {match['protocol'][1:]} is neither published nor tunnelled; leave it out"
        )
    if not match and _RANGE.match(value[:100]):
        raise ValueError('expected one port: write each of a range by itself, such as "8888:8888", "8889:8889"')
    if not match:
        raise ValueError('expected a TCP port such as 8888, "16006:6006" or "127.0.0.1:16006:6006"')
    short: dict[str, Any] = {"target": int(match["target"])}
    if match["published"]:
        short["published"] = int(match["published"])
    if match["ip"]:
        short["host_ip"] = match["ip"].strip("[]")
    return short


def number(value: Any) -> Any:
    """A whole number, which Compose lets stand in quotes, too."""
    return int(value) if isinstance(value, str) and _NUMBER.match(value) else value


def decimal(value: Any) -> Any:
    """A number, which Compose lets stand in quotes, too."""
    return float(value) if isinstance(value, str) and _DECIMAL.match(value) else value


def ulimit(value: Any) -> Any:
    """One number for both, `SOFT:HARD`, or a map."""
    if isinstance(value, int) and not isinstance(value, bool):
        return {"soft": int(value), "hard": int(value)}
    if not isinstance(value, str):
        return value
    soft, _, hard = value.partition(":")
    if not (_NUMBER.match(soft) and _NUMBER.match(hard or soft)):
        raise ValueError("expected a number, SOFT:HARD, or a map of soft and hard; -1 is unlimited")
    return {"soft": int(soft), "hard": int(hard or soft)}


def words(value: Any) -> Any:
    """A command line as Compose splits it; a list stays a list."""
    if not isinstance(value, str):
        return value
    try:
        return shlex.split(value)
    except ValueError as error:
        raise ValueError(f"expected a command line: {str(error).lower()}") from error


def gpu_memory(value: Any) -> Any:
    """A size, or a map."""
    return value if isinstance(value, dict) else {"limit": value}


def jupyter(value: Any) -> Any:
    """`true`, a port, or a map. `false` is the same as no key."""
    if isinstance(value, bool):
        return {} if value else None
    return {"port": value} if isinstance(number(value), int) else value


def tmux(value: Any) -> Any:
    """`true`, a session's name, or a map."""
    if isinstance(value, bool):
        return {} if value else None
    return {"session": value} if isinstance(value, str) else value


def device(value: Any) -> Any:
    """`HOST[:INSIDE][:rwm]`."""
    if not isinstance(value, str):
        return value
    source, *rest = value.split(":")
    if not source.startswith("/") or len(rest) > 2 or (len(rest) == 2 and not rest[0].startswith("/")):
        raise ValueError("expected HOST[:INSIDE][:rwm] such as /dev/fuse; GPUs are what `gpus` says")
    inside = {"target": rest.pop(0)} if rest and rest[0].startswith("/") else {}
    return {"source": source, **inside, **({"permissions": rest[0]} if rest else {})}


def as_list(value: Any) -> Any:
    """One is a list of one."""
    return [value] if isinstance(value, str) else value


def extra_hosts(value: Any) -> Any:
    """A list of NAME:IP, or a map of names."""
    if not isinstance(value, dict):
        return value
    return [
        f"{name}:{address}" for name, told in value.items() for address in (told if isinstance(told, list) else [told])
    ]


def host_and_address(value: str) -> tuple[str, str]:
    """Of `NAME:IP`, `NAME=IP` and `NAME:[IP]`."""
    found = re.fullmatch(rf"({HOSTNAME})[:=](.+)", value)
    if not found:
        raise ValueError('expected NAME:IP such as "db:192.0.2.7"')
    address = found[2]
    return found[1], address[1:-1] if address.startswith("[") and address.endswith("]") else address


def health_test(value: Any) -> Any:
    """A line for the image's shell, or a list that says how it is run."""
    if isinstance(value, str):
        return ["CMD-SHELL", value]
    if not isinstance(value, list):
        return value
    how, words = (value[0] if value else ""), len(value) - 1
    if not {"NONE": words == 0, "CMD": words > 0, "CMD-SHELL": words == 1}.get(
        how if isinstance(how, str) else "", False
    ):
        raise ValueError("expected a command line, or a list: [CMD, PROGRAM, WORD…], [CMD-SHELL, LINE] or [NONE]")
    return value
