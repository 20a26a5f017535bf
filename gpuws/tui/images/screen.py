"""Images of a host's engine: what they take, who uses them; pull, copy, remove, prune, whether a newer one exists."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from gpuws.model import units
from gpuws.model.build.want import BuildWant
from gpuws.model.consent.confirm import Confirmation, image_confirmation, prune_confirmation
from gpuws.model.errors import GpuwsError
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.model.workspace.image import Image
from gpuws.present.line import clean
from gpuws.present.tables import images
from gpuws.present.tables.base import Table
from gpuws.tui.command import Command
from gpuws.tui.dialogs.ask import sure
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.list_dialog import ListDialog
from gpuws.tui.tasks.begin import begin

if TYPE_CHECKING:
    from gpuws.tui.images.build import Build

T = TypeVar("T")


class ImageScreen(ListDialog[None]):
    KEYS_ABOUT = "images"
    KEYS: ClassVar[tuple[Command[ImageScreen], ...]] = (
        Command(
            "image-pull", "p", "pull", "Pull an image, on several hosts at once",
            lambda screen: screen.ask_what_to_pull(), why_not=lambda screen: screen.readonly(), hint=1,
        ),
        Command(
            "image-build", "b", "build", "Build a profile's image, or a directory's, on several hosts at once",
            lambda screen: screen.ask_what_to_build(), why_not=lambda screen: screen.readonly(), hint=2,
        ),
        Command(
            "image-newer", "u", "newer?", "Ask the registry whether a newer one exists",
            lambda screen: screen.ask_for_newer(), why_not=lambda screen: screen.nameless(), hint=3,
        ),
        Command(
            "image-remove", "D", "remove", "Remove the image",
            lambda screen: screen.remove_image(), why_not=lambda screen: screen.readonly(), hint=4,
        ),
        Command(
            "image-prune", "P", "prune", "Remove those that no name leads to and nobody uses",
            lambda screen: screen.prune(), why_not=lambda screen: screen.readonly() or screen.nothing_to_prune(),
            hint=5,
        ),
        Command(
            "image-copy", "c", "copy", "Copy the image to other hosts, without a registry",
            lambda screen: screen.ask_where_to(), why_not=lambda screen: screen.nothing_chosen(), hint=7,
        ),
        Command(
            "image-disks", "d", "disks", "What else fills the host's disks", lambda screen: screen.show_disks(), hint=8,
        ),
        Command("image-read", "ctrl+r", "read again", "Ask the engine again", lambda screen: screen.read(), hint=6),
    )  # fmt: skip
    opens = False

    def __init__(self, snapshot: HostSnapshot) -> None:
        super().__init__()
        self._host = snapshot.name
        self._images: Sequence[Image] | None = None
        self._newer: dict[str, bool | None] = {}
        self._error = ""
        self.title_text = f"Images on {snapshot.name}"

    def ready(self) -> None:
        self.read()

    def read(self) -> None:
        """Ask the engine again."""
        self.app.verbs.run("images", lambda: self.app.fleet.images(self._host), self._show, self._fail)

    def _show(self, found: Sequence[Image]) -> None:
        if self.is_running:
            self._images, self._error = found, ""
            set_title(self.query_one(".box"), f"{self.title_text} · {images.summary(found)}")
            self.update()

    def _fail(self, error: GpuwsError) -> None:
        if self.is_running:
            self._error = clean(str(error), 300)
            self.update()

    def table(self) -> Table:
        if self._error or self._images is None:
            return Table(empty=self._error or "asking the engine …")
        if not self._images:
            return Table(empty=f"No images on {self._host}. p pulls one.")
        return images.of_host(self._images, self._newer, time.time())

    @property
    def _current(self) -> Image | None:
        row = self.rows.current
        return next((image for image in self._images or () if row is not None and image.id == row.key), None)

    @property
    def _snapshot(self) -> HostSnapshot:
        return self.app.state.hosts.get(self._host) or HostSnapshot(self._host)

    # keys

    def ask_what_to_pull(self) -> None:
        from gpuws.tui.images.pull import PullScreen

        image = self._current
        name = image.names[0] if image is not None and image.names else ""
        self.app.push_screen(PullScreen(self._host, name), self._pull)

    def _pull(self, wanted: tuple[str, tuple[str, ...]] | None) -> None:
        if wanted is not None:
            reference, hosts = wanted
            for host in hosts:
                self._pull_on(host, reference)

    def _pull_on(self, host: str, reference: str) -> None:
        """In the background: the header shows progress."""
        app = self.app

        def there(_: None) -> None:
            app.say(f"{plain(reference)} is on {plain(host)}")
            if self.is_running:
                self.read()

        title = f"pull on {host}: {reference.rpartition('/')[2]}"
        begin(app, title, lambda report, cancel: app.fleet.pull_image(host, reference, report, cancel), there)

    def ask_what_to_build(self) -> None:
        from gpuws.tui.images.build import BuildScreen

        self.app.push_screen(BuildScreen(self._host), self._build)

    def _build(self, wanted: Build | None) -> None:
        if wanted is not None:
            for host, image in wanted.images.items():
                self._build_on(host, image, wanted.want)

    def _build_on(self, host: str, image: str, want: BuildWant) -> None:
        app = self.app

        def built(_: str) -> None:
            app.say(f"{plain(image)} is built on {plain(host)}")
            if self.is_running:
                self.read()

        title = f"build on {host}: {image}"
        begin(app, title, lambda report, cancel: app.fleet.build_image(host, want, report, cancel), built)

    def ask_where_to(self) -> None:
        from gpuws.tui.images.copy import CopyScreen
        from gpuws.tui.images.copying import copy

        image, app = self._current, self.app

        def chosen(hosts: tuple[str, ...] | None) -> None:
            if image is not None and hosts:
                copy(app, image, hosts)

        if image is not None:
            app.push_screen(CopyScreen(self._host, image.name), chosen)

    def show_disks(self) -> None:
        from gpuws.tui.disks.screen import DiskScreen

        self.app.push_screen(DiskScreen(self._snapshot))

    def ask_for_newer(self) -> None:
        """Ask the registry about the one under the cursor."""
        image = self._current
        if image is None:
            return
        self.app.say(f"asking the registry of {clean(image.name)} …", timeout=2)

        def told(newer: bool | None) -> None:
            if self.is_running:
                self._newer[image.id] = newer
                self.update()

        self.app.verbs.run("newer image", lambda: self.app.fleet.newer_image(self._host, image.name), told)

    def remove_image(self) -> None:
        image = self._current
        if image is None:
            return
        name, snapshot = image.name, self._snapshot
        self._ask(
            lambda: image_confirmation(image, name, snapshot, time.time()),
            "Remove",
            lambda: self.app.fleet.remove_image(self._host, name, lambda _step: None, threading.Event()),
            lambda _: f"{name} removed",
        )

    def prune(self) -> None:
        fleet, host, snapshot, loose = self.app.fleet, self._host, self._snapshot, self._loose
        self._ask(
            lambda: prune_confirmation(loose, snapshot, time.time()),
            "Prune",
            lambda: fleet.prune_images(host),
            lambda freed: f"{units.size(freed)} freed",
        )

    @property
    def _loose(self) -> list[Image]:
        return [image for image in self._images or () if image.loose]

    # why not

    def nameless(self) -> str:
        image = self._current
        named = image is not None and not image.dangling
        return "" if named else "no name leads to this image: there is nothing to ask a registry for"

    def nothing_chosen(self) -> str:
        return "" if self._current is not None else "there is no image to copy"

    def nothing_to_prune(self) -> str:
        return "" if self._loose else "no image is without a name and unused: nothing to prune"

    def readonly(self) -> str:
        """Why nothing may be changed there; "" when it may."""
        return f"{self._host} is read-only" if self._snapshot.readonly else ""

    def _ask(
        self, wanted: Callable[[], Confirmation], verb: str, call: Callable[[], T], words: Callable[[T], str]
    ) -> None:
        """Confirm, do it off the loop, say what came of it."""

        def done(result: T) -> None:
            self.app.say(clean(words(result)))
            if self.is_running:
                self.read()

        sure(self.app, wanted, verb, lambda: self.app.verbs.run(f"{verb.lower()} image", call, done))
