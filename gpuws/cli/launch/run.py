"""run: a container from an image with docker's flags, through the checks of launch; a profile where one is named."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gpuws.cli.launch.docker_words import END
from gpuws.cli.launch.launch import LaunchRequest, launch_profile, launch_recipe
from gpuws.cli.launch.profile import profile_owners
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.config.imports.draft import Draft
from gpuws.config.imports.run.arguments import read_arguments
from gpuws.config.imports.run.reading import Reading
from gpuws.config.imports.run.recipe import finished
from gpuws.config.imports.run.words import Word, literal
from gpuws.config.yaml.problems import ConfigProblems, nearest
from gpuws.model.errors import UsageError
from gpuws.model.profile.imported import Imported
from gpuws.model.profile.profile import Owner

_DOCKERS = ("capabilities=", "driver=", "options=")


def run_image(options: Options, words: Sequence[str], request: LaunchRequest, *, image: bool) -> int:
    """`words`: docker's FLAGS… -- IMAGE COMMAND…. `image`: IMAGE is one, whatever profile is called so."""
    at = words.index(END) if END in words else len(words)
    flags, called = words[:at], words[at + 1 :]
    if not image and called and _is_profile(options, called[0], plain=not flags and len(called) == 1):
        return launch_profile(options, replace(request, profile=called[0]))
    if request.gpus is not None and any(word in request.gpus for word in _DOCKERS):
        words, request = ["--gpus", request.gpus, *words], replace(request, gpus=None)
    recipe, given = read(words)
    for line in recipe.lost:
        note(str(line))
    gpus = request.gpus and request.gpus.replace('"', "")  # docker's program wants a list of GPUs in quotes
    return launch_recipe(options, replace(request, gpus=gpus), recipe.text, {**os.environ, **given})


def read(words: Sequence[str]) -> tuple[Imported, Mapping[str, str]]:
    """The profile, and values of variables that it only names. UsageError says what of it can't be."""
    given: dict[str, str] = {}
    reading = Reading(Draft(""), given=given, line=0, directory=Path.cwd())
    try:
        read_arguments([Word(literal(word), 0) for word in words], reading)
        recipe = finished(reading, shared=False)
    except ConfigProblems as error:
        wrong = "; ".join(str(problem).removeprefix(": ") for problem in error.problems)
        raise UsageError(wrong, "what is the command's stands behind --; see gpuws run --help") from error
    if reading.draft.waiting:
        where = next(line for line in recipe.lost if line.what in reading.expansions.values())
        raise UsageError(f"{where.what}: a path is one of the host's", "write it whole; ~ is your home there")
    return recipe, given


def _is_profile(options: Options, name: str, *, plain: bool) -> bool:
    """Mine or a built-in one; a shared one never takes an image's name. `plain`: nothing of docker's is said.

    UsageError where it is one, and docker's flags or a command are said: nobody knows which was meant."""
    owners: Mapping[str, Owner] = profile_owners(options)
    mine = [one for one, owner in owners.items() if owner != "shared"]
    if name in mine and plain:
        return True
    if name in mine:
        remedy = f"gpuws launch {name} --set KEY=VALUE changes it; --image says that the image {name} is meant"
        raise UsageError(f"{name} is a profile, which takes no flags or command of docker's", remedy)
    if name in owners:
        note(f"{name} is taken for an image; the shared profile of that name: gpuws launch {name}")
    elif not {"/", ":", "@"} & {*name} and (near := nearest(name, mine)):
        note(f"{name} is taken for an image; the profile {near}: gpuws launch {near}")
    return False
