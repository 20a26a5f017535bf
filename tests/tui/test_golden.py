"""Every screen and dialog as it looks on the demo, character by character and colour by colour.

`make golden` draws them anew; look at the difference before you commit it."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest
from textual import events
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from gpuws import tui
from gpuws.fleet.demo.fleet import DemoFleet
from gpuws.fleet.demo.streams import LogStream
from gpuws.model.consent.trust import Proposal
from gpuws.model.host.configured import Alias, Configured
from gpuws.model.host.question import Question
from gpuws.model.placement.plan import Progress
from gpuws.model.task import Task, Why
from gpuws.model.workspace.image import LayerProgress
from gpuws.model.workspace.workspace import PlaceRef
from gpuws.tui.dialogs.dialog import Dialog
from gpuws.tui.messages import Messages
from gpuws.tui.sessions.doors import Door
from gpuws.tui.toolkit.themes import DARK, LIGHT
from gpuws.tui.tour.cards import CARDS
from tests.tui.drawing import FOLDER, WRITING, dump, expected, unread, write
from tests.tui.driving import home, running, text

CLOCKS = ("fleet.background.book", "fleet.noticing.ledger", "fleet.noticing.observer", "model.query.filter")
"""Modules that take their clock when they are loaded: before time stands still, or it stands still in later tests."""
BORN = 1_800_000_000.0  # 15 January 2027, 08:00 UTC
STEPS, STEP = 60, 5.0  # the demo moves so often before it is looked at, so many seconds each time
SIZES = {"80x24": (80, 24), "120x30": (120, 30), "160x45": (160, 45)}
THEMES = {"dark": DARK.name, "light": LIGHT.name}
USUAL = ("120x30", "dark")
VIEWS = (("80x24", "dark"), USUAL, ("160x45", "dark"), ("120x30", "light"))
"""What main screens are drawn in: a theme changes colours, no size."""


@dataclass(frozen=True)
class Shot:
    """`screen`: the class that is on top then. `keys`: what leads there from my first GPU; what stands in quotes is
    typed, what stands behind @ pasted, behind ~ waited for. `then`: what it shows when all has come. `main`: in every
    view, not the usual one only. `after`: keys that undo what escape does not. `of`: what the screen is made of and
    pushed with, where no key leads to it on the demo. `offered`: what a screen without hosts offers. `tasks`: what the
    fleet has done in the background."""

    name: str
    screen: str
    keys: tuple[str, ...] = ()
    then: str = ""
    main: bool = False
    after: tuple[str, ...] = ()
    of: tuple[object, ...] | None = None
    offered: Configured | None = None
    tasks: tuple[Task, ...] = ()


PASSWORD = Question("password", "alice@golf", "alice@golf's password:", server="golf", said=("Welcome to golf.",))
SHARED = Proposal("1", "/nfs/lab/profiles/train.yaml", ('+ image: "torch"', '+ command[]: "train"'), known=False)
ALPHA = Door("alpha", PlaceRef("alpha"), None, "gpuws jupyter alpha --open")
BOBS, FREE = ("j", "j"), ("j", "j", "j")
MORE = (*["tab"] * 7, "enter", "tab")
"""From the profile of a launch to the first of the fields that few need."""
RUN_LINE = """docker run --rm --gpus '"device=0,1"' --shm-size 1g \\
  -e HF_TOKEN=$token -p 8080:80 -v ~/data:/data \\
  example/textgen:3.3 --model-id org/model --num-shard 2   # two cards
"""
SERVICES = """services:
  models: {image: "example/models:2", container_name: models, ports: ["11434:11434"]}
  web: {image: "example/web:main", depends_on: [models], ports: ["3000:8080"]}
