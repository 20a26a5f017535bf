"""What a container runs, as whom and with which environment, in Docker's words. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gpuws.engines.docker.existing.gpus import VISIBLE
from gpuws.engines.docker.options.option import Inspected
from gpuws.model.gpu import memory_cap
from gpuws.model.placement.plan import ContainerSpec
from gpuws.model.secret import Hiding, is_secret, masked, masked_words, secret_names

COMPOSE = "com.docker.compose."
SET = "set"
_TOOLS = ("gpuws.", COMPOSE, "desktop.docker.io/")
_USER = re.compile(r"(?:\d{1,10}|[A-Za-z_][\w.-]{0,31})(?::(?:\d{1,10}|[A-Za-z_][\w.-]{0,31}))?\Z", re.ASCII)


def program_words(spec: ContainerSpec) -> Iterator[str]:
    """What stands after the image: `--entrypoint` takes one word, so the others lead the command."""
    entrypoint = spec.profile.entrypoint
    yield from masked_words([*(entrypoint or ())[1:], *(spec.command or ())])


def entrypoint_words(entrypoint: tuple[str, ...]) -> tuple[str, ...]:
    return (entrypoint[0] if entrypoint else "",)


def shown_words(words: tuple[str, ...]) -> str:
    return masked(shlex.join(words))


def service_words(words: tuple[str, ...] | None) -> list[str] | None:
    return None if words is None else list(masked_words(words))


def service_entrypoint(told: Inspected) -> list[str] | None:
    return [""] if told.mine.entrypoint == () else service_words(told.mine.entrypoint)


def user(told: Inspected) -> str:
    """What profiles mean otherwise can't be a name of the image's there."""
    user = told.mine.user
    if user is None:
        return "image"
    if user in ("0", "0:0", "root", "root:root", "0:root"):
        return "root"
    return user if _sayable(user) else "image"


def named_user(told: Inspected) -> Iterator[str]:
    user = told.mine.user
    if user and not _sayable(user):
        yield f"--user: {user} (the image's own user is written)"


def _sayable(user: str) -> bool:
    return bool(_USER.match(user)) and user not in ("host", "image")


def groups(spec: ContainerSpec) -> tuple[str, ...]:
    """My own there, then what the profile adds."""
    return tuple(dict.fromkeys((*map(str, spec.groups), *spec.profile.group_add)))


def environment_words(spec: ContainerSpec) -> Iterator[str]:
    """`-e NAME` takes the value from the environment of whoever types it."""
    for file in spec.env_files:
        yield from ("--env-file", file)
    for name, value in spec.environment.items():
        if name not in spec.filed_names:
            yield from ("-e", name if name in spec.secret_names else f"{name}={value}")


def service_environment(told: Inspected) -> dict[str, str | None]:
    """Null takes the value from the environment of whoever calls Compose."""
    named = secret_names(told.mine.labels)
    values = told.mine.environment.items()
    return {name: None if name in named or is_secret(name, value) else value for name, value in values}


def hidden(values: Mapping[str, str | None], secret: Collection[str]) -> dict[str, str | None]:
    """Secrets only as set or not set: their values are not shown, and ours may be a new one each time."""
    return {
        name: SET if name in secret or is_secret(name, value or "") else value
        for name, value in values.items()
        if name != VISIBLE
    }


def label_words(labels: Mapping[str, str]) -> list[str]:
    return [f"{key}={value}" for key, value in Hiding().of(dict(labels)).items()]


def labels(told: Inspected) -> dict[str, str]:
    return {key: text for key, text in sorted(told.mine.labels.items()) if not by_tools(key)}


def service_labels(told: Inspected) -> dict[str, str]:
    """Tools write their own anew; but gpuws watches for the cap that stands in a label, whoever made the container."""
    return {
        name: text
        for name, text in told.mine.labels.items()
        if name == memory_cap.LABEL or not (by_tools(name) or is_secret(name, text))
    }


def by_tools(name: str) -> bool:
    """Whether a tool sets that label for its own bookkeeping: on another container it would be a lie."""
    return name.startswith(_TOOLS)


def compose_labels(told: Inspected) -> Iterator[str]:
    if any(name.startswith(COMPOSE) for name in told.mine.labels):
        yield "labels of Compose: `docker compose` will not know what the profile makes"


def env_lines(values: Mapping[str, Any]) -> list[str]:
    return [f"{name}={value}" for name, value in values.items()]
