"""Images of the fleet's engines: listed, compared with their registries, pulled, removed."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gpuws.cli.images.pull_progress import PullProgress
from gpuws.cli.images.query import Answers, HostQuery, Snapshots, query_hosts
from gpuws.cli.toolkit.cancellation import cancellable
from gpuws.cli.toolkit.confirmation import settle
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.outcome import Outcome
from gpuws.cli.toolkit.tables import render, style
from gpuws.model import units
from gpuws.model.consent.confirm import image_confirmation, prune_confirmation
from gpuws.model.consent.shell_command import filled, on_host
from gpuws.model.errors import GpuwsError, TargetError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.engine import Commands
from gpuws.model.workspace.image import Image
from gpuws.present.documents import listings
from gpuws.present.documents.base import printed
from gpuws.present.documents.done import Deed
from gpuws.present.tables import images as image_table
from gpuws.present.tables.images import Compared

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet


def list_images(options: Options, hosts: Sequence[str]) -> int:
    with query_hosts(options, hosts) as query:
        answers = query.ask(lambda snapshot: query.fleet.images(snapshot.name))
        now = time.time()
        if options.json:
            put([printed(listings.images(query.snapshots, answers.given, now))])
        else:
            put(render(image_table.listing(answers.given, now), style()))
        return query.end(answers)


def check_images(options: Options, references: Sequence[str]) -> int:
    """Whether registries have newer images than the hosts, of these names or of all."""
    with query_hosts(options, ()) as query:
        answers = query.ask(lambda snapshot: _compared(query.fleet, snapshot.name, references))
        if options.json:
            put([printed(listings.comparison(query.snapshots, answers.given, time.time()))])
        else:
            put(render(image_table.comparison(answers.given), style()))
        return query.end(answers)


def _compared(fleet: Fleet, host: str, references: Sequence[str]) -> list[Compared]:
    names = references or [name for image in fleet.images(host) for name in image.names]
    found = []
    for name in names:
        try:
            found.append(Compared(name, fleet.newer_image(host, name)))
        except GpuwsError as error:
            found.append(Compared(name, None, str(error)))
    return found


def pull_images(options: Options, references: Sequence[str]) -> int:
    """On all hosts at once, one image after the other; what fails does not stop the others."""
    with query_hosts(options, (), changing=True) as query:
        outcome = Outcome("pull", "images", _deeds(query.snapshots, references, lambda words: words.pull), options)
        if options.dry_run:
            return outcome.show()
        with outcome:
            return max([_pull(query, reference, outcome) for reference in references], default=0)


def _deeds(snapshots: Snapshots, references: Sequence[str], line: Callable[[Commands], str]) -> list[Deed]:
    """Of each host and image, with what would be typed at the workstation."""
    lines = {one.name: line(one.caps.commands) for one in snapshots}
    return [
        Deed(host, image, on_host(host, filled(words, image=image)) if words else "")
        for host, words in lines.items()
        for image in references
    ]


def _pull(query: HostQuery, reference: str, outcome: Outcome) -> int:
    bars = PullProgress(reference, [snapshot.name for snapshot in query.snapshots], "pulling")

    def on_all(cancel: threading.Event) -> Answers[str]:
        def on_one(snapshot: HostSnapshot) -> str:
            host = snapshot.name
            query.fleet.pull_image(host, reference, lambda progress: bars.report(host, progress), cancel)
            return reference

        return query.ask(on_one)

    try:
        answers = cancellable(on_all, bars.end)
    finally:
        bars.end()
    return brought(query, answers, reference, outcome)


def brought(query: HostQuery, answers: Answers[str], reference: str, outcome: Outcome) -> int:
    """An image was brought to hosts: say to which, and why not to others."""
    for host in answers.given:
        outcome.done(host, reference, f"{host}: {reference}")
    for host, error in answers.failed.items():
        outcome.missed(host, reference, error)
    return query.end_of(answers, reference)


def remove_images(options: Options, references: Sequence[str], *, force: bool) -> int:
    """All must exist and be confirmed before the first goes."""
    with query_hosts(options, (), changing=True) as query:
        found = query.ask(lambda snapshot: _all_of(query.fleet.images(snapshot.name), snapshot.name, references))
        if code := query.end(found):
            return code
        deeds = _deeds(query.snapshots, references, lambda it: it.remove_used_image if force else it.remove_image)
        outcome = Outcome("remove", "images", deeds, options)
        if options.dry_run:
            return outcome.show()
        by_name, now = {snapshot.name: snapshot for snapshot in query.snapshots}, time.time()
        settle(
            [
                image_confirmation(image, word, by_name[host], now, force=force)
                for host, images in found.given.items()
                for word, image in zip(references, images, strict=True)
            ],
            options,
        )
        with outcome:
            done = query.ask(lambda snapshot: _remove(query.fleet, snapshot.name, references, force, outcome))
            for host, error in done.failed.items():
                outcome.failed(host, error)
            return query.end(done)


def _all_of(images: Sequence[Image], host: str, references: Sequence[str]) -> list[Image]:
    return [find_image(images, host, reference) for reference in references]


def find_image(images: Sequence[Image], host: str, word: str) -> Image:
    """By a name, `latest` where it says no tag, or by the beginning of its id."""
    tagged = word if ":" in word.rpartition("/")[2] or "@" in word else f"{word}:latest"
    by_name = [image for image in images if tagged in image.names or word in image.digests]
    digits = word.removeprefix("sha256:")
    by_id = [image for image in images if len(digits) >= 4 and image.id.removeprefix("sha256:").startswith(digits)]
    found = by_name or by_id
    if len(found) != 1:
        why = f"{word!r} names several images of {host}" if found else f"{host} has no image {word}"
        raise TargetError(why, f"see: gpuws images ls {host}")
    return found[0]


def _remove(fleet: Fleet, host: str, references: Sequence[str], force: bool, outcome: Outcome) -> None:
    for reference in references:
        fleet.remove_image(host, reference, lambda _step: None, threading.Event(), force=force)
        outcome.done(host, reference, f"{host}: {reference}")


def prune_images(options: Options, hosts: Sequence[str]) -> int:
    """Dangling images only: no name leads to them, no container uses them."""
    with query_hosts(options, hosts, changing=True) as query:
        answers = query.ask(lambda snapshot: [one for one in query.fleet.images(snapshot.name) if one.loose])
        code = query.end(answers)
        loose = {host: images for host, images in answers.given.items() if images}
        if options.dry_run:
            meant = [snapshot for snapshot in query.snapshots if snapshot.name in loose]
            put([on_host(one.name, line) for one in meant if (line := one.caps.commands.prune_images)])
            return 0
        by_name = {snapshot.name: snapshot for snapshot in query.snapshots}
        now = time.time()
        settle([prune_confirmation(images, by_name[host], now) for host, images in loose.items()], options)
        done = query.ask(lambda snapshot: query.fleet.prune_images(snapshot.name) if snapshot.name in loose else 0)
        if options.json:
            put([printed(listings.pruned(query.snapshots, done.given, time.time()))])
        else:
            put([f"{host}: {units.size(freed)} freed" for host, freed in done.given.items()])
        return max(code, query.end(done))


def put(lines: Sequence[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
