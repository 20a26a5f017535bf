"""Every way to ask for GPUs: `gpus:` of a profile, and `--gpus SPEC` (INTERFACE §2, §3). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import get_args

from gpuws.model import units
from gpuws.model.errors import UsageError
from gpuws.model.gpu.reading import UUID, UUID_TEXT
from gpuws.model.profile.profile import GpuPolicy, GpuWish
from gpuws.model.query.nearest import meant
from gpuws.model.sizes import parse_size

FORMS = "all, none, a count, a list of indices or UUIDs, or a map of count, memory, model, policy"
SPECS = "all | none | N | device=0,1 | device=GPU-uuid,… | count=2,memory=40GiB,model=H200,policy=pack"
_WORDS = ("count", "memory", "model", "policy")
_POLICIES: tuple[GpuPolicy, ...] = get_args(GpuPolicy)
_MOST = 1024  # GPUs of one host; more is a slip of the finger
# The same for editors, as JSON Schema.
_NUMBER = r"\s*(?:0{0,6}[0-9]{1,3}|0{0,5}1(?:0[01][0-9]|02[0-4]))\s*"
COUNT = {"type": ["integer", "string"], "minimum": 0, "maximum": _MOST, "pattern": f"^(?:{_NUMBER})$"}
_INDEX = {"type": ["integer", "string"], "minimum": 0, "maximum": 999_999_999, "pattern": r"^(?:\s*[0-9]{1,9}\s*)$"}
_NAMED = {"type": "string", "pattern": rf"^(?:\s*(?:{UUID_TEXT})\s*)$"}
FORMS_SCHEMA = {
    "anyOf": [
        {**COUNT, "pattern": f"^(?:all|none|{_NUMBER})?$"},
        *({"type": "array", "minItems": 1, "uniqueItems": True, "items": item} for item in (_INDEX, _NAMED)),
    ]
}


def wish(value: object) -> GpuWish:
    """A word, a count or a list, as `gpus:` of a profile has them. ValueError says what was expected."""
    match value:
        case None | "none" | "":
            return GpuWish()
        case "all":
            return GpuWish(all=True)
        case bool():
            raise ValueError(f"expected {FORMS}")
        case int() | str():
            return GpuWish(count=count(value))
        case list() | tuple():
            return _listed(value)
    raise ValueError(f"expected {FORMS}")


def parse_gpus(spec: str, asked: str = "--gpus") -> GpuWish:
    """A SPEC, as it was `asked` for. UsageError otherwise."""
    text = spec.strip()
    try:
        if text.startswith("device="):
            return _listed(text.removeprefix("device=").split(","))
        if "=" not in text:
            return wish(text or "?")
        pairs = [part.partition("=") for part in text.split(",")]
        if len({key for key, _, _ in pairs}) < len(pairs):
            raise ValueError("a word stands twice")
        return _described({key.strip(): word.strip() for key, _, word in pairs})
    except ValueError as error:
        raise UsageError(f"{asked} {spec}: {error}", f"write {SPECS}") from error


def spec(wish: GpuWish) -> str:
    """The SPEC that `parse_gpus` reads as this wish."""
    if wish.explicit:
        named = wish.uuids or tuple(str(index) for index in wish.indices)
        return "all" if wish.all else f"device={','.join(named)}"
    beyond = {
        "memory": str(wish.memory) if wish.memory is not None else "",
        "model": wish.model or "",
        "policy": "" if wish.policy == "free" else wish.policy,
    }
    said = [f"{word}={text}" for word, text in beyond.items() if text]
    if wish.none:
        return "none"
    return ",".join([f"count={wish.count}", *said]) if said else str(wish.count)


def describe(wanted: GpuWish) -> str:
    """A wish in a few words, for a row: `2 × H100|H200, 40G`."""
    if wanted.none:
        return "none"
    if wanted.all:
        return "all"
    if wanted.indices or wanted.uuids:
        return ", ".join([*map(str, wanted.indices), *wanted.uuids])
    text = f"{wanted.count} × {wanted.model}" if wanted.model else str(wanted.count)
    text += f", {units.size(wanted.memory)}" if wanted.memory else ""
    return text if wanted.policy == "free" else f"{text}, {wanted.policy}"


def count(value: object) -> int:
    """How many GPUs."""
    text = str(value).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= _MOST):
        raise ValueError(f"expected {FORMS}")
    return int(text)


def _listed(items: Sequence[object]) -> GpuWish:
    if any(isinstance(item, Mapping) for item in items):
        raise ValueError(f"{_of_compose(items)} instead of Compose's list of devices")
    words = ["" if isinstance(item, bool) else str(item).strip() for item in items]
    if not words:
        raise ValueError("the list names no GPU; write none for no GPU")
    indices = all(word.isascii() and word.isdigit() and len(word) < 10 for word in words)
    if len({int(word) for word in words} if indices else set(words)) < len(words):
        raise ValueError("a GPU stands twice")
    if indices:
        return GpuWish(indices=tuple(int(word) for word in words))
    if all(UUID.match(word) for word in words):
        return GpuWish(uuids=tuple(words))
    raise ValueError("expected indices (0, 1) or UUIDs (GPU-…, MIG-…), not both")


def _of_compose(items: Sequence[object]) -> str:
    """What a list as `deploy…devices` has it means."""
    first = items[0] if isinstance(items[0], Mapping) else {}
    ids, many = first.get("device_ids"), first.get("count", "all")
    if isinstance(ids, list) and ids:
        return f"write gpus: [{', '.join(map(str, ids))}]"
    return f"write gpus: {many}"


def _described(value: Mapping[str, str]) -> GpuWish:
    for key in value:
        if key not in _WORDS:
            hint = meant(key, _WORDS)
            raise ValueError(f"unknown word {key!r}" + (f" ({hint})" if hint else ""))
    return GpuWish(
        count=count(value.get("count", 1)),
        memory=memory(value.get("memory")),
        model=model(value.get("model")),
        policy=_policy(value.get("policy", "free")),
    )


def _policy(value: str) -> GpuPolicy:
    found = next((policy for policy in _POLICIES if policy == value), None)
    if found is None:
        raise ValueError(f"expected policy {', '.join(_POLICIES)}")
    return found


def memory(value: object) -> int | None:
    """Bytes that must be free."""
    return None if value is None else parse_size(value)


def model(value: object) -> str | None:
    """A regular expression for a GPU's name."""
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise ValueError("expected part of a GPU's name, such as H100|H200")
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value
