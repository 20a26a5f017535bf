"""What of a container's configuration is its own, and what it only has from its image. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gpuws.engines.docker.existing.parse import rows, table

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """None and nothing: as the image says. `user` and `working_dir` only where they differ from the image's."""

    environment: Mapping[str, str]
    labels: Mapping[str, str]
    command: Words | None
    entrypoint: Words | None
    user: str | None
    working_dir: str | None
    exposed: tuple[str, ...]  # PORT/PROTOCOL
    volumes: tuple[str, ...]  # targets of anonymous volumes


def own(config: Mapping[str, Any], image: Mapping[str, Any]) -> Own:
    """`config` and `image`: the `Config` of a container and of its image, as inspected."""
    command, entrypoint = _program(config, image)
    return Own(
        environment=_beyond(variables(config), variables(image)),
        labels=_beyond(texts(config.get("Labels")), texts(image.get("Labels"))),
        command=command,
        entrypoint=entrypoint,
        user=_other(config, image, "User"),
        working_dir=_other(config, image, "WorkingDir"),
        exposed=_added(config, image, "ExposedPorts"),
        volumes=_added(config, image, "Volumes"),
    )


def variables(config: Mapping[str, Any]) -> dict[str, str]:
    pairs = (str(item).partition("=") for item in rows(config.get("Env")))
    return {name: value for name, _, value in pairs if name}


def texts(value: object) -> dict[str, str]:
    return {str(key): str(text) for key, text in table(value).items()}


def words(value: object) -> Words:
    return tuple(str(word) for word in rows(value))


def _program(config: Mapping[str, Any], image: Mapping[str, Any]) -> tuple[Words | None, Words | None]:
    """Command and entry point. An entry point of its own takes the image's command away, as in the engine."""
    command, entrypoint = words(config.get("Cmd")), words(config.get("Entrypoint"))
    if entrypoint == words(image.get("Entrypoint")):
        if command == words(image.get("Cmd")):
            return None, None
        if command:
            return command, None
    return command or None, entrypoint


def _beyond(values: Mapping[str, str], image: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if image.get(name) != value}


def _other(config: Mapping[str, Any], image: Mapping[str, Any], key: str) -> str | None:
    value = str(config.get(key) or "")
    return value if value and value != str(image.get(key) or "") else None


def _added(config: Mapping[str, Any], image: Mapping[str, Any], key: str) -> Words:
    return tuple(sorted(table(config.get(key)).keys() - table(image.get(key)).keys()))
