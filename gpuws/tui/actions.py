"""What the keys do with a selection: which one is meant, is it sure, then the fleet's verb."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gpuws.model.entry import Wish, manner
from gpuws.model.errors import GpuwsError
from gpuws.model.facts import holds
from gpuws.model.gpu import Gpu
from gpuws.model.host import HostState
from gpuws.model.kept_wait import KeptWait
from gpuws.model.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.model.tunnel import Tunnel
from gpuws.model.workspace import Workspace
from gpuws.present.line import count
from gpuws.tui import selection as choice
from gpuws.tui.asker import Asker
from gpuws.tui.changes import Changes
from gpuws.tui.foreground import Opener, Pump, hand_over
from gpuws.tui.present.offers import CONTAINER_ACTS, why_not
from gpuws.tui.selection import Door, Selection
from gpuws.tui.signalling import Signals
from gpuws.tui.verbs import tell

if TYPE_CHECKING:
    from gpuws.tui.base import AppBase

FRESH_SECONDS = 12.0
DETACH = "detach with ctrl-b d"


class Actions:
    def __init__(self, app: AppBase, asker: Asker, pump: Pump) -> None:
        self._app = app
        self._asker = asker
        self._pump = pump
        self._fresh: tuple[Door, float] | None = None
        self.changes = Changes(app)
        self.signals = Signals(app)

    @property
    def fresh(self) -> Door | None:
        if self._fresh is not None and self._fresh[1] < time.monotonic():
            self._fresh = None
        return self._fresh[0] if self._fresh else None

    def launched(self, door: Door, sentence: str) -> None:
        self._fresh = (door, time.monotonic() + FRESH_SECONDS)
        self._app.say(sentence, timeout=FRESH_SECONDS)

    def do(self, verb: str, selection: Selection | None) -> None:
        plain_verbs: dict[str, Callable[[], None]] = {
            "jump": self.jump,
            "tasks": self.tasks,
            "people": self.people,
            "tunnels": lambda: self.tunnels(selection),
            "launch": lambda: self.launch(selection),
        }
        if verb in plain_verbs:
            plain_verbs[verb]()
            return
        if verb == "attach" and self.fresh is not None:
            self.go(self.fresh)
            return
        if selection is None:
            self._app.warn("nothing is selected")
            return
        if reason := self._refusal(verb, selection):
            self._app.warn(plain(reason))
            return
        self._on_selection(verb, selection)

    def _refusal(self, verb: str, selection: Selection) -> str:
        return "" if selection.marked and verb in CONTAINER_ACTS else why_not(verb, selection)

    def _on_selection(self, verb: str, selection: Selection) -> None:
        if selection.tunnel is not None and verb in ("remove", "jupyter"):
            self._on_tunnel(verb, selection.tunnel)
        elif verb == "kill" and selection.session is not None:
            self.changes.kill_session(selection)
        elif verb == "kill" and selection.process is not None:
            self.signals.begin(selection)
        elif verb in CONTAINER_ACTS:
            self._change(verb, selection)
        else:
            looks: dict[str, Callable[[], None]] = {
                "attach": lambda: self._ask_door("Attach to", choice.doors(selection), self.go),
                "write": lambda: self._ask_door("Write into", choice.doors(selection), lambda d: self.go(d, "write")),
                "shell": lambda: self._ask_door("Shell in", choice.shells(selection), self.shell),
                "jupyter": lambda: self._ask_door("Open Jupyter of", choice.notebooks(selection), self.jupyter),
                "logs": lambda: self._ask_container("Log of", selection, self.logs),
                "inspect": lambda: self._ask_container("Inspect", selection, self.inspect),
                "copy": lambda: self._app.copy(choice.equivalent(selection)),
                "actions": lambda: self.show_actions(selection),
                "reconnect": lambda: self.reconnect(selection.host),
                "images": lambda: self.images(selection.snapshot),
                "doctor": lambda: self.doctor((selection.host,)),
                "drift": lambda: self._ask_container("Compare", selection, self.drift),
                "capture": lambda: self._ask_container("Capture", selection, self.capture),
                "clone": lambda: self._ask_container("Clone", selection, lambda one: self.clone(one, selection)),
                "recreate": lambda: self._ask_container(
                    "Recreate", selection, lambda one: self.changes.recreate(one, selection.snapshot)
                ),
            }
            looks[verb]()

    def enter(self, selection: Selection) -> None:
        if selection.tunnel is not None:
            self.tunnels(selection)
        elif selection.notebook is not None:
            self.do("jupyter", selection)
        elif selection.process is None and choice.doors(selection):
            self.do("attach", selection)
        else:
            self.do("actions", selection)

    # which one

    def _ask_door(self, title: str, doors: Sequence[Door], then: Callable[[Door], None]) -> None:
        if len(doors) == 1:
            then(doors[0])
            return
        from gpuws.tui.screens.choose import ChooseScreen, Option

        options = [Option(door.label, door.command, door) for door in doors]
        self._app.push_screen(ChooseScreen(title, options), lambda door: then(door) if door is not None else None)

    def _ask_container(self, title: str, selection: Selection, then: Callable[[Workspace], None]) -> None:
        found = choice.containers(selection)
        if len(found) == 1:
            then(found[0])
            return
        from gpuws.tui.screens.choose import ChooseScreen, Option

        options = [Option(c.name, f"{c.status} · {c.owner or 'no owner'} · {c.oci.image}", c) for c in found]
        self._app.push_screen(ChooseScreen(title, options), lambda one: then(one) if one is not None else None)

    # the terminal

    def go(self, door: Door, wish: Wish = "") -> None:
        """Through a door as whose it is says: what is not mine is looked on, unless writing is wished and confirmed."""
        found = choice.behind(door, self._app.state.hosts)
        how = manner(found, wish) if found else None  # one made just now is not there yet: the fleet knows it

        def enter() -> None:
            fleet, place, session = self._app.fleet, door.place, door.session
            tmux = session is not None or place.workspace is not None
            notice = DETACH if tmux else "ctrl-d comes back"
            said = f"{how.note} · {notice}" if how and how.note else notice
            self._hand_over(
                door, lambda size: fleet.attach(place, session, size, how=how), said, how.note if how else ""
            )

        if found and how and not how.look:
            self.changes.enter(found, how, enter)
        else:
            enter()

    def shell(self, door: Door) -> None:
        fleet, place = self._app.fleet, door.place

        def enter() -> None:
            self._hand_over(door, lambda size: fleet.interactive(place, (), size), "ctrl-d comes back")

        self.changes.touch("shell", place, door.command, enter)

    def _hand_over(self, door: Door, opener: Opener, notice: str, title: str = "") -> None:
        app = self._app
        self._fresh = None
        try:
            status = hand_over(app, self._pump, opener, f"{plain(door.label)} · {notice}", title)
        except GpuwsError as error:
            tell(app, error)
        except Exception as error:  # noqa: BLE001 - a fault in the pump must not end the screen
            app.log.error(error)
            tell(app, GpuwsError(f"{door.label}: {type(error).__name__}: {error}"))
        else:
            if status is None:
                app.warn(f"{plain(door.label)}: the link was lost; a tmux session lives on there, a enters it again")
        app.refresh(layout=True)
        app.feed.nudge()

    # looks

    def _host_of(self, container: Workspace) -> HostSnapshot:
        return self._app.state.hosts.get(container.ref.host) or HostSnapshot(container.ref.host)

    def logs(self, container: Workspace) -> None:
        from gpuws.tui.screens.logs import LogScreen

        self._app.push_screen(LogScreen(container, self._host_of(container)))

    def inspect(self, container: Workspace) -> None:
        from gpuws.tui.screens.inspect import InspectScreen

        self._app.push_screen(InspectScreen(container, self._host_of(container)))

    def images(self, snapshot: HostSnapshot) -> None:
        from gpuws.tui.screens.images import ImageScreen

        self._app.push_screen(ImageScreen(snapshot))

    def doctor(self, hosts: Sequence[str]) -> None:
        from gpuws.tui.screens.doctor import DoctorScreen

        self._app.push_screen(DoctorScreen(hosts))

    def drift(self, container: Workspace) -> None:
        from gpuws.tui.screens.drift import DriftScreen

        self._app.push_screen(DriftScreen(container))

    def capture(self, container: Workspace) -> None:
        from gpuws.tui.screens.capture import CaptureScreen

        self._app.push_screen(CaptureScreen(container))

    def clone(self, container: Workspace, selection: Selection) -> None:
        from gpuws.tui.screens.clone import CloneScreen

        held = [gpu for gpu in selection.snapshot.gpus if holds(container, gpu)]
        self._app.push_screen(CloneScreen(container, len(held)))

    def jupyter(self, door: Door) -> None:
        from gpuws.tui.browser import open_jupyter

        self.changes.touch("jupyter", door.place, door.command, lambda: open_jupyter(self._app, door.place, door.label))

    def _on_tunnel(self, verb: str, tunnel: Tunnel) -> None:
        from gpuws.tui.browser import browse, close_tunnel

        (browse if verb == "jupyter" else close_tunnel)(self._app, tunnel)

    def tunnels(self, selection: Selection | None) -> None:
        from gpuws.tui.screens.tunnels import TunnelScreen

        self._app.push_screen(TunnelScreen(selection))

    def tasks(self) -> None:
        from gpuws.tui.screens.tasks import TaskScreen

        self._app.push_screen(TaskScreen())

    def people(self) -> None:
        from gpuws.tui.screens.people import PeopleScreen

        self._app.push_screen(PeopleScreen())

    def show_gpu(self, snapshot: HostSnapshot, gpu: Gpu) -> None:
        from gpuws.tui.screens.gpu import GpuScreen

        self._app.push_screen(GpuScreen(snapshot.name, gpu.uuid))

    def jump(self) -> None:
        from gpuws.tui.screens.jump import JumpScreen

        self._app.push_screen(JumpScreen(self._app.state.snapshots), self._jumped)

    def _jumped(self, found: tuple[str, Door] | None) -> None:
        if found is not None:
            verb, door = found
            (self.jupyter if verb == "jupyter" else self.go)(door)

    def show_actions(self, selection: Selection) -> None:
        from gpuws.tui.screens.actions import ActionScreen

        def then(verb: str | None) -> None:
            if verb:
                self.do(verb, selection)

        self._app.push_screen(ActionScreen(selection), then)

    def reconnect(self, host: str) -> None:
        self._app.say(f"connecting to {host}")
        self._app.verbs.run("reconnect", lambda: self._app.fleet.reconnect(host))

    # changes

    def launch(self, selection: Selection | None) -> None:
        from gpuws.tui.screens.launch import LaunchScreen

        self._app.push_screen(LaunchScreen(selection))

    def _change(self, verb: str, selection: Selection) -> None:
        if selection.marked:
            self.changes.all_marked(verb, selection)
            return
        label = CONTAINER_ACTS[verb]
        self._ask_container(label, selection, lambda one: self.changes.begin(verb, one, selection.snapshot))

    # the end

    def leave(self) -> None:
        """Quit; asked only while something would be lost. What stays is said when the screen is gone."""
        self._app.farewell = farewell(self._app.state.tunnels, self._app.state.waits) if self._app.keeps else None
        running = self._app.tasks.running
        if not running:
            self._app.exit(0)
            return
        from gpuws.model.confirm import Confirmation
        from gpuws.tui.screens.confirm import ConfirmScreen

        titles = tuple(f"{task.title} is not done: it is cancelled." for task in running)
        self._app.push_screen(
            ConfirmScreen(Confirmation("Quit?", titles, ""), "Quit"), lambda yes: self._app.exit(0) if yes else None
        )

    # trouble

    def explain(self, snapshot: HostSnapshot) -> bool:
        if snapshot.state is HostState.ASKING and self._asker.ask_again(snapshot.name):
            return True
        if not (snapshot.state.final or snapshot.state in (HostState.DOWN, HostState.ASKING)):
            return False
        from gpuws.tui.screens.notice import NoticeScreen

        def then(again: bool | None) -> None:
            if again:
                self.reconnect(snapshot.name)

        self._app.push_screen(NoticeScreen(snapshot), then)
        return True


def farewell(tunnels: Sequence[Tunnel], waits: Sequence[KeptWait]) -> str | None:
    """What stays in the keeper, and what ends it."""
    numbers = {"tunnel": sum(tunnel.kept for tunnel in tunnels), "wait": sum(wait.open for wait in waits)}
    kinds = [kind for kind, number in numbers.items() if number]
    if not kinds:
        return None
    what = " and ".join(count(numbers[kind], kind) for kind in kinds)
    stay = "stays" if sum(numbers.values()) == 1 else "stay"
    commands = " · ".join(f"gpuws {kind}s" for kind in kinds)
    return f"{what} {stay} open in the keeper: {commands} · gpuws keeper stop"
