"""What to make of a container: a profile, a comparison with its profile, itself again, or another like it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gpuws.cli.launch.launch import appeared, asked_follow, launch_planned
from gpuws.cli.toolkit.cancellation import cancellable
from gpuws.cli.toolkit.failures import note
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.progress import ProgressLine
from gpuws.cli.toolkit.selection import chosen_hosts, container_of, find_all, hosts_of, parse_all
from gpuws.cli.toolkit.setup import open_fleet, set_up
from gpuws.cli.toolkit.tables import render, style
from gpuws.cli.workspaces.actions import FIGURES, distinct, sure
from gpuws.model.consent.confirm import writable
from gpuws.model.consent.shell_command import act_command
from gpuws.model.errors import UsageError
from gpuws.model.placement.plan import Plan, Want
from gpuws.model.profile.gpu_spec import parse_gpus
from gpuws.model.query.target import Found, Target, parse
from gpuws.model.workspace.storage import Mount, chosen
from gpuws.model.workspace.workspace import Workspace
from gpuws.present.documents import actions, listings
from gpuws.present.documents.actions import Acted
from gpuws.present.documents.base import printed
from gpuws.present.tables import drift

if TYPE_CHECKING:
    from gpuws.fleet.base import Fleet


def capture(options: Options, word: str, *, compose: bool, save: str | None) -> int:
    """The profile, or the Compose file, on stdout; with `save` where the profile was written."""
    if compose and save is not None:
        raise UsageError("--save is for profiles", "write a Compose file with > FILE")
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        ref = container_of(find_all(fleet, [target], options.timeout, FIGURES)[0]).ref
        told = fleet.capture(ref, compose=compose) if save is None else f"{fleet.save_captured(ref, save)}\n"
        sys.stdout.write(told)
        return 0


def show_drift(options: Options, word: str) -> int:
    """1 where there are differences, as diff."""
    setup = set_up(options)
    target = parse(word, setup.names())
    with open_fleet(setup, hosts_of(setup, target)) as fleet:
        found = find_all(fleet, [target], options.timeout, FIGURES)[0]
        container = container_of(found)
        differences = fleet.drift(container.ref)
        if options.json:
            data = listings.drift(found.label, container.profile, differences)
            sys.stdout.write(f"{printed(data)}\n")
        elif differences:
            sys.stdout.write("".join(f"{line}\n" for line in render(drift.listing(differences), style())))
        else:
            note(f"{found.label} is as its profile {container.profile} says")
        return 1 if differences else 0


def recreate(options: Options, words: Sequence[str]) -> int:
    """All targets must exist and be confirmed before the first is touched; the first that fails ends it."""
    setup = set_up(options)
    targets = parse_all(words, setup.names())
    with open_fleet(setup, hosts_of(setup, *targets)) as fleet:
        found = distinct(find_all(fleet, targets, options.timeout, FIGURES))
        commands = [act_command("recreate", container_of(one), one.snapshot) for one in found]
        if not sure(fleet, "recreate", found, commands, options):
            return 0
        made = []
        for one, command in zip(found, commands, strict=True):
            made.append(Acted(_recreate(fleet, one), command, done=True))
            if not options.json:
                sys.stdout.write(f"{one.label}\n")
                sys.stdout.flush()
        if options.json:
            sys.stdout.write(f"{printed(actions.acted('recreate', made))}\n")
        return 0


def _recreate(fleet: Fleet, one: Found) -> Workspace:
    """As it is listed then."""
    with ProgressLine() as line:
        ref = cancellable(lambda cancel: fleet.recreate(container_of(one).ref, line.report, cancel), line.end)
    return appeared(fleet, ref) or replace(container_of(one), ref=ref)


@dataclass(frozen=True, slots=True)
class CloneRequest:
    """The command line of `gpuws clone`. `data`: volumes or places that are brought along by name."""

    host: str
    name: str | None
    gpus: str | None
    volumes: bool
    binds: bool
    data: tuple[str, ...]
    attach: bool
    force: bool

    def want(self, mounts: Sequence[Mount]) -> Want:
        gpus = None if self.gpus is None else parse_gpus(self.gpus)
        follow = asked_follow("", None, verify=False, attach=self.attach)
        given = chosen(mounts, volumes=self.volumes, binds=self.binds, words=self.data)
        return Want(self.name, gpus, force=self.force, follow=follow, data=tuple(one.path for one in given))

    @property
    def brings(self) -> bool:
        return self.volumes or self.binds or bool(self.data)


def clone(options: Options, word: str, request: CloneRequest) -> int:
    """One host to clone to; the checks of a launch hold for it too."""
    setup = set_up(options)
    target = parse(word, setup.names())
    chosen_hosts(setup, [request.host], [])
    with open_fleet(setup, {*hosts_of(setup, target), request.host}) as fleet:
        found = find_all(fleet, [target, Target(request.host, name=request.host)], options.timeout, FIGURES)
        source = container_of(found[0])
        if not options.dry_run:
            writable(found[1].snapshot)
        want = request.want(fleet.mounts(source.ref) if request.brings else ())
        if request.brings and not want.data:
            note(f"{found[0].label} has nothing of that kind: nothing is brought along")

        def planned() -> Plan:
            return fleet.plan_clone(source.ref, request.host, want)

        return launch_planned(fleet, planned(), planned, options, force=request.force, attach=request.attach)
