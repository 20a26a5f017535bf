"""Compose's short forms: one word for what a map says at length. Pure; ValueError says what was expected."""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import Any

_VOLUME_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*\Z")
_PORT = re.compile(
    r"(?:(?:(?P<ip>\[[0-9A-Fa-f:.]+\]|[0-9.]+):)?(?P<published>[0-9]+):)?(?P<target>[0-9]+)(?P<protocol>/[a-z]+)?\Z"
)


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
        raise ValueError(f"expected ro or rw after the target, not {mode!r}")
    kind = "bind" if is_path(source) else "volume"
    return {"type": kind, "source": source, "target": rest[0], "read_only": mode == "ro"}


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
    if not match or match["protocol"] not in (None, "/tcp"):
        raise ValueError('expected a TCP port such as 8888, "16006:6006" or "127.0.0.1:16006:6006"')
    short: dict[str, Any] = {"target": int(match["target"])}
    if match["published"]:
        short["published"] = int(match["published"])
    if match["ip"]:
        short["host_ip"] = match["ip"].strip("[]")
    return short


def ulimit(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return {"soft": int(value), "hard": int(value)}
    return value


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
    return {"port": int(value)} if isinstance(value, int) else value


def tmux(value: Any) -> Any:
    """`true`, a session's name, or a map."""
    if isinstance(value, bool):
        return {} if value else None
    return {"session": value} if isinstance(value, str) else value
