"""One copy asked for as a verb: between two places, or one of them and this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable

from gpuws.fleet.copying.here import Here
from gpuws.fleet.copying.running import Programs
from gpuws.fleet.copying.sources import planned
from gpuws.fleet.copying.there import There
from gpuws.fleet.copying.work import Back, CopyWork
from gpuws.fleet.files import Files
from gpuws.model.errors import GpuwsError
from gpuws.model.files.copied import Copied
from gpuws.model.files.spot import Located
from gpuws.model.placement.plan import Progress, Report
from gpuws.model.text import plain
from gpuws.model.units import count
from gpuws.model.workspace.workspace import PlaceRef


def copy(
    fleet: Files,
    source: Located,
    target: Located,
    label: Callable[[PlaceRef], str],
    back: Back,
    report: Report,
    cancel: threading.Event,
) -> Copied:
    """`label`: what people call a place. What can't be copied is raised before the first report."""
    left, programs = list[str](), Programs()

    def end(one: Located) -> Here | There:
        if one.place is None:
            return Here(left.append)
        return There(fleet, one.place, label(one.place), left.append, programs)

    to = end(target)
    pairs = planned([(source.spot, end(source))], to, target.spot)
    work = CopyWork(pairs, to, left, programs, report)
    work.run(back, cancel)
    if faults := tuple(dict.fromkeys(work.faults)):
        rest = f"of {plain(source.spot.word)} all else is copied"
        raise GpuwsError(f"{count(len(faults), 'thing')} did not come along; {rest}", lines=faults)
    report(Progress("done", plain(target.spot.word), 1.0))
    return work.copied
