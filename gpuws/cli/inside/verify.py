"""verify: whether torch can compute in a container that runs."""

from __future__ import annotations

import sys

from gpuws.cli.toolkit.cancellation import cancellable
from gpuws.cli.toolkit.confirmation import confirm
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.progress import ProgressLine
from gpuws.cli.toolkit.selection import container_of, find, hosts_of
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.model.consent.shell_command import in_place
from gpuws.model.errors import GpuwsError
from gpuws.model.query.target import parse
from gpuws.present.documents import actions
from gpuws.present.documents.base import printed
from gpuws.present.verified import verified


def verify_container(options: Options, word: str) -> int:
    """Prints what was found; 1 where that is not well."""
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find(fleet, target, options.timeout)
        container = container_of(found)
        confirm("exec", [found], options, command=in_place(found.snapshot, container.name, ("python", "-")))
        with ProgressLine() as line:
            told = cancellable(lambda cancel: fleet.verify(container.ref, line.report, cancel), line.end)
        if options.json:
            sys.stdout.write(f"{printed(actions.verification(told), indent=None)}\n")
        elif told.torch:
            sys.stdout.write("".join(f"{one}\n" for one in verified(told)))
        if not told.problem:
            return 0
        sys.stdout.flush()
        note(str(GpuwsError(f"{found.label}: {told.problem}", told.remedy)))
        return GpuwsError.exit_code
