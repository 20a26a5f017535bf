"""trust: what a shared file does, shown as a difference, and accepted by a person. Needs no network."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from gpuws.cli.compose import user_paths
from gpuws.cli.confirming import agree
from gpuws.cli.failures import note
from gpuws.cli.options import Options, demo_wanted
from gpuws.model.errors import GpuwsError, Refused
from gpuws.model.text import plain

if TYPE_CHECKING:
    from pathlib import Path

    from gpuws.config.acceptances import Acceptances, Opened
    from gpuws.config.profiles import ProfileStore
    from gpuws.config.settings import UserSettings
    from gpuws.config.trust import Proposal
    from gpuws.model.profile import Build
    from gpuws.model.trust import Kind


def trust_file(options: Options, text: str) -> int:
    """Show what it does that I have not accepted; accept it once a person, or `--yes`, agrees."""
    from gpuws.config.trust import shared_file

    user, store, acceptances = _configured(options)
    kind, path = shared_file(text, user, store)
    proposal = _propose(kind, path, store, acceptances)
    if proposal.known and not proposal.lines:
        note(f"{path} does what you accepted")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _shown(proposal)))
        sys.stdout.flush()
    if options.dry_run:
        return 0
    if proposal.lines and not options.yes:
        agree("Accept that it does this?", "--yes")
    acceptances.keep(proposal.reading)
    return 0


def settle_trust(options: Options, profile: str) -> None:
    """Before a profile is used: where it is shared and does what I have not accepted, ask a person at the terminal.

    Declined, or nobody there: what was accepted before is used; Refused where nothing was."""
    if demo_wanted():
        return
    _, store, acceptances = _configured(options)
    opened = store.unsettled(profile)
    if opened is None:
        return
    try:
        proposal = _propose("profile", opened.path, store, acceptances)
        _need_person(opened)
        sys.stderr.write("".join(f"{line}\n" for line in _shown(proposal)))
        agree("Accept that it does this?", "")
        acceptances.keep(proposal.reading)
    except GpuwsError:
        opened.needed()
        note(opened.told)


def _need_person(opened: Opened) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused(f"{opened.path} {opened.note}", opened.remedy)


def _configured(options: Options) -> tuple[UserSettings, ProfileStore, Acceptances]:
    """From config.yaml alone: nothing that another file says can keep a file from being accepted."""
    from gpuws.config.acceptances import Acceptances
    from gpuws.config.load import user_settings
    from gpuws.config.paths import built_in_profiles
    from gpuws.config.profiles import ProfileStore

    paths = user_paths(options)
    user, acceptances = user_settings(paths, os.environ), Acceptances(paths.accepted_dir, os.environ)
    return user, ProfileStore((paths.profiles_dir, built_in_profiles()), user.profile_paths, acceptances), acceptances


def _propose(kind: Kind, path: Path, store: ProfileStore, acceptances: Acceptances) -> Proposal:
    from gpuws.config.trust import propose

    return propose(kind, path, store, acceptances, _listed)


def _listed(build: Build) -> tuple[str, ...]:
    from gpuws.engines.docker.context import listed

    return listed(build)


def _shown(proposal: Proposal) -> list[str]:
    when = "has changed since you accepted it" if proposal.known else "is shared, and you have not accepted it yet"
    return [f"{plain(str(proposal.reading.root))} {when}:", *(plain(line, len(line)) for line in proposal.lines)]
