"""`images copy`: from one host to others, all at the same time, without a registry."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Sequence

from gpuws.cli.images.images import brought, find_image
from gpuws.cli.images.pull_progress import PullProgress
from gpuws.cli.images.query import Answers, HostQuery, query_hosts
from gpuws.cli.toolkit.cancellation import cancellable
from gpuws.cli.toolkit.confirmation import agreed
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.outcome import Outcome
from gpuws.model.consent.confirm import Confirmation, writable
from gpuws.model.consent.disks import copy_confirmation
from gpuws.model.consent.shell_command import filled, on_host
from gpuws.model.errors import UsageError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.workspace.image import Image
from gpuws.present.documents.done import Deed


def copy_images(options: Options, references: Sequence[str]) -> int:
    """From the first host that was named to the others, one image after the other; what fails does not stop the others.

    All must exist and be confirmed before the first is sent."""
    names = list(dict.fromkeys(options.host))
    if len(names) < 2:
        raise UsageError("from which host to which?", "say -H FROM -H TO, and more -H for more hosts")
    with query_hosts(options, ()) as query:
        by_name = {snapshot.name: snapshot for snapshot in query.snapshots}
        source, targets = by_name[names[0]], [by_name[name] for name in names[1:]]
        for one in targets:
            writable(one)
        held = query.ask(lambda snapshot: query.fleet.images(snapshot.name))
        if code := query.end(held):
            return code
        images = [find_image(held.given[source.name], source.name, reference) for reference in references]
        asked = [
            _asked(image, word, source, target, held.given[target.name])
            for image, word in zip(images, references, strict=True)
            for target in targets
        ]
        deeds = [Deed(target.name, word, _command(source, target, word)) for word in references for target in targets]
        outcome = Outcome("copy", "images", deeds, options)
        if not agreed(asked, [] if options.json else [one.command for one in deeds], options):
            outcome.print()
            return 0
        to = HostQuery(query.fleet, targets, options, named=True)
        with outcome:
            return max(_copy(to, source.name, reference, outcome) for reference in references)


def _asked(
    image: Image, word: str, source: HostSnapshot, target: HostSnapshot, there: Sequence[Image]
) -> Confirmation | None:
    name = word if word in image.names or f"{word}:latest" not in image.names else f"{word}:latest"
    name = name if name in image.names else image.name
    before = next((one for one in there if name in one.names), None)
    return copy_confirmation(image, name, before, target, time.time(), _command(source, target, word))


def _command(source: HostSnapshot, target: HostSnapshot, word: str) -> str:
    save, load = filled(source.caps.commands.save_image, image=word), target.caps.commands.load_image
    if not save or not load:
        return shlex.join(["gpuws", "images", "copy", word, "-H", source.name, "-H", target.name])
    return f"{on_host(source.name, save)} | {on_host(target.name, load)}"


def _copy(query: HostQuery, source: str, reference: str, outcome: Outcome) -> int:
    bars = PullProgress(reference, [snapshot.name for snapshot in query.snapshots], f"copying from {source}:")

    def to_all(cancel: threading.Event) -> Answers[str]:
        def to_one(snapshot: HostSnapshot) -> str:
            host = snapshot.name
            query.fleet.copy_image(source, reference, host, lambda progress: bars.report(host, progress), cancel)
            return reference

        return query.ask(to_one)

    try:
        answers = cancellable(to_all, bars.end)
    finally:
        bars.end()
    return brought(query, answers, reference, outcome)
