"""The profile that is to be launched: there, right and accepted, before a host is looked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from gpuws.cli.toolkit.environment import demo_wanted
from gpuws.cli.toolkit.options import Options
from gpuws.cli.toolkit.setup import user_paths
from gpuws.cli.trust.trust import settle_trust
from gpuws.model.profile.profile import Owner


def profile_owners(options: Options) -> Mapping[str, Owner]:
    """Whose each profile is, by its name."""
    if demo_wanted():
        from gpuws.fleet.demo.lab.machines import PROFILES

        return {profile.name: "built-in" for profile in PROFILES}
    from gpuws.fleet.local.assembly import proposals

    shelves = proposals(user_paths(options), os.environ).store().shelves
    return {name: shelves.owner(path) for name, path in shelves.listed().items()}


def settle_profile(options: Options, name: str, overrides: Sequence[str] = ()) -> None:
    """UsageError says what is wrong with it, whatever is wrong with the rest of the command. `overrides`: KEY=VALUE of
    `--set`."""
    if demo_wanted():
        from gpuws.fleet.demo.lab.machines import PROFILES
        from gpuws.fleet.demo.launching import find_profile

        find_profile(name, PROFILES)
        return
    from gpuws.fleet.local.assembly import proposals

    store = proposals(user_paths(options), os.environ).store()
    path = store.find(name)
    settle_trust(options, name)
    store.check(path, overrides=overrides)
