"""`profiles import`: what others wrote, printed or kept as profiles of mine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import user_paths
from gpuws.config.imports.kinds import foreign
from gpuws.config.imports.reading import read
from gpuws.config.profiles.writer import OwnProfiles
from gpuws.config.yaml.reader import MAX_BYTES, load_text
from gpuws.model.errors import UsageError
from gpuws.model.profile.imported import Imported
from gpuws.model.text import plain
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed

TYPED = "-"


def import_recipe(options: Options, file: str, save: str | None, service: str | None) -> int:
    """On stdout the profiles, a YAML document each; with `save` where each was written, and on stderr what is lost."""
    found = _chosen(_read(file), service)
    if save is not None:
        found = _named(found, save, several=len(found) > 1)
    saved = _save(options, found) if save is not None else {}
    if options.json:
        sys.stdout.write(f"{printed(listings.imported(found, saved))}\n")
    elif save is not None:
        for one in found:
            for line in _remarks(one):
                note(f"{one.name}: {line}")
            sys.stdout.write(f"{saved[one.name]}\n")
    else:
        sys.stdout.write("---\n".join(document(one) for one in found))
    return 0


def document(one: Imported) -> str:
    """The profile with what it can't say in front."""
    remarks = [f"#   {line}" for line in _remarks(one)]
    head = [f"# {one.name}", *(["# A profile does not say, or says otherwise:", *remarks] if remarks else [])]
    return "".join(f"{line}\n" for line in head) + one.text


def _remarks(one: Imported) -> Iterator[str]:
    yield from (plain(str(lost), 400) for lost in one.lost)
    if one.container:
        yield f"the container's name is given at launch: --name {plain(one.container, 100)}"


def _read(file: str) -> tuple[Imported, ...]:
    if file == TYPED:
        if sys.stdin.isatty():
            note("paste it here; ctrl-d in a line of its own ends it")
        text = sys.stdin.buffer.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise UsageError("what is read here is larger than 1 MiB")
        try:
            return read(text.decode("utf-8-sig"), environ=os.environ, directory=Path.cwd(), source="stdin")
        except UnicodeDecodeError as error:
            raise UsageError("what is read here is not UTF-8 text") from error
    path = Path(file)
    if (what := foreign(file)) and not path.exists():
        raise UsageError(f"that is {what} itself, not a file", "gpuws profiles import - takes it pasted")
    return read(load_text(path), environ=os.environ, directory=path.absolute().parent, source=file)


def _chosen(found: Sequence[Imported], service: str | None) -> tuple[Imported, ...]:
    if service is None:
        return tuple(found)
    if chosen := tuple(one for one in found if one.name == service):
        return chosen
    raise UsageError(f"there is no service {service!r}", f"there are: {', '.join(one.name for one in found)}")


def _named(found: Sequence[Imported], name: str, *, several: bool) -> tuple[Imported, ...]:
    """As they are to be called: of several each with its own name behind, or its number where that is not its own."""
    if not several:
        return tuple(replace(one, name=name) for one in found)
    names = [one.name for one in found]
    own = names if len(set(names)) == len(names) else [str(number) for number in range(1, len(names) + 1)]
    return tuple(replace(one, name=f"{name}-{each}") for one, each in zip(found, own, strict=True))


def _save(options: Options, found: Sequence[Imported]) -> dict[str, str]:
    """Write each; the files' paths by name. All names are free before the first is written."""
    mine = OwnProfiles(user_paths(options), os.environ)
    for one in found:
        mine.may_save(one.name, one.text)
    return {one.name: str(mine.save_text(one.name, document(one))) for one in found}
