"""How a container ended soon after its start: why, and what it said last, in words for whoever launched it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from gpuws.engines.docker.api.client import Client
from gpuws.engines.docker.existing.condition import condition
from gpuws.engines.docker.existing.logs import open_log
from gpuws.engines.docker.existing.parse import table
from gpuws.engines.docker.launch.tail import Tail
from gpuws.model.errors import GpuwsError
from gpuws.model.secret import HIDDEN, masked
from gpuws.model.text import ESCAPES, plain
from gpuws.model.workspace.logs import LogWindow

LINES = 10
"""How many of its last lines are shown."""
LINES_OF_A_JOB = 40
"""And of one that did its work: they are its result."""
WIDTH = 240
"""Characters of one of them."""
SHORTEST_SECRET = 6
"""Characters: shorter values stand in any text by chance."""
LOG_TIMEOUT = 5.0
_MEANINGS = {
    126: ("its command is there and can't be run", "see its rights (chmod +x), and that it is made for this machine"),
    127: ("its command is not there", "check the command, or choose an image that has it"),
}
"""What shells and Docker's init mean by a status, and what mends it."""


@dataclass(frozen=True, slots=True)
class Ending:
    """`after`: seconds from its start. `reason`: as lists of containers have it. `again`: the engine starts it anew.
    `lines`: what it wrote last, plain and without secrets; None where that can't be read. `gone`: it was removed with
    its end, and its log with it. `no_memory`: memory ran out in it."""

    code: int
    after: float
    reason: str
    again: bool = False
    policy: str = ""
    lines: tuple[str, ...] | None = ()
    gone: bool = False
    no_memory: bool = False

    @property
    def well(self) -> bool:
        """A short job that did what it should."""
        return self.code == 0 and not self.again


def ending(
    client: Client, container: str, code: int, after: float, secrets: Collection[str], tail: Tail | None = None
) -> Ending:
    """`code`: as its end was told. `secrets`: values that are not to be shown. `tail`: what it wrote, where its log
    goes with it."""
    most = LINES if code else LINES_OF_A_JOB
    if tail is not None:
        return Ending(code, after, _reason(code, {}), lines=shown(tail.text(), secrets, most), gone=True)
    with client.errors():
        told = client.inspect(container)
    state = table(told.get("State"))
    policy = table(table(told.get("HostConfig")).get("RestartPolicy"))
    tty = bool(table(told.get("Config")).get("Tty"))
    return Ending(
        code,
        after,
        _reason(code, state),
        again=state.get("Restarting") is True or bool(told.get("RestartCount")),
        policy=str(policy.get("Name") or ""),
        lines=last_lines(client, container, secrets, most, tty=tty),
        no_memory=state.get("OOMKilled") is True,
    )


def failure(ending: Ending, target: str) -> GpuwsError:
    """What is said of it. `target`: HOST/CONTAINER."""
    text = f"{target} ended {ending.after:.1f} s after its start: {ending.reason}"
    if ending.again:
        text = f"{text}; Docker starts it again and again (restart: {ending.policy})"
    return GpuwsError(text + silence(ending.lines), _remedy(ending, target), ending.lines or ())


def new_failed(ending: Ending, target: str) -> GpuwsError:
    """Of one that was to take another's place: it goes, and its log with it."""
    text = f"the new {target} ended {ending.after:.1f} s after its start: {ending.reason}"
    remedy = "the old one is back; mend its image or its command first"
    return GpuwsError(text + silence(ending.lines), remedy, ending.lines or ())


def silence(lines: Collection[str] | None) -> str:
    """Why nothing that the program wrote stands under a sentence; "" where something does."""
    return "; what it wrote can't be read" if lines is None else "" if lines else "; it wrote nothing"


def last_lines(
    client: Client, container: str, secrets: Collection[str], most: int = LINES, *, tty: bool
) -> tuple[str, ...] | None:
    """Of its log; None where that can't be read."""
    try:
        with client.errors(), closing(open_log(client, container, LogWindow(tail=3 * most), tty=tty)) as log:
            log.settimeout(LOG_TIMEOUT)
            said = b"".join(iter(log.recv, b"")).decode(errors="replace")
    except GpuwsError:
        return None
    return shown(said, secrets, most)


def shown(said: str, secrets: Collection[str], most: int = LINES) -> tuple[str, ...]:
    """Of what a program wrote, the last lines with something in them: plain, and without secrets."""
    hidden = sorted((value for value in secrets if len(value) >= SHORTEST_SECRET), key=len, reverse=True)
    for value in hidden:
        said = said.replace(value, HIDDEN)
    lines = (ESCAPES.sub("", _overwritten(line)) for line in masked(said).split("\n"))
    return tuple(_clean(line) for line in lines if line.strip())[-most:]


def _overwritten(line: str) -> str:
    """As a terminal shows it in the end: a progress bar writes over itself."""
    return line.rstrip("\r").rpartition("\r")[2]


def _clean(line: str) -> str:
    """With the room before it: tracebacks are read by their indents."""
    indent = line[: len(line) - len(line.lstrip())].expandtabs(4)
    return f"{' ' * len(indent)}{plain(line, WIDTH)}"


def _reason(code: int, state: Mapping[str, Any]) -> str:
    told = {"ExitCode": code, "OOMKilled": state.get("OOMKilled"), "Error": state.get("Error")}
    reason = condition("exited", "", told).reason or f"exited {code}"
    return f"{reason}, {_MEANINGS[code][0]}" if code in _MEANINGS else reason


def _remedy(ending: Ending, target: str) -> str:
    if ending.gone:
        return (
            _MEANINGS[ending.code][1] if ending.code in _MEANINGS else "it is gone, as --rm says, and its log with it"
        )
    if ending.again:
        return f"gpuws stop {target} ends that; gpuws logs {target} has all it wrote"
    if ending.no_memory:
        return f"raise mem_limit, or have it use less; gpuws logs {target} has all it wrote"
    if ending.code in _MEANINGS:
        return _MEANINGS[ending.code][1]
    return "" if ending.lines is None else f"gpuws logs {target} has all it wrote"
