"""`gpuws profiles`: saved recipes."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import BASE, REACH, argument, container, register, register_group
from gpuws.cli.toolkit.options import Options

LIST = ("json", *BASE)
Files = Annotated[list[str], argument("FILE", "A profile in YAML.", offers.files)]


def add_to(app: typer.Typer) -> None:
    group = register_group(
        app, "profiles", "Saved recipes for containers.", ls, *LIST,
        examples=("gpuws profiles", "gpuws profiles show pytorch-2.8-cu128"),
    )  # fmt: skip
    register(group, "ls", ls, *LIST, examples=("gpuws profiles ls", "gpuws profiles ls --json"))
    register(
        group, "show", show, *LIST,
        examples=("gpuws profiles show base", "gpuws profiles show base -H bravo --json"),
    )  # fmt: skip
    register(group, "check", check, *BASE, examples=("gpuws profiles check train.yaml",))
    register(
        group, "import", import_, "json", *BASE,
        examples=(
            "gpuws profiles import compose.yaml",
            "gpuws profiles import compose.yaml --service web --save web",
            "gpuws profiles import compose.yaml --json",
        ),
    )  # fmt: skip
    register(group, "schema", schema, examples=("gpuws profiles schema > profile.schema.json",))
    register(
        group, "capture", capture, *REACH,
        examples=(
            "gpuws profiles capture torch-dev",
            "gpuws profiles capture torch-dev --save my-torch",
            "gpuws profiles capture vllm --compose > compose.yaml",
        ),
    )  # fmt: skip


def ls(options: Options) -> int:
    """All profiles: built-in ones, the lab's, mine."""
    from gpuws.cli.profiles.profiles import list_profiles

    return list_profiles(options)


def show(
    options: Options,
    name: Annotated[str, argument("NAME", "As gpuws profiles lists it.", offers.profiles)],
    host: Annotated[
        str | None,
        typer.Option("--host", "-H", metavar="HOST", help="As it is on this host.", autocompletion=offers.hosts),
    ] = None,
) -> int:
    """The merged result, and where each value came from."""
    from gpuws.cli.profiles.profiles import show_profile

    return show_profile(options, name, host)


def check(options: Options, files: Files) -> int:
    """Say what is wrong with profile files."""
    from gpuws.cli.profiles.profiles import check_profiles

    return check_profiles(options, files)


def import_(
    options: Options,
    file: Annotated[str, argument("FILE", "Compose, docker run, devcontainer.json; - reads it here.", offers.files)],
    save: Annotated[
        str | None, typer.Option("--save", metavar="NAME", help="Make it a profile of mine; print where it is.")
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", metavar="NAME", help="Only this service of several.")
    ] = None,
) -> int:
    """Make a profile of a Compose file, a docker run line or a devcontainer.json.

    Nothing of it is run. What a profile can't say stands in front, a line each; secrets stand in it by name only."""
    from gpuws.cli.profiles.imports import import_recipe

    return import_recipe(options, file, save, service)


def schema(options: Options) -> int:  # noqa: ARG001 - it is the same everywhere
    """The JSON Schema of profile files, for editors."""
    from gpuws.cli.profiles.profiles import print_schema

    return print_schema()


def capture(
    options: Options,
    target: Annotated[str, container(offers.containers)],
    compose: Annotated[bool, typer.Option("--compose", help="A Compose file for that host instead.")] = False,
    save: Annotated[
        str | None, typer.Option("--save", metavar="NAME", help="Make it a profile of mine; print where it is.")
    ] = None,
) -> int:
    """Print the profile that makes a container like this one.

    Secrets stand in it by name only."""
    from gpuws.cli.workspaces.recipes import capture as print_capture

    return print_capture(options, target, compose=compose, save=save)
