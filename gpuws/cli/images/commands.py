"""`gpuws images`: what the hosts' engines hold."""

from __future__ import annotations

from typing import Annotated

import typer

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
        group, "pull", pull, *SELECT, "allow_partial", *CHANGE,
        examples=(
            "gpuws images pull -H alpha registry:2",
            "gpuws images pull -H alpha -H bravo registry:2 python:3.12",
        ),
    )  # fmt: skip
    register(
        group, "copy", copy, "host", "yes", *CHANGE,
        examples=(
            "gpuws images copy vllm/vllm-openai:v0.11.0 -H foxtrot -H alpha",
            "gpuws images copy registry:2 -H bravo -H alpha -H foxtrot --dry-run",
        ),
    )  # fmt: skip
    register(
        group, "rm", rm, *SELECT, *CONFIRMED,
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
