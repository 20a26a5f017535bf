"""`gpuws images`: what the hosts' engines hold."""

from __future__ import annotations

from typing import Annotated

import typer

from gpuws.cli.toolkit import offers
from gpuws.cli.toolkit.grammar import CHANGE, CONFIRMED, LISTING, SELECT, Hosts, argument, register, register_group
from gpuws.cli.toolkit.options import Options

References = Annotated[list[str], argument("IMAGE", "NAME:TAG, or an id.")]


def add_to(app: typer.Typer) -> None:
    group = register_group(
        app, "images", "Images of the hosts' engines: list, fetch, copy, remove.", everywhere, *LISTING,
        examples=("gpuws images", "gpuws images pull -H alpha registry:2"),
    )  # fmt: skip
    register(group, "ls", ls, *LISTING, examples=("gpuws images ls", "gpuws images ls alpha --json"))
    register(
        group, "pull", pull, *SELECT, "json", "allow_partial", *CHANGE,
        examples=(
            "gpuws images pull -H alpha registry:2",
            "gpuws images pull -H alpha -H bravo registry:2 python:3.12",
        ),
    )  # fmt: skip
    register(
        group, "copy", copy, "host", "json", "yes", *CHANGE,
        examples=(
            "gpuws images copy vllm/vllm-openai:v0.11.0 -H foxtrot -H alpha",
            "gpuws images copy registry:2 -H bravo -H alpha -H foxtrot --dry-run",
        ),
    )  # fmt: skip
    register(
        group, "build", build, *SELECT, "json", "allow_partial", *CHANGE,
        examples=(
            "gpuws images build pytorch-2.8-cu128 -H alpha -H bravo",
            "gpuws images build base -H alpha --no-cache --dry-run",
        ),
    )  # fmt: skip
    register(
        group, "rm", rm, *SELECT, "json", *CONFIRMED,
        examples=("gpuws images rm -H alpha --yes nvcr.io/nvidia/pytorch:25.03-py3",),
    )  # fmt: skip
    register(
        group, "prune", prune, *SELECT, "json", "yes", *CHANGE,
        examples=("gpuws images prune --dry-run alpha", "gpuws images prune --yes alpha bravo"),
    )  # fmt: skip
    register(
        group, "check", check, *LISTING,
        examples=("gpuws images check -H alpha", "gpuws images check -H foxtrot vllm/vllm-openai:v0.11.0"),
    )  # fmt: skip


def everywhere(options: Options) -> int:
    """Images of the hosts' engines."""
    return ls(options)


def ls(options: Options, hosts: Hosts = []) -> int:  # noqa: B006 - Typer copies it
    """Images of every host: size, age, and who uses them."""
    from gpuws.cli.images.images import list_images

    return list_images(options, hosts)


def pull(options: Options, images: References) -> int:
    """Fetch images, on several hosts at once.

    With the login that docker login left on this workstation; Ctrl-C cancels."""
    from gpuws.cli.images.images import pull_images

    return pull_images(options, images)


def copy(options: Options, images: References) -> int:
    """Bring images from one host to others, without a registry.

    From the first -H to each of the others. Layers that are there already are not sent, so a copy that broke off
    goes on where it was when it is begun again."""
    from gpuws.cli.images.copying import copy_images

    return copy_images(options, images)


def build(
    options: Options,
    what: Annotated[
        str, argument("PROFILE|DIR", "As gpuws profiles lists it, or a directory here.", offers.profiles_or_folders)
    ],
    name: Annotated[
        str | None, typer.Option("--name", "-t", metavar="NAME:TAG", help="What it is called; a DIR needs it.")
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", metavar="FILE", help="The Dockerfile, else the one in DIR.")
    ] = None,
    target: Annotated[str | None, typer.Option("--target", metavar="STAGE", help="Build no further.")] = None,
    args: Annotated[
        list[str], typer.Option("--build-arg", metavar="NAME[=VALUE]", help="Without a value mine; repeatable.")
    ] = [],  # noqa: B006 - Typer copies it
    settings: Annotated[
        list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the profile; repeatable.")
    ] = [],  # noqa: B006
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Do all steps anew.")] = False,
    pull: Annotated[bool, typer.Option("--pull", help="Look for newer base images.")] = False,
    network: Annotated[
        str | None, typer.Option("--network", metavar="MODE", help="Where its steps run: host, none, a network.")
    ] = None,
) -> int:
    """Build an image, on several hosts at once.

    Of a profile, or of a directory with a Dockerfile, which is sent to each host less what .dockerignore names. Checks
    come first; --dry-run prints them, how much is sent, and the equivalent docker build line. Ctrl-C cancels."""
    from gpuws.cli.images.build import BuildRequest, build_images
    from gpuws.model.build.want import BuildWay

    way = BuildWay(no_cache, pull, network)
    return build_images(options, BuildRequest(what, name, file, target, tuple(args), tuple(settings), way))


def rm(
    options: Options,
    images: References,
    force: Annotated[bool, typer.Option("--force", "-f", help="Also where stopped containers use it.")] = False,
) -> int:
    """Remove images, by name or id."""
    from gpuws.cli.images.images import remove_images

    return remove_images(options, images, force=force)


def prune(options: Options, hosts: Hosts = []) -> int:  # noqa: B006 - Typer copies it
    """Remove dangling images.

    No name leads to them, and no container uses them."""
    from gpuws.cli.images.images import prune_images

    return prune_images(options, hosts)


def check(
    options: Options,
    images: Annotated[list[str], argument("IMAGE", "NAME:TAG, or an id.")] = [],  # noqa: B006
) -> int:
    """Ask registries for newer images: of these names, or of all."""
    from gpuws.cli.images.images import check_images

    return check_images(options, images)
