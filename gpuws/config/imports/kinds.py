"""What kind of recipe a text is, by its first words: told quickly, before any of it is read. Pure."""

from __future__ import annotations

import re
from typing import Literal

from gpuws.config.imports.run.places import places

Kind = Literal["compose", "devcontainer", "run", "profile"]

CALLED: dict[Kind, str] = {
    "compose": "a Compose file",
    "devcontainer": "a devcontainer.json",
    "run": "a docker run line",
    "profile": "a profile",
}

_COMMENT = re.compile(r"\A(?:\s+|#[^\n]*(?:\n|\Z)|//[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)
_KEY = re.compile(r"^[\"']?([A-Za-z_][\w.+-]*)[\"']?[ \t]*:(?=\s|\Z)", re.MULTILINE)
_JSON_KEY = re.compile(r'"(services|[A-Za-z]\w*)"\s*:')
_OF_COMPOSE = frozenset({"services"})
_OF_DEVCONTAINER = frozenset(
    (
        *(
            "name",
            "image",
            "build",
            "dockerFile",
            "dockerComposeFile",
            "runArgs",
            "appPort",
            "forwardPorts",
            "features",
        ),
        *("containerEnv", "remoteEnv", "remoteUser", "containerUser", "workspaceFolder", "workspaceMount"),
        *("postCreateCommand", "customizations", "hostRequirements", "overrideCommand"),
    )
)
_EMPTY = r"[ \t]*(?:#[^\n]*)?\n"
_OLD_SERVICE = re.compile(
    rf"^(?!services\b|x-|version\b)[A-Za-z][\w.-]*:(?:{_EMPTY})+[ \t]+(?:image|build|container_name)[ \t]*:",
    re.MULTILINE,
)
"""A service of the first version: they stand at the file's top."""


def kind_of(text: str) -> Kind | None:
    """None: it is none of those, or nothing can be told."""
    start = _COMMENT.sub("", text.removeprefix("\ufeff"), count=1)
    if start.startswith("{"):
        return _of_json(start)
    keys = {match[1] for match in _KEY.finditer(text)}
    if keys & _OF_COMPOSE:
        return "compose"
    if places(text) and not _KEY.match(start):
        return "run"
    if keys & _profile_keys():
        return "profile"
    return "compose" if _OLD_SERVICE.search(text) else None


def foreign(text: str) -> str | None:
    """What a text is that is plainly no profile: "a Compose file"."""
    kind = kind_of(text)
    return None if kind is None or kind == "profile" else CALLED[kind]


def _of_json(text: str) -> Kind | None:
    keys = {match[1] for match in _JSON_KEY.finditer(text)}
    if "services" in keys and "dockerComposeFile" not in keys:
        return "compose"
    return "devcontainer" if keys & _OF_DEVCONTAINER else None


def _profile_keys() -> frozenset[str]:
    from dataclasses import fields

    from gpuws.model.profile.profile import OF_THE_FILE, Profile

    keys = {one.name for one in fields(Profile)} - OF_THE_FILE - {"name"}
    return frozenset({*keys, *(f"{key}+" for key in keys), "extends", "env_file", "hosts"})
