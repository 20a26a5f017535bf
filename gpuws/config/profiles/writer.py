"""Profiles that gpuws writes into my directory: a form's, and the file that an editor opens.

Every fleet holds one: what it takes to write is loaded when something is written."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpuws.config.load import load_configuration
from gpuws.config.paths import Paths
from gpuws.config.profiles.profiles import ProfileStore, store_of
from gpuws.config.profiles.search import first_named
from gpuws.config.yaml.scalars import resolve
from gpuws.model.errors import UsageError
from gpuws.model.host.host import NAME

if TYPE_CHECKING:
    from gpuws.model.profile.draft import ProfileDraft

SCHEMA = "profile.schema.json"
_HEADER = """\
# yaml-language-server: $schema=../{schema}
# What is not said here is as in {base}: maps merge, lists replace, `key+` appends, `key: null` takes away.
# `gpuws profiles show {name}` says where each value comes from, `gpuws profiles check` what is wrong.
"""
# Key, what it is for, and what it may look like.
_COMMON = (
    ("gpus", "Which GPUs that nobody holds: a count, or what they must have.", "{count: 2, memory: 40g, model: H100}"),
    ("gpu_memory", "Most memory of each GPU. Docker can't limit it: gpuws watches, and warns or stops.", "40g"),
    ("mem_limit", "RAM. The container is ended, not the host's other work, when it wants more.", "128g"),
    ("shm_size", "/dev/shm, where data loaders and NCCL meet; counts against mem_limit as it is used.", "32g"),
    ("cpus", "CPUs' time.", "16"),
    ("working_dir", "Where its programs start.", "/workspace"),
    ("volumes+", "Directories of the host, beside those it has; ~ is my home there.", '["/data/sets:/data/sets:ro"]'),
    ("ports+", "Ports worth a tunnel. PUBLISHED:PORT opens one on the host's 127.0.0.1.", "[6006]"),
    ("environment", "Variables; null takes the value from my environment at launch.", "{WANDB_API_KEY: null}"),
)


@dataclass(frozen=True, slots=True)
class OwnProfiles:
    """My directory, beside those that the configuration names in this moment."""

    paths: Paths
    environ: Mapping[str, str]

    def save(self, draft: ProfileDraft) -> Path:
        return save_profile(draft, self.paths.profiles_dir, self._store())

    def save_text(self, name: str, text: str) -> Path:
        headed = f"# yaml-language-server: $schema=../{SCHEMA}\n{text}"
        return save_text(name, headed, self.paths.profiles_dir, self._store())

    def may_save(self, name: str, text: str) -> None:
        """UsageError where `save_text` would not write it."""
        checked(name, text, self.paths.profiles_dir, self._store())

    def file_to_edit(self, name: str) -> Path:
        return file_to_edit(name, self.paths.profiles_dir, self._store())

    def discard_unedited(self, name: str) -> bool:
        return discard_unedited(name, self.paths.profiles_dir)

    def _store(self) -> ProfileStore:
        return store_of(load_configuration(self.paths, self.environ), self.environ)


def profile_text(draft: ProfileDraft) -> str:
    """The draft as a commented file; what it leaves open stands there as a comment to fill in."""
    from gpuws.config.profiles.yaml import escaped
    from gpuws.config.yaml.emit import block

    text = _HEADER.format(schema=SCHEMA, base=draft.base, name=draft.name)
    if draft.description:
        text += block("description", escaped(draft.description))
    text += block("extends", draft.base)
    values = _values(draft)
    for key, meaning, example in _COMMON:
        said = block(key, escaped(values[key])) if values[key] else f"# {key}: {example}\n"
        text += f"\n# {meaning}\n{said}"
    return text


def save_profile(draft: ProfileDraft, mine: Path, store: ProfileStore) -> Path:
    """Write the draft into `mine`, once it is known to be right. UsageError tells of every field that is not."""
    return save_text(draft.name, profile_text(draft), mine, store)


def save_text(name: str, text: str, mine: Path, store: ProfileStore) -> Path:
    """Write a profile file into `mine`, once it is known to be right; one that is there is never written over."""
    path = checked(name, text, mine, store)
    _write(path, text)
    return path


def checked(name: str, text: str, mine: Path, store: ProfileStore) -> Path:
    """The file that the profile would be written into; UsageError where it is wrong, or one of that name is there."""
    path = mine / f"{name}.yaml"
    if not NAME.match(name):
        raise UsageError(f"{name!r} can't be a profile's name", "use letters, digits, dots, dashes, underscores")
    if first_named((mine,), name):
        raise UsageError(f"you have a profile {name} already", "choose another name, or edit that one")
    store.searching_first(mine).check(path, text)
    return path


def file_to_edit(name: str, mine: Path, store: ProfileStore) -> Path:
    """The file for an editor. A profile that is not mine is left alone: mine extends it, under the same name."""
    found, stem = store.find(name), name.rpartition("/")[2]
    if there := first_named((mine,), stem):
        if found == there:
            return there
        raise UsageError(f"you have a profile {stem} already", f"extend {name} there, or in one of another name")
    path = mine / f"{stem}.yaml"
    _write(path, _to_edit(name))
    return path


def discard_unedited(name: str, mine: Path) -> bool:
    """Take away what `file_to_edit` made for that profile, where nothing was written into it. Whether it was."""
    path = mine / f"{name.rpartition('/')[2]}.yaml"
    try:
        if path.read_text("utf-8") != _to_edit(name):
            return False
        path.unlink()
    except (OSError, UnicodeDecodeError):  # what can't be read, or is gone, was edited
        return False
    with contextlib.suppress(OSError):  # where it was the only one, its folder and what was made for it
        mine.rmdir()
        (mine.parent / SCHEMA).unlink()
    return True


def _to_edit(name: str) -> str:
    """A file that extends the profile and says nothing yet."""
    from gpuws.model.profile.draft import ProfileDraft

    return profile_text(ProfileDraft(name.rpartition("/")[2], name))


def _write(path: Path, text: str) -> None:
    from gpuws.config.files import write_atomically
    from gpuws.config.schema import json_schema

    write_atomically(path.parent.parent / SCHEMA, json.dumps(json_schema(), indent=1) + "\n")
    write_atomically(path, text)


def _values(draft: ProfileDraft) -> dict[str, Any]:
    """As YAML has them; a text that is none of a key's forms stays, so that its check tells of it."""
    return {
        "gpus": _gpus(draft.gpus),
        "gpu_memory": draft.gpu_memory,
        "mem_limit": draft.mem_limit,
        "shm_size": draft.shm_size,
        "cpus": resolve(draft.cpus),
        "working_dir": draft.working_dir,
        "volumes+": list(draft.volumes),
        "ports+": [resolve(port) if port.isdecimal() else port for port in draft.ports],
        "environment": dict(draft.environment),
    }


def _gpus(text: str) -> Any:
    if not text:
        return None
    from gpuws.config.profiles.yaml import gpus_value
    from gpuws.model.profile.gpu_spec import parse_gpus

    try:
        wish = parse_gpus(text)
    except UsageError:
        return text
    return "none" if wish.none else gpus_value(wish)
