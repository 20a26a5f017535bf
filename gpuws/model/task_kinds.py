"""What the verbs that become tasks are called for people, and which of them may be begun again. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gpuws.model.build.want import BuildWant
from gpuws.model.files.spot import Located
from gpuws.model.host.naming import labelled
from gpuws.model.placement.follow import Launched
from gpuws.model.placement.plan import Plan
from gpuws.model.units import count, size
from gpuws.model.workspace.workspace import Ref

Naming = Callable[[Ref], str]
"""What people call a workspace."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`title` and `host` are made from the verb's arguments by their names; `gained` from them and from what it gave.

    `again`: a keeper that finds it broken off begins it again, once: it makes nothing that could be there twice.
    `makes`: a workspace, which carries the task's mark from the moment it is there. `source`: another host that it
    reads; "": none. `engine`: the engines of these take part in it."""

    title: Callable[[Mapping[str, Any], Naming], str]
    host: Callable[[Mapping[str, Any]], str]
    gained: Callable[[Mapping[str, Any], Any, Naming], str] = lambda _given, _value, _name: ""
    again: bool = False
    makes: bool = False
    source: Callable[[Mapping[str, Any]], str] = lambda _given: ""
    engine: Callable[[Mapping[str, Any]], bool] = lambda _given: True


def _launch(given: Mapping[str, Any], name: Naming) -> str:
    plan: Plan = given["plan"]
    like = plan.asked.like if plan.asked else None
    return f"clone {name(like)} as {plan.spec.name}" if like else f"launch {plan.spec.name}"


def _launched(given: Mapping[str, Any], made: Launched | Ref, name: Naming) -> str:
    """What runs, or has ended already, and what torch did in it. It may not be listed yet; of a task of a process that
    is gone the plan is not known any more."""
    plan, ref = given.get("plan"), made.ref if isinstance(made, Launched) else made
    target = labelled(ref.host, plan.spec.name if isinstance(plan, Plan) else name(ref))
    if not isinstance(made, Launched):
        return target
    verified = f"; {made.verification.summary}" if made.verification else ""
    return f"{target} {made.ending}".rstrip() + verified


KINDS: Mapping[str, Kind] = {
    "launch": Kind(
        _launch,
        lambda given: given["plan"].host,
        _launched,
        makes=True,
    ),
    "recreate": Kind(
        lambda given, name: f"recreate {name(given['ref'])}",
        lambda given: given["ref"].host,
        lambda _given, ref, name: labelled(ref.host, name(ref)),
        makes=True,
    ),
    "verify": Kind(lambda given, name: f"verify {name(given['ref'])}", lambda given: given["ref"].host),
    "pull_image": Kind(
        lambda given, _name: f"pull {given['reference']}",
        lambda given: given["host"],
        lambda given, _none, _name: given.get("reference", ""),
        again=True,
    ),
    "build_image": Kind(
        lambda given, _name: f"build {given['want'].tag or given['want'].what}",
        lambda given: given["host"],
        lambda _given, image, _name: image or "",
        again=True,
    ),
    "copy_image": Kind(
        lambda given, _name: f"copy {given['reference']} from {given['source']}",
        lambda given: given["host"],
        lambda given, _none, _name: given.get("reference", ""),
        again=True,
        source=lambda given: str(given.get("source", "")),
    ),
    "copy_files": Kind(
        lambda given, _name: f"copy {_base(given['source'])} to {given['target'].spot.word}",
        lambda given: _place_of(given["target"]) or _place_of(given["source"]),
        lambda given, done, _name: f"{given['target'].spot.word}: {count(done.files, 'file')}, {size(done.size)}",
        again=True,
        source=lambda given: _place_of(given["source"]) if given.get("source") and _place_of(given["target"]) else "",
        engine=lambda given: any(end.place and end.place.workspace for end in (given["source"], given["target"])),
    ),
    "remove_image": Kind(lambda given, _name: f"remove image {_short(given['image_id'])}", lambda given: given["host"]),
}


def _base(source: Located) -> str:
    """What is copied, without where it lies."""
    return source.spot.word.rstrip("/").rpartition("/")[2] or source.spot.word


def _place_of(end: Located) -> str:
    return end.place.host if end.place else ""


def kind_of(verb: str) -> Kind:
    """Of a verb that is not in the table, what its arguments tell."""
    return KINDS.get(verb, Kind(lambda given, _: _plainly(verb, given), _some_host))


def environment_names(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of variables that these arguments brought a value of, or should have: a retry must have them, too."""
    found: set[str] = set()
    for value in given.values():
        if isinstance(value, Plan):
            found |= value.spec.environment.keys()
        elif isinstance(value, BuildWant):
            found |= {name for name, said in value.args.items() if said is None}
    return tuple(sorted(found))


def _plainly(verb: str, given: Mapping[str, Any]) -> str:
    subject = next((value for name, value in given.items() if isinstance(value, str) and name != "host"), "")
    return " ".join([*verb.split("_"), *([subject] if subject else [])])


def _some_host(given: Mapping[str, Any]) -> str:
    if isinstance(host := given.get("host"), str):
        return host
    return next((str(value.host) for value in given.values() if isinstance(value, Plan | Ref)), "")


def _short(image: str) -> str:
    return image.removeprefix("sha256:")[:12] if image.startswith("sha256:") else image
