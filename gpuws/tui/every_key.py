"""Every key there is: what `keys:` of config.yaml may name, and the page of keys in the documentation."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from gpuws.tui.charts.screen import ChartScreen
from gpuws.tui.command import Command, Commanded
from gpuws.tui.dialogs.asking import Asking
from gpuws.tui.dialogs.choice import Choice
from gpuws.tui.dialogs.confirm import ConfirmScreen
from gpuws.tui.dialogs.dialog import Dialog
from gpuws.tui.dialogs.find_dialog import FindDialog
from gpuws.tui.disks.screen import DiskScreen
from gpuws.tui.doctor.screen import DoctorScreen
from gpuws.tui.files.copy import CopyFilesScreen
from gpuws.tui.fleet.action_list import ActionScreen
from gpuws.tui.fleet.column_chooser import ColumnChooser
from gpuws.tui.fleet.fleet_list import FleetList
from gpuws.tui.fleet.panel import PanelTable
from gpuws.tui.fleet.screen import FleetScreen
from gpuws.tui.gpu.screen import GpuScreen
from gpuws.tui.host.screen import HostScreen
from gpuws.tui.hosts.aliases import AliasChooser
from gpuws.tui.hosts.host_form import HostForm
from gpuws.tui.hosts.inventory import InventoryScreen
from gpuws.tui.hosts.notice import NoticeScreen
from gpuws.tui.hosts.ticks import TickList
from gpuws.tui.hosts.trial_screen import TrialScreen
from gpuws.tui.images.screen import ImageScreen
from gpuws.tui.jump.screen import JumpScreen
from gpuws.tui.launch.clone import CloneScreen
from gpuws.tui.launch.fields import Fold
from gpuws.tui.launch.gpu_picker import GpuPicker
from gpuws.tui.launch.paste import PasteScreen
from gpuws.tui.launch.screen import LaunchScreen
from gpuws.tui.logs.screen import FollowScreen
from gpuws.tui.notebooks.log_screen import NotebookLogScreen
from gpuws.tui.notebooks.screen import NotebooksScreen, NotebookTable
from gpuws.tui.people.screen import PeopleScreen
from gpuws.tui.processes.screen import ProcessScreen
from gpuws.tui.profiles.capture import CaptureScreen
from gpuws.tui.profiles.form import ProfileForm
from gpuws.tui.profiles.trust import TrustScreen
from gpuws.tui.tasks.log import TaskLogScreen
from gpuws.tui.tasks.screen import TaskScreen
from gpuws.tui.text.read_screen import ReadScreen
from gpuws.tui.text.text_screen import TextScreen
from gpuws.tui.tiles.grid import TileGrid
from gpuws.tui.tiles.screen import TileScreen
from gpuws.tui.toolkit.filter_bar import FilterBar
from gpuws.tui.toolkit.row_list import RowList
from gpuws.tui.toolkit.scroller import Scroller
from gpuws.tui.tour.home import DemoHome
from gpuws.tui.tunnels.ports import PortScreen
from gpuws.tui.tunnels.screen import TunnelScreen
from gpuws.tui.workspaces.details import DetailScreen
from gpuws.tui.workspaces.drift import DriftScreen
from gpuws.tui.workspaces.inspect import InspectScreen
from gpuws.tui.workspaces.table import ContainersScreen, ContainerTable

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
    Choice,
    FindDialog,
    FilterBar,
    ActionScreen,
    ColumnChooser,
    PeopleScreen,
    ReadScreen,
    TextScreen,
    InspectScreen,
    ContainerTable,
    ContainersScreen,
    DetailScreen,
    NotebookTable,
    NotebooksScreen,
    NotebookLogScreen,
    ChartScreen,
    GpuScreen,
    HostScreen,
    ProcessScreen,
    TileGrid,
    TileScreen,
    CopyFilesScreen,
    FollowScreen,
    TunnelScreen,
    PortScreen,
    TaskScreen,
    TaskLogScreen,
    ImageScreen,
    DiskScreen,
    DriftScreen,
    DoctorScreen,
    LaunchScreen,
    CloneScreen,
    ProfileForm,
    CaptureScreen,
    TrustScreen,
    JumpScreen,
    InventoryScreen,
    HostForm,
    TrialScreen,
    NoticeScreen,
    AliasChooser,
    TickList,
    GpuPicker,
    Fold,
    PasteScreen,
    DemoHome,
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
