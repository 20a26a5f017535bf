"""What a task's log says of each step: lines for people, without what is secret in them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from gpuws.model import units
from gpuws.model.build.want import BuildWant
from gpuws.model.placement.plan import Plan, Progress
from gpuws.model.secret import HIDDEN, is_secret, masked
from gpuws.model.text import plain
from gpuws.model.workspace.image import LayerProgress

LONGEST = 1000
"""Characters of a line."""
COUNTED = frozenset({"sending"})
"""Stages whose text only says how much is done: it comes ten times a second."""
SHORTEST = 4
"""Characters of a value that is looked for in lines: shorter ones stand in many words by chance."""


def lines_of(before: Progress | None, now: Progress) -> Iterator[str]:
    """What `now` tells that `before` did not. Layers speak when they enter another phase, not with every byte."""
    if now.layers:
        known = {layer.id: layer.phase for layer in before.layers} if before else {}
        if before is None or before.stage != now.stage:
            yield now.stage
        yield from (_layer(one) for one in now.layers if known.get(one.id, "waiting") != one.phase)
    elif before is None or before.stage != now.stage or (before.text != now.text and now.stage not in COUNTED):
        yield now.text if now.stage == "building" and now.text else f"{now.stage} {now.text}".rstrip()


def _layer(layer: LayerProgress) -> str:
    size = "" if layer.total is None else f" {units.size(layer.total)}"
    return f"layer {layer.id[:12]}: {layer.phase}{size}"


def hiding(given: Mapping[str, Any]) -> Callable[[str], str]:
    """Makes a line fit to be kept: one line, and no secret that these arguments of a verb hold."""
    values = sorted(_secrets(given.values()), key=len, reverse=True)

    def fit(line: str) -> str:
        for value in values:
            line = line.replace(value, HIDDEN)
        return plain(masked(line), LONGEST)

    return fit


def _secrets(arguments: Collection[Any]) -> set[str]:
    found: set[str] = set()
    for plan in arguments:
        if isinstance(plan, BuildWant):
            pairs = {**plan.environ, **{name: value for name, value in plan.args.items() if value is not None}}
            named = {name for name, value in plan.args.items() if value is None}
            found |= {value for name, value in pairs.items() if name in named or is_secret(name, value)}
        if isinstance(plan, Plan):
            build = plan.spec.profile.build
            found |= {plan.spec.environment[name] for name in plan.spec.secret_names & plan.spec.environment.keys()}
            given = build.args.items() if build else ()
            taken = build.taken if build else ()
            found |= {value for name, value in given if name in taken or is_secret(name, value)}
    return {value for value in found if len(value) >= SHORTEST}
