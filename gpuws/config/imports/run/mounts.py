"""What `-v`, `--mount` and `--tmpfs` come to in a profile, and which of their options no profile says."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping

from gpuws.config.imports.binds import OPTIONS, SILENT, check_for
from gpuws.config.imports.run.reading import VARIABLE, Reading
from gpuws.config.profiles.short_forms import is_path

_OPTIONS: Mapping[str, tuple[str, str]] = {
    **OPTIONS,
    "consistency": OPTIONS["consistent"],
    "bind-propagation": OPTIONS["rslave"],
    "U": ("owners of files are not changed", "chown them there"),
    "O": ("a profile has no overlays over directories", "read_only: true keeps them as they are"),
}
"""With what only `--mount` and podman say."""
_SILENT = SILENT | {"volume-driver=local", "bind-propagation=rprivate", "bind-propagation=private"}
_NAMES = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly"}
_TMPFS = {"tmpfs-size": "size", "tmpfs-mode": "mode"}


def volume(reading: Reading, value: str) -> None:
    """`[SOURCE:]TARGET[:OPTIONS]`."""
    source, *rest = value.split(":")
    if not rest:
        reading.add("volumes", {"type": "volume", "target": source})
        return
    if len(rest) > 2 or not rest[0] or not source:
        raise ValueError("expected SOURCE:TARGET or SOURCE:TARGET:ro")
    options = rest[1].split(",") if len(rest) == 2 else []
    _tell(reading, value, [one for one in options if one != "ro"])
    there = _source(reading, source)
    kind = "bind" if is_path(there) or there.startswith("${") else "volume"
    _mounted(reading, kind, there, rest[0], "ro" in options)


def mount(reading: Reading, value: str) -> None:
    """`type=…,source=…,target=…`, as CSV."""
    said, more = _fields(next(csv.reader([value]), []))
    kind, source, target = said.get("type", "volume"), said.get("source") or None, said.get("target", "")
    if kind not in ("bind", "volume", "tmpfs"):
        reading.lose("a profile mounts binds, volumes and memory", "", f"--mount {value}")
        return
    if not target or (kind == "bind" and not source):
        raise ValueError("expected type=bind,source=PATH,target=PATH")
    sizes = ",".join(f"{_TMPFS[key]}={more.pop(key)}" for key in _TMPFS if key in more)
    _tell(reading, value, [f"{key}={text}" if text else key for key, text in more.items()])
    read_only = said.get("readonly", "false") in ("", "true", "1")
    if sizes:
        reading.add("tmpfs", f"{target}:{sizes}{',ro' if read_only else ''}")
    else:
        _mounted(reading, kind, source and (_source(reading, source) if kind == "bind" else source), target, read_only)


def _fields(parts: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """What every mount may say, and the others."""
    said: dict[str, str] = {}
    more: dict[str, str] = {}
    for part in parts:
        key, _, text = part.partition("=")
        key = _NAMES.get(key.strip().lower(), key.strip().lower())
        (said if key in ("type", "source", "target", "readonly") else more)[key] = text
    return said, more


def _mounted(reading: Reading, kind: str, source: str | None, target: str, read_only: bool) -> None:
    check = check_for(source or "") if kind == "bind" else "exists"
    if kind == "tmpfs" or source is None or check != "exists" or ":" in f"{source}{target}":
        said = {"type": kind, "source": source, "target": target, "read_only": read_only, "check": check}
        usual = ("bind", None, False, "exists")
        reading.add("volumes", {key: value for key, value in said.items() if value not in usual})
    else:
        reading.add("volumes", f"{source}:{target}{':ro' if read_only else ''}")


def _source(reading: Reading, source: str) -> str:
    """My home there is `~`. Where a shell would have been there is no such place: it waits to be said."""
    if source == "${HOME}" or source.startswith("${HOME}/"):
        return f"~{source.removeprefix('${HOME}')}"
    if source in (".", "..") or source.startswith(("./", "../")):
        reading.expansions.setdefault("PWD", source)
        return f"${{PWD}}/{source.removeprefix('./')}" if source != "." else "${PWD}"
    return source


def _tell(reading: Reading, value: str, options: Iterable[str]) -> None:
    for option in options:
        if option not in _SILENT:
            why, instead = _OPTIONS.get(option.partition("=")[0], ("a profile can't say it", ""))
            shown = VARIABLE.sub(lambda found: reading.expansions.get(found[1], found[0]), value)
            reading.lose(why, instead, f"{option} of {shown}")