"""
ALIASES = tuple(
    Alias(name, f"{name}.lab.example") for name in ("alpha", "bravo", "github.com", "gitlab", "hotel", "india")
)
PULLED = Progress(
    "pulling", "vllm/vllm-openai:v0.11.0: 3 of 11 layers", 0.42,
    (LayerProgress("a3be5d4ce401", "downloading", 1 << 30, 3 << 30), LayerProgress("6f4ebca3e823", "waiting")),
)  # fmt: skip
NO_COMPILER = Why(
    "bravo: the build of gpuws/flash-attn failed: pip install flash-attn==2.8.3 returned 1",
    "its base image has no compiler: build FROM the -devel image of the same version",
)
FLASH = Task(
    "2", "demo-2", "launch", "launch flash-attn", "bravo", BORN - 7000.0, "failed", ended_at=BORN, error=NO_COMPILER
)
TASKS = (
    Task(
        "1",
        "m1",
        "launch",
        "launch train",
        "alpha",
        BORN - 9000.0,
        "done",
        ended_at=BORN - 8000.0,
        result="alpha/train",
    ),
    FLASH,
    Task("3", "m3", "pull_image", "pull vllm/vllm-openai:v0.11.0", "foxtrot", BORN + 100.0, progress=PULLED),
)
USED = r"\A(?![\s\S]*IMAGE)[\s\S]*UP|95G/128G"
"""Memory, once it was read; where there is no room for it, nothing is awaited."""
SHOTS = (
    Shot("fleet", "FleetScreen", main=True),
    Shot("hosts", "FleetScreen", ("v",), "", main=True, after=("v",)),
    Shot("sorted", "FleetScreen", (">", ">"), "MEMORY↓", after=("<", "<")),
    Shot("columns", "ColumnChooser", ("C",), "HELD BY", main=True),
    Shot("filtered", "FleetScreen", ("/", "'bob'", "enter"), "bob"),
    Shot("filtering", "FleetScreen", ("/", "'user='"), "tab"),
    Shot("workspaces", "FleetScreen", ("2",), "GPU MEM", main=True, after=("1",)),
    Shot("free-gpu", "FleetScreen", ("j", "j", "j"), r"(?m)^ n launch", main=True),
    Shot("marked", "FleetScreen", ("2", "space", "space"), "2 marked:", main=True, after=("1",)),
    Shot("in-trouble", "FleetScreen", ("/", "'echo'", "enter", "g"), r"ctrl\+r reconnect"),
    Shot("sessions", "FleetScreen", ("3",), "loss", after=("1",)),
    Shot("notebooks", "FleetScreen", ("4",), "", after=("1",)),
    Shot("fleet-notebooks", "NotebooksScreen", ("J",), "exp7", main=True),
    Shot("message", "MessageScreen", ("J", "M"), "mail"),
    Shot("notebook-log", "NotebookLogScreen", then="--start", of=(ALPHA,)),
    Shot("kernel", "KernelScreen", ("4", "K"), "", after=("1",)),
    Shot("tunnel-panel", "FleetScreen", ("5",), "", after=("1",)),
    Shot("events", "FleetScreen", ("6",), "", after=("1",)),
    Shot("gpu", "GpuScreen", ("enter",), "mean", main=True),
    Shot("gpu-hour", "GpuScreen", ("enter", "v", *["left"] * 9), " at ", after=("enter", "v", "escape")),
    Shot("containers", "ContainersScreen", ("c",), USED, main=True),
    Shot(
        "containers-by-person",
        "ContainersScreen",
        ("c", "v"),
        "by person[\\s\\S]*95G/128G",
        after=("c", "v", "v", "v", "escape"),
    ),
    Shot("container", "DetailScreen", ("i",), r"95G of 128G[\s\S]*LAST EVENTS", main=True),
    Shot("container-unwell", "DetailScreen", ("c", "/", "'rag'", "enter", "enter"), "connection refused"),
    Shot("told", "ToldScreen", ("e",), "out of memory"),
    Shot("rename", "RenameScreen", ("colon", "'rename'", "enter"), "Rename torch-dev"),
    Shot("tiles", "TileScreen", ("V",), "alpha", main=True),
    Shot("host", "HostScreen", ("g", "enter"), "mean", main=True),
    Shot("process", "ProcessScreen", ("p", "enter"), "mean", main=True),
    Shot("copy", "ChooseScreen", ("enter", "y"), "UUID"),
    Shot("people", "PeopleScreen", ("w",), "Who holds", main=True),
    Shot("help", "HelpScreen", ("question_mark",), "", main=True),
    Shot("palette", "PaletteScreen", ("colon",), "recent|Attach", main=True),
    Shot("palette-found", "PaletteScreen", ("colon", "'who'"), "Who holds"),
    Shot("help-found", "HelpScreen", ("question_mark", "'idle'"), "idle: it holds"),
    Shot("actions", "ActionScreen", ("x",), ""),
    Shot("jump", "JumpScreen", ("t",), "loss", main=True),
    Shot("launch", "LaunchScreen", ("n",), "ready", main=True),
    Shot("launch-free", "LaunchScreen", (*FREE, "n"), "ready", main=True),
    Shot("launch-marked", "LaunchScreen", (*FREE, *["j"] * 5, "space", "space", "n"), "ready", True, ("escape",)),
    Shot("launch-held", "LaunchScreen", (*BOBS, "n"), r"Wait for it[\s\S]*Launch", main=True),
    Shot("launch-problem", "LaunchScreen", ("n", "tab", "tab", "tab", "'3'", "ctrl+r"), "sleep inf", main=True),
    Shot("launch-pasted", "LaunchScreen", (*FREE, "n", f"@{RUN_LINE}"), "textgen on[\\s\\S]*ready", main=True),
    Shot("launch-services", "ChooseScreen", (*FREE, "n", f"@{SERVICES}"), "to know", main=True),
    Shot(
        "launch-more",
        "LaunchScreen",
        (*FREE, "n", *MORE, "'~/data:/data:ro'", "tab", "tab", "'DEBUG=1'"),
        "DEBUG=1[\\s\\S]*ready",
        main=True,
    ),
    Shot(
        "launch-end",
        "LaunchScreen",
        (*FREE, "n", *MORE, "ctrl+r", *["tab"] * 7),
        "ready",
        main=True,
    ),
    Shot(
        "save-profile",
        "SaveProfileScreen",
        (*FREE, "n", f"@{RUN_LINE}", "~Save as", "~ready", "tab", "enter"),
        "textgen",
    ),
    Shot("launch-paste", "PasteScreen", (*FREE, "n", "enter", "end", "enter", f"@{RUN_LINE}"), "textgen"),
    Shot("new-profile", "NewProfileScreen", ("n", "ctrl+n"), "New profile"),
    Shot("images", "ImageScreen", ("I",), "dangling|no name|SIZE", main=True),
    Shot("copy-files", "CopyFilesScreen", then="TARGET:PATH", of=("alpha/torch-dev", "/home/alice/vit")),
    Shot("image-copy", "CopyScreen", ("I", "c"), "Copy .* from"),
    Shot("disks", "DiskScreen", ("d",), "build cache", main=True),
    Shot("pull", "PullScreen", ("I", "p"), ""),
    Shot("build", "BuildScreen", ("I", "b"), ""),
    Shot("remove-image", "ConfirmScreen", ("I", "D"), ""),
    Shot("tunnels", "TunnelScreen", ("f",), ""),
    Shot("ports", "PortScreen", ("P",), "TensorBoard"),
    Shot("new-tunnel", "NewTunnelScreen", ("f", "n"), ""),
    Shot(
        "tunnel-to-others",
        "ConfirmScreen",
        ("f", "n", "tab", "tab", "tab", "'0.0.0.0'", "enter"),
        "OTHER MACHINES",
    ),
    Shot("theme", "ThemeScreen", ("colon", "'choose the theme'", "enter"), "auto"),
    Shot("tasks", "TaskScreen", ("b",), "42%", main=True, tasks=TASKS),
    Shot("task-log", "TaskLogScreen", then="→ its base image", main=True, of=(FLASH,)),
    Shot("failed", "FleetScreen", then="✗ (launch flash-attn|1) failed", main=True, tasks=(FLASH,)),
    Shot("log", "LogScreen", ("l",), r"step|loss", main=True),
    Shot("log-found", "LogScreen", ("l", "t", "/", "'warning'", "enter"), r"3 of 3 lines with warning"),
    Shot("log-several", "LogScreen", ("2", "space", "space", "l"), r"log · 2 containers[\s\S]*step", after=("1",)),
    Shot("log-run", "LogScreen", ("l", "p"), "OutOfMemoryError"),
    Shot("log-save", "SaveLogScreen", ("l", "ctrl+s"), "Save the whole log"),
    Shot("log-span", "SpanScreen", ("l", "at"), "10m ago"),
    Shot("new-session", "NewSessionScreen", ("3", "colon", "'new tmux'", "enter"), "", after=("1",)),
    Shot("rename-session", "RenameSessionScreen", ("3", "colon", "'rename tmux'", "enter"), "", after=("1",)),
    Shot("inspect", "InspectScreen", ("i", "i"), "Id"),
    Shot("drift", "DriftScreen", ("colon", "'compare'", "enter"), ""),
    Shot("verify", "VerifyScreen", ("colon", "'verify'", "enter"), "matrix product"),
    Shot("capture", "CaptureScreen", ("colon", "'capture'", "enter"), "image"),
    Shot("clone", "CloneScreen", ("colon", "'clone'", "enter"), ""),
    Shot("doctor", "DoctorScreen", ("colon", "'doctor'", "enter"), "all is well", main=True),
    Shot("stop-mine", "ConfirmScreen", ("S",), "Stop"),
    Shot("stop-bobs", "ConfirmScreen", (*BOBS, "S"), "to go on"),
    Shot("wrong-name", "ConfirmScreen", (*BOBS, "S", "'jx'"), "jx is not jup"),
    Shot("choices", "LaunchScreen", ("n", "enter"), "ready"),
    Shot("remove-mine", "ConfirmScreen", ("D",), "Remove"),
    Shot("signal", "SignalScreen", ("p", "K"), ""),
    Shot("question", "QuestionScreen", then="Answer", of=(PASSWORD,)),
    Shot("trust", "TrustScreen", then="shared", of=(SHARED,)),
    Shot("notice", "NoticeScreen", ("/", "'echo'", "enter", "g", "enter"), "known_hosts"),
    Shot("attach", "PickerScreen", then="loss", of=()),
    Shot("opening", "OpeningScreen", then="reading", of=()),
    Shot("inventory", "InventoryScreen", ("A",), "lab.example", main=True),
    Shot("host-form", "HostForm", ("A", "a", "'bob@gpu7.lab.example:2222'"), "ssh -p 2222", main=True),
    Shot("host-test", "TrialScreen", ("A", "t"), "driver", main=True),
    Shot("host-test-failed", "TrialScreen", ("A", "j", "j", "j", "t"), "known_hosts, line"),
    Shot("import", "ImportScreen", ("A", "i"), "hotel"),
    Shot("first-steps", "FirstStepsScreen", then="ctrl", of=()),
    Shot("welcome", "FleetScreen", then="Look at the demo", main=True, offered=Configured("hosts.yaml")),
    Shot("aliases", "FleetScreen", then="lab.example", main=True, offered=Configured("hosts.yaml", aliases=ALIASES)),
)
TOUR = (
    Shot("tour-1", "DemoHome", then="Tour 1 of", main=True),
    *(Shot(f"tour-{n}", "DemoHome", ("full_stop",), f"Tour {n} of") for n in range(2, len(CARDS) + 1)),
    Shot("captions", "DemoHome", ("escape",), "comma: off", main=True),
)
"""Of the demo with its tour, each from the one before it."""


@dataclass(frozen=True)
class Seen:
    """`dump`: as it is kept. `unread`: text with too little contrast, in the other theme, too. `foot`: keys that a
    dialog tells; None: it is none."""

    dump: str
    unread: tuple[str, ...] = ()
    foot: str | None = None


@cache
def drawn(size: str, main: bool) -> dict[str, Seen]:
    """All main shots of a size, or all others, drawn in one run; by their full names."""
    return asyncio.run(_drawn(size, main))


async def _drawn(size: str, main: bool) -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    with pytest.MonkeyPatch.context() as patch:
        fleet = _still(patch)
        async with running(fleet, SIZES[size]) as (app, pilot):
            app.theme, app.animation_level = THEMES[USUAL[1]], "none"
            for shot in (each for each in SHOTS if not each.offered and each.main is main):
                try:
                    await _at_home(app, pilot)
                    if shot.tasks:
                        app.state.tasks = shot.tasks
                        home(app).fleet_changed(())
                    await _to(app, pilot, shot)
                    found |= await _seen(app, pilot, shot, size)
                    if shot.of is not None:
                        app.pop_screen()
                    if shot.after:
                        await _at_home(app, pilot)
                        await pilot.press(*shot.after)
                    app.state.tasks = fleet.tasks()
                except AssertionError as error:
                    never = Seen(f"never came: {type(app.screen).__name__}: {error}")
                    found = {full_name(shot, *view): never for view in views(shot) if view[0] == size} | found
        async with running(fleet, SIZES[size], demo=True, tour=True) as (app, pilot):
            app.theme, app.animation_level = THEMES[USUAL[1]], "none"
            for shot in (each for each in TOUR if each.main is main or each is TOUR[0]):
                await _to(app, pilot, shot)
                app.clear_notifications()
                await pilot.until(lambda: not app.screen.query(Messages))
                found |= await _seen(app, pilot, shot, size)
        fleet.close()
        if main:
            await _draw_beginnings(size, found)
    return found


async def _seen(app, pilot, shot: Shot, size: str) -> dict[str, Seen]:
    """What is on the screen, in each theme that it is drawn in at this size. Other sizes have runs of their own: what
    was opened in one and made larger looks otherwise than what was opened in the other."""
    found = {}
    for theme in (theme for at, theme in views(shot) if at == size):
        app.theme = THEMES[theme]
        await _stands_still(app, pilot)
        found[full_name(shot, size, theme)] = Seen(
            dump(app),
            await _unread(app, pilot, theme, both=not shot.main),
            _foot(app.screen) if isinstance(app.screen, Dialog) else None,
        )
    app.theme = THEMES[USUAL[1]]
    return found


def _foot(dialog: Dialog) -> str:
    return "".join(span.text for bar in dialog.query(".foot Bar") for part in bar._start for span in part.line)


async def _unread(app, pilot, theme: str, *, both: bool) -> tuple[str, ...]:
    """What is drawn in every theme is measured in each; what is not, in both at once."""
    found = unread(app)
    if both:
        app.theme = THEMES["light" if theme == "dark" else "dark"]
        await pilot.pause()
        found += unread(app)
        app.theme = THEMES[theme]
        await pilot.pause()
    return tuple(found)


async def _draw_beginnings(size: str, found: dict[str, Seen]) -> None:
    """Of somebody who has this machine only."""
    fleet = DemoFleet(tick=0, hosts=("local",), clock=time.time)
    fleet.configured = lambda: Configured("hosts.yaml", written=True)
    async with running(fleet, SIZES[size]) as (app, pilot):
        app.theme, app.animation_level = THEMES[USUAL[1]], "none"
        for shot in (each for each in SHOTS if each.offered):
            home(app).offer_hosts(shot.offered)
            await _to(app, pilot, shot)
            found |= await _seen(app, pilot, shot, size)
            await pilot.press("escape")
            await pilot.until(lambda: not app.screen.query("#first-run"))
    fleet.close()


def _still(patch: pytest.MonkeyPatch) -> DemoFleet:
    """The demo with five minutes behind it, at a moment that lasts."""
    for module in CLOCKS:
        importlib.import_module(f"gpuws.{module}")
    now = [BORN]
    fleet = DemoFleet(tick=0, clock=lambda: now[0])
    for _ in range(STEPS):
        now[0] += STEP
        fleet.step()
    local = time.localtime
    patch.setenv("TZ", "UTC")
    time.tzset()
    patch.setattr(time, "time", lambda: now[0])
    patch.setattr(time, "localtime", lambda at=None: local(now[0] if at is None else at))
    patch.setattr(time, "strftime", lambda form, at=None: _strftime(form, at or local(now[0])))
    patch.setattr(Input, "_toggle_cursor", lambda self: None)
    patch.setattr(LogStream, "_wait", _nothing_more)
    return fleet


def _nothing_more(log: LogStream) -> None:
    if not log._closed.wait(log._timeout):
        raise TimeoutError


_strftime = time.strftime


async def _at_home(app, pilot) -> None:
    for _ in range(6):
        if app.screen is home(app):
            break
        await pilot.press("escape")
        await pilot.pause()
    assert app.screen is home(app), f"{app.screen} stays"
    await pilot.press("escape", "escape", "g", "j")
    await pilot.until(lambda: home(app).list.settled)


async def _to(app, pilot, shot: Shot) -> None:
    if shot.of is not None:
        app.push_screen(ours()[shot.screen](*shot.of))
    for key in shot.keys:
        await _do(app, pilot, key)
    await pilot.until(lambda: type(app.screen).__name__ == shot.screen and re.search(shot.then, text(app)))
    await pilot.until(lambda: getattr(app.screen, "armed", True) and not getattr(app.screen, "asking", False))
    await _stands_still(app, pilot)


async def _do(app, pilot, key: str) -> None:
    if key.startswith("'"):
        await pilot.press(*key.strip("'"))
        await _nothing_waits(app, pilot)
    elif key.startswith("@"):
        app.post_message(events.Paste(key.removeprefix("@")))
    elif key.startswith("~"):
        await pilot.until(lambda: key.removeprefix("~") in text(app))
    else:
        await pilot.press(key)


async def _stands_still(app, pilot) -> None:
    before = None
    while before != (before := dump(app)):
        await _nothing_waits(app, pilot)


async def _nothing_waits(app, pilot) -> None:
    """Nothing is put off for a moment: a plan while somebody types, a paint after another."""
    await pilot.until(lambda: not any(map(_moment, _timers(app))))


def views(shot: Shot) -> tuple[tuple[str, str], ...]:
    return VIEWS if shot.main else (USUAL,)


def full_name(shot: Shot, size: str, theme: str) -> str:
    return f"{shot.name}-{size}-{theme}"


def _timers(app) -> Iterator[Timer]:
    for each in (app, *app.screen_stack, *app.screen.walk_children()):
        yield from each._timers


def _moment(timer: Timer) -> bool:
    """Whether it is going to end once, and that soon."""
    return timer._repeat == 0 and timer._interval < 0.3 and timer._task is not None and not timer._task.done()


CASES = [
    pytest.param(
        shot,
        size,
        theme,
        id=full_name(shot, size, theme),
        marks=pytest.mark.xdist_group(f"golden-{size}-{shot.main}"),
    )
    for shot in (*SHOTS, *TOUR)
    for size, theme in views(shot)
]


def seen(shot: Shot, size: str, theme: str) -> Seen:
    return drawn(size, shot.main)[full_name(shot, size, theme)]


@pytest.mark.timeout(600)  # the first of a group draws all of them
@pytest.mark.parametrize(("shot", "size", "theme"), CASES)
def test_it_looks_as_it_should(shot: Shot, size: str, theme: str) -> None:
    now, full = seen(shot, size, theme).dump, full_name(shot, size, theme)
    assert not now.startswith("never came"), now
    if WRITING:
        write(full, now)
    assert now.split("\n") == expected(full).split("\n"), "make golden draws it anew"


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("shot", "size", "theme"), CASES)
def test_its_text_can_be_read(shot: Shot, size: str, theme: str) -> None:
    assert not seen(shot, size, theme).unread


DIALOGS = [
    case
    for case in CASES
    if case.values[1:] in (("80x24", "dark"), USUAL)
    and case.values[0].name != "choices"  # there esc only closes the list
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("shot", "size", "theme"), DIALOGS)
def test_a_dialog_says_how_it_is_left(shot: Shot, size: str, theme: str) -> None:
    foot = seen(shot, size, theme).foot
    assert foot is None or " esc " in foot


def below(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def ours() -> dict[str, type]:
    """The screens of gpuws that are no other one's base."""
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        importlib.import_module(module.name)
    kinds = [kind for kind in below(Screen) if kind.__module__.startswith(f"{tui.__name__}.")]
    return {kind.__name__: kind for kind in kinds if not any(kind in other.__bases__ for other in kinds)}


def test_every_screen_is_drawn() -> None:
    assert ours().keys() - {shot.screen for shot in (*SHOTS, *TOUR)} == set()


@pytest.mark.skipif(WRITING, reason="the others are still being drawn")
def test_none_is_kept_of_what_is_not_drawn() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {case.id for case in CASES}
