"""Every key there is: what `keys:` of config.yaml may name, and the page of keys in the documentation."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from gpuws.tui.command import Command, Commanded
from gpuws.tui.profiles.form import ProfileForm
from gpuws.tui.screens.actions import ActionScreen
from gpuws.tui.screens.capture import CaptureScreen
from gpuws.tui.screens.confirm import ConfirmScreen
from gpuws.tui.screens.doctor import DoctorScreen
from gpuws.tui.screens.drift import DriftScreen
from gpuws.tui.screens.fleet import FleetScreen
from gpuws.tui.screens.gpu import GpuScreen
from gpuws.tui.screens.images import ImageScreen
from gpuws.tui.screens.inspect import InspectScreen
from gpuws.tui.screens.jump import JumpScreen
from gpuws.tui.screens.launch import LaunchScreen
from gpuws.tui.screens.logs import LogScreen
from gpuws.tui.screens.tasks import TaskScreen
from gpuws.tui.screens.text import TextScreen
from gpuws.tui.screens.trust import TrustScreen
from gpuws.tui.screens.tunnels import TunnelScreen
from gpuws.tui.toolkit.asking import Asking
from gpuws.tui.toolkit.scroller import Scroller
from gpuws.tui.widgets.dialog import Dialog
from gpuws.tui.widgets.filter_bar import FilterBar
from gpuws.tui.widgets.first_run import TickList
from gpuws.tui.widgets.fleet_list import FleetList
from gpuws.tui.widgets.gpu_picker import GpuPicker
from gpuws.tui.widgets.panel import PanelTable
from gpuws.tui.widgets.row_list import RowList

HOME: tuple[type[Commanded], ...] = (
    Scroller,
    RowList,
    FleetList,
    PanelTable,
    FleetScreen,
)
ELSEWHERE: tuple[type[Commanded], ...] = (
    Dialog,
    Asking,
    ConfirmScreen,
    FilterBar,
    ActionScreen,
    TextScreen,
    InspectScreen,
    GpuScreen,
    LogScreen,
    TunnelScreen,
    TaskScreen,
    ImageScreen,
    DriftScreen,
    DoctorScreen,
    LaunchScreen,
    ProfileForm,
    CaptureScreen,
    TrustScreen,
    JumpScreen,
    TickList,
    GpuPicker,
)
"""Whatever has keys of its own; those of the application are told between the two."""


def every_key(app: type[Commanded]) -> Iterator[tuple[str, Command[Any]]]:
    """All, each with the words over it in `?`. `app`: the application's class."""
    for place in (*HOME, app, *ELSEWHERE):
        for command in place.KEYS:
            if command.keys:
                yield place.KEYS_ABOUT, command


def unknown(keys: Mapping[str, str], app: type[Commanded]) -> list[str]:
    """A sentence for each id that names no key."""
    known = {command.id for _, command in every_key(app)}
    said = []
    for name in keys:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            said.append(f"keys: {name!r} is no key's id" + (f"; did you mean {near[0]!r}?" if near else ""))
    return said
