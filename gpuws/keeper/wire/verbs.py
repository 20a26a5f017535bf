"""Which verbs of the fleet cross the socket, and the types of what they take and give. Names are the protocol's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import msgspec

from gpuws.fleet.base import Action, Signal
from gpuws.model.captured import Difference
from gpuws.model.draft import ProfileDraft
from gpuws.model.entry import Manner
from gpuws.model.history import GpuHistory
from gpuws.model.image import Image
from gpuws.model.kept_wait import KeptWait, WaitOrder
from gpuws.model.logs import LogWindow
from gpuws.model.plan import Check, Plan, Want
from gpuws.model.profile import ProfileSummary
from gpuws.model.terminal import Completed, Size
from gpuws.model.trust import Proposal
from gpuws.model.tunnel import Tunnel
from gpuws.model.workspace import PlaceRef, Ref

Kind = Literal["plain", "long", "terminal", "process", "stream"]
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verb:
    """`long`: reports progress and can be cancelled. The last three kinds open a stream of bytes."""

    takes: Mapping[str, Any] = field(default_factory=dict)
    gives: Any = None
    kind: Kind = "plain"


_IN_A_PLACE = {"place": PlaceRef, "argv": Words, "user": str | None, "cwd": str | None, "env": Words}

VERBS: Mapping[str, Verb] = {
    "candidates": Verb({}, Words),
    "add_hosts": Verb({"names": Words}),
    "history": Verb({"host": str}, tuple[GpuHistory, ...]),
    "checkup": Verb({"host": str, "idle_after": float}, tuple[Check, ...]),
    "signal": Verb({"host": str, "pid": int, "signal": Signal}),
    "profiles": Verb({}, tuple[ProfileSummary, ...]),
    "save_profile": Verb({"draft": ProfileDraft}, str),
    "profile_file": Verb({"name": str}, str),
    "propose": Verb({"profile": str}, Proposal),
    "accept": Verb({"proposal_id": str}),
    "plan": Verb({"host": str, "profile": str, "want": Want}, Plan),
    "launch": Verb({"plan": Plan}, Ref, "long"),
    "act": Verb({"ref": Ref, "action": Action, "force": bool, "grace": float | None}),
    "logs": Verb({"ref": Ref, "window": LogWindow}, kind="stream"),
    "inspect": Verb({"ref": Ref}, dict[str, object]),
    "images": Verb({"host": str}, tuple[Image, ...]),
    "pull_image": Verb({"host": str, "reference": str}, kind="long"),
    "remove_image": Verb({"host": str, "image_id": str, "force": bool}),
    "prune_images": Verb({"host": str}, int),
    "newer_image": Verb({"host": str, "reference": str}, bool | None),
    "capture": Verb({"ref": Ref, "compose": bool}, str),
    "save_captured": Verb({"ref": Ref, "name": str}, str),
    "drift": Verb({"ref": Ref}, tuple[Difference, ...]),
    "recreate": Verb({"ref": Ref}, Ref, "long"),
    "plan_clone": Verb({"ref": Ref, "host": str, "want": Want}, Plan),
    "run": Verb({"place": PlaceRef, "argv": Words, "timeout": float}, Completed),
    "popen": Verb(_IN_A_PLACE, kind="process"),
    "interactive": Verb({**_IN_A_PLACE, "size": Size, "term": str}, kind="terminal"),
    "attach": Verb(
        {"place": PlaceRef, "session": str | None, "size": Size, "term": str, "how": Manner | None}, kind="terminal"
    ),
    "new_session": Verb({"place": PlaceRef, "name": str}),
    "kill_session": Verb({"place": PlaceRef, "name": str}),
    "dial_engine": Verb({"host": str}, kind="stream"),
    "open_tunnel": Verb({"place": PlaceRef, "port": int, "local_port": int | None, "keep": bool}, Tunnel),
    "open_jupyter": Verb({"place": PlaceRef, "local_port": int | None, "keep": bool}, Tunnel),
    "close_tunnel": Verb({"tunnel_id": str}),
    "begin_wait": Verb({"order": WaitOrder, "environ": dict[str, str]}, KeptWait),
    "cancel_wait": Verb({"wait_id": str}),
}


SHOWN = frozenset(
    {"add_hosts", "signal", "launch", "act", "recreate", "new_session", "kill_session"}
    | {"open_tunnel", "open_jupyter", "close_tunnel", "begin_wait", "cancel_wait"}
)
"""What these did is to be seen by whoever looks, as soon as they return."""


@cache
def arguments_decoder(verb: str) -> msgspec.msgpack.Decoder[Any]:
    """Of the arguments as a map; gives a structure that has them as attributes."""
    takes = VERBS[verb].takes
    return msgspec.msgpack.Decoder(msgspec.defstruct(verb, list(takes.items()), forbid_unknown_fields=True))


@cache
def value_decoder(verb: str) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(VERBS[verb].gives)


def arguments(verb: str, data: bytes) -> dict[str, Any]:
    """What a client sent, checked. Raises msgspec.DecodeError, and KeyError where there is no such verb."""
    try:
        found = arguments_decoder(verb).decode(data)
    except UnicodeDecodeError as error:  # a name that is no text
        raise msgspec.DecodeError(str(error)) from error
    return {name: getattr(found, name) for name in VERBS[verb].takes}
