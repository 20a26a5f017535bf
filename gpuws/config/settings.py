"""config.yaml → what the fleet and the screen are told."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.config.paths import absolute
from gpuws.config.yaml.problems import ConfigProblems, Problem
from gpuws.model.history.usage import Keep
from gpuws.model.settings import Keeping, ScreenSettings, Settings, Thresholds

if TYPE_CHECKING:
    from gpuws.config.settings_file import KeeperSection
    from gpuws.model.notice.wishes import Wishes


@dataclass(frozen=True, slots=True)
class UserSettings:
    """All of config.yaml. `notifications` None: nothing was said of them."""

    settings: Settings
    look: ScreenSettings
    keeping: Keeping = field(default_factory=Keeping)
    notifications: Wishes | None = None
    profile_paths: tuple[Path, ...] = ()
    hosts_files: tuple[Path, ...] = ()
    command_log: bool = True


def default_settings(environ: Mapping[str, str]) -> UserSettings:
    """What holds without a config.yaml."""
    return UserSettings(_settings((), environ), ScreenSettings())


def read_settings(path: Path, environ: Mapping[str, str]) -> UserSettings:
    """Raises ConfigProblems with all that is wrong with the file."""
    from gpuws.config import notifications
    from gpuws.config.own_commands import broken_rules, own_commands
    from gpuws.config.settings_file import SettingsFile
    from gpuws.config.yaml.reader import read_file
    from gpuws.config.yaml.validate import rules, validate

    problems: list[Problem] = []
    tree = read_file(path, problems)
    file = validate(SettingsFile, tree, problems)
    if file is not None:
        problems += rules(tree, broken_rules(file.commands))
        problems += rules(tree, notifications.broken_rules(file.notifications))
    if file is None or problems:
        raise ConfigProblems(problems)
    limits, usual = file.thresholds, Thresholds()
    thresholds = Thresholds(
        memory=(limits.memory[0], limits.memory[1]) if limits.memory else usual.memory,
        utilization=(limits.utilization[0], limits.utilization[1]) if limits.utilization else usual.utilization,
        idle_after=usual.idle_after if limits.idle_after is None else limits.idle_after,
    )
    return UserSettings(
        settings=_settings(tuple(dict.fromkeys(file.me)), environ),
        look=ScreenSettings(file.theme, dict(file.keys), thresholds, file.mouse, own_commands(file.commands, tree)),
        keeping=_keeping(file.keeper, file.history),
        notifications=notifications.wishes(file.notifications, path.parent, environ),
        profile_paths=tuple(absolute(text, environ, path.parent) for text in file.profile_paths),
        hosts_files=tuple(absolute(text, environ, path.parent) for text in file.hosts_files),
        command_log=file.command_log,
    )


def _settings(me: tuple[str, ...], environ: Mapping[str, str]) -> Settings:
    return Settings(me, os.uname().nodename, login=local_login(environ))


def _keeping(section: KeeperSection, history: Keep) -> Keeping:
    usual = Keeping()
    return Keeping(
        idle=usual.idle if section.idle is None else section.idle,
        logins=usual.logins if section.logins is None else section.logins,
        history=history,
    )


def local_login(environ: Mapping[str, str]) -> str:
    """Who runs gpuws. A uid without a passwd entry (containers) goes by $USER, else by its number."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return environ.get("USER") or environ.get("LOGNAME") or str(os.getuid())
