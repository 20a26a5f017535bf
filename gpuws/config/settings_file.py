"""What may stand in config.yaml (INTERFACE §2)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from gpuws.config import unknown_settings
from gpuws.config.notifications import Notifications, NotificationsSection
from gpuws.config.own_commands import Commands
from gpuws.config.yaml.fields import Duration, Line, Lines, Section
from gpuws.model.history.usage import Keep


def _percentages(value: Any) -> list[float]:
    numbers = value if isinstance(value, list) else []
    fit = [float(n) for n in numbers if isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n <= 100]
    if len(numbers) != 2 or len(fit) != 2 or fit[0] > fit[1]:
        raise ValueError("expected two rising percentages, such as [50, 85]")
    return fit


Percentages = Annotated[list[float], BeforeValidator(_percentages, json_schema_input_type=list[float])]


class ThresholdsSection(Section):
    """Where figures are quiet, and from where on they say something."""

    INSTEAD = unknown_settings.THRESHOLDS

    memory: Percentages | None = None
    """Percent of a GPU's memory: below the first its figure is quiet, from the second on it is nearly full, which
    deserves a look where several share it."""
    utilization: Percentages | None = None
    """Percent of a GPU's time: below the first its figure is quiet, from the second on it is busy."""
    idle_after: Duration | None = None
    """How long nothing happens before a holder is called idle."""


class KeeperSection(Section):
    """The background process that holds links and tunnels."""

    INSTEAD = unknown_settings.KEEPER

    idle: Duration | None = None
    """How long it stays without clients and tunnels; 10m without this key."""
    logins: Duration | None = None
    """How long a link that needed me is kept without clients; 8h without this key."""


class SettingsFile(Section):
    """Who I am, how gpuws looks, and what I share with others."""

    INSTEAD = unknown_settings.FILE

    me: Annotated[Lines, Field(max_length=64)] = Field(default_factory=list)
    """Names I go by, beside my login on each host. The first labels what I make through a login that others use, too;
    without this key my login here does."""
    theme: Line | None = None
    """The screen's theme."""
    mouse: bool = True
    """Whether the screen listens to the mouse; false leaves it to the terminal, as for marking text."""
    commands: Commands = Field(default_factory=dict)
    """Programs of mine for what is selected on the screen, by an id each."""
    keys: dict[str, Line] = Field(default_factory=dict)
    """Keys by the id of what they do."""
    thresholds: ThresholdsSection = ThresholdsSection()
    """From which figures on they are worth a look."""
    keeper: KeeperSection = KeeperSection()
    """How long links and tunnels are kept."""
    history: Keep = "mine"
    """Of whom is written down, on this machine, how GPUs are used, for `gpuws report`: `mine`, of others without names;
    `all`, of others too; `off`, nothing."""
    command_log: bool = True
    """Whether what gpuws runs on hosts is written down here, for `gpuws hosts log`."""
    notifications: Notifications = NotificationsSection()
    """What I am told, and where: true, screens tell what is mine; false, nothing."""
    profile_paths: Lines = Field(default_factory=list)
    """More directories with profiles, used once accepted: gpuws trust FILE."""
    hosts_files: Lines = Field(default_factory=list)
    """Hosts files that others keep, read before mine and used once accepted."""
