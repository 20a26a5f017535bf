"""What Podman can do, and what people type for it: docker's words, but for making a container anew."""

from __future__ import annotations

from dataclasses import fields, replace

from gpuws.engines.docker.caps import CAPS as DOCKER
from gpuws.model.workspace.engine import Caps, Commands

NO_RECIPES = "Podman does not tell with which GPUs, rights and limits a container was made"
"""Its `inspect` leaves device requests out, and shows defaults as if somebody had asked for them (5.4)."""


def _podmans(commands: Commands) -> Commands:
    words = {field.name: getattr(commands, field.name).replace("docker ", "podman ") for field in fields(commands)}
    return replace(commands, **{**words, "recreate": "", "recreate_running": ""})


CAPS: Caps = replace(DOCKER, recipes=NO_RECIPES, commands=_podmans(DOCKER.commands))
