"""`images build`: a profile's image, or that of a directory, on several hosts at once."""

from __future__ import annotations

import os
import shlex
import sys
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from gpuws.cli.images.build_progress import BuildProgress
from gpuws.cli.images.query import Answers, HostQuery, query_hosts
from gpuws.cli.launch.launch import check_line, show_checks
from gpuws.cli.launch.profile import profile_owners, settle_profile
from gpuws.cli.toolkit.cancellation import cancellable
from gpuws.cli.toolkit.options import Options
from gpuws.model.build.want import BuildPlan, BuildWant, BuildWay, is_path
from gpuws.model.errors import Cancelled, GpuwsError, Refused, UsageError
from gpuws.model.host.host import LOCAL
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.secret import is_secret
from gpuws.model.text import about
from gpuws.present.documents import actions
from gpuws.present.documents.base import printed


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """The command line of `gpuws images build`. `what`: a profile's name, or a directory."""

    what: str
    tag: str | None
    file: str | None
    target: str | None
    args: tuple[str, ...]
    overrides: tuple[str, ...]
    way: BuildWay

    def want(self, profiles: Collection[str]) -> BuildWant:
        """`profiles`: their names, which go before those of directories.

        Values that look like secrets are handed over in the environment: they are never written down."""
        said = [word.partition("=") for word in self.args]
        if not all(name for name, _, _ in said):
            raise UsageError("--build-arg wants NAME=VALUE or NAME")
        secret = {name: value for name, equals, value in said if equals and is_secret(name, value)}
        args = {name: value if equals and name not in secret else None for name, equals, value in said}
        directory = self._directory(profiles)
        return BuildWant(
            profile="" if directory else self.what,
            overrides=self.overrides,
            context=directory,
            dockerfile=self._dockerfile(),
            tag=self.tag,
            target=self.target,
            args=args,
            way=self.way,
            environ={**os.environ, **secret},
        )

    def _dockerfile(self) -> str | None:
        """Where it lies, so that it is known whether that is in the directory."""
        if self.file is None:
            return None
        path = Path(self.file).expanduser()
        return str(path.parent.resolve() / path.name)

    def _directory(self, profiles: Collection[str]) -> str:
        """Its path where it is a directory, "" for a profile; `./NAME` where both are called so."""
        path = Path(self.what).expanduser()
        if not is_path(self.what) and self.what in profiles:
            return ""
        if path.is_dir():
            return str(path.resolve())
        if is_path(self.what):
            raise UsageError(f"there is no directory {self.what} here")
        return ""


def build_images(options: Options, request: BuildRequest) -> int:
    want = request.want(profile_owners(options))
    if want.profile:
        settle_profile(options, want.profile, want.overrides)
    elif want.tag is None:
        raise UsageError("what is the image to be called?", "say -t NAME:TAG")
    with query_hosts(options, (), changing=True) as query:
        planned = query.ask(lambda snapshot: query.fleet.plan_build(snapshot.name, want))
        for error in planned.failed.values():
            if isinstance(error, UsageError):
                raise error  # what is wrong is so everywhere
        if options.dry_run:
            return _show(query, planned)
        _admit(list(planned.given.values()))
        if not planned.given:
            return query.end(planned)
        return _build(query, planned, want)


def _show(query: HostQuery, planned: Answers[BuildPlan]) -> int:
    plans = list(planned.given.values())
    if query.options.json:
        document = actions.builds(query.snapshots, plans, {}, planned.failed, time.time())
        sys.stdout.write(f"{printed(document)}\n")
    else:
        for plan in plans:
            lines = [f"{plan.host}: {plan.image}", *map(check_line, plan.checks), f"$ {typed(plan)}"]
            sys.stdout.write("".join(f"{line}\n" for line in lines))
    code = query.end(planned)
    return Refused.exit_code if any(plan.problems for plan in plans) else code


def typed(plan: BuildPlan) -> str:
    """The equivalent line as typed at this workstation."""
    return plan.command if plan.host == LOCAL else f"gpuws with {shlex.quote(plan.host)} -- {plan.command}"


def _admit(plans: Sequence[BuildPlan]) -> None:
    """What was found, once where it is the same everywhere; Refused where one would fail."""
    shown: set[str] = set()
    for plan in plans:
        told = [check for check in plan.checks if check_line(check) not in shown]
        show_checks(told)
        shown |= set(map(check_line, told))
    for plan in plans:
        if plan.problems:
            first = plan.problems[0]
            raise Refused(about(plan.host, first.detail), first.remedy)


def _build(query: HostQuery, planned: Answers[BuildPlan], want: BuildWant) -> int:
    """On all hosts at once; what fails on one does not stop the others."""
    bars = BuildProgress(want.tag or want.what, list(planned.given))

    def on_all(cancel: threading.Event) -> Answers[str]:
        def on_one(snapshot: HostSnapshot) -> str:
            host = snapshot.name
            if host in planned.failed:
                raise planned.failed[host]
            return query.fleet.build_image(host, want, lambda progress: bars.report(host, progress), cancel)

        return query.ask(on_one)

    try:
        answers = cancellable(on_all, bars.end)
    finally:
        bars.end()
    _say(query, planned, answers)
    cancelled = [host for host, error in answers.failed.items() if isinstance(error, Cancelled)]
    rest = Answers(answers.given, {host: error for host, error in answers.failed.items() if host not in cancelled})
    code = query.end(rest)
    if cancelled:
        raise Cancelled(f"cancelled: {', '.join(cancelled)} keep the steps that were done for the next time")
    return code


def _say(query: HostQuery, planned: Answers[BuildPlan], answers: Answers[str]) -> None:
    if query.options.json:
        failed: dict[str, GpuwsError] = {**planned.failed, **answers.failed}
        plans = list(planned.given.values())
        document = actions.builds(query.snapshots, plans, answers.given, failed, time.time())
        sys.stdout.write(f"{printed(document)}\n")
    else:
        sys.stdout.write("".join(f"{host}: {image}\n" for host, image in answers.given.items()))
    sys.stdout.flush()
