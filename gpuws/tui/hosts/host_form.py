"""A host, new or to be changed: where it is, how it is called and reached. It can be tried before it is saved."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Button, Input, Static

from gpuws.model.errors import GpuwsError
from gpuws.model.host.host import Host
from gpuws.model.text import plain
from gpuws.present.tables.hosts import ssh_command
from gpuws.tui.command import Command
from gpuws.tui.dialogs.buttons import button
from gpuws.tui.dialogs.dialog import set_title
from gpuws.tui.dialogs.form import Form, row
from gpuws.tui.hosts.draft import Draft

FIELDS = (
    ("address", "Address", "alice@gpu1.lab.example, or an alias of your ssh"),
    ("name", "Name", "how it is called here"),
    ("jump", "Through", "a jump host, if there is one"),
    ("identity_file", "Key", "as your SSH configuration and agent say"),
    ("tags", "Tags", "words to choose it by: a100 room-3"),
)


class HostForm(Form[bool]):
    """True: it is written down. `before`: the host that is changed, None: a new one."""

    DEFAULT_CSS = """
    HostForm .label { width: 10; }
    HostForm #why { margin-top: 1; }
    """
    AUTO_FOCUS = "#address"
    KEYS_ABOUT = "host form"
    KEYS: ClassVar[tuple[Command[HostForm], ...]] = (
        Command(
            "host-form-test", "ctrl+t", "test", "Connect to it as it stands here", lambda form: form.test(), hint=2
        ),
    )

    def __init__(self, before: Host | None) -> None:
        super().__init__()
        self._before = before
        self.button = "Save" if before else "Add"

    def compose(self) -> ComposeResult:
        draft = Draft.of(self._before) if self._before else Draft()
        with Vertical(classes="box") as box:
            set_title(box, f"Host {self._before.name}" if self._before else "New host")
            for name, word, example in FIELDS:
                field = Input(getattr(draft, name), placeholder=example, id=name, compact=True, select_on_focus=False)
                yield row(word, field)
            yield Static("", id="line", classes="command", markup=False)
            yield self.why()
            yield from self.foot(
                button("Cancel", "cancel"), button("Test", "test"), button(self.button, "go", "primary")
            )

    def on_mount(self) -> None:
        self._typed()

    @property
    def draft(self) -> Draft:
        return Draft(**{name: self.query_one(f"#{name}", Input).value.strip() for name, _, _ in FIELDS})

    @on(Input.Changed)
    def _typed(self) -> None:
        """The way there as ssh would be told it, and a name for it."""
        draft = self.draft
        self.query_one("#name", Input).placeholder = draft.suggested or "how it is called here"
        self.query_one("#why").display = False
        line = self.query_one("#line", Static)
        try:
            line.update(f"$ {plain(ssh_command(draft.host(self._before)), 300)}")
        except GpuwsError as error:
            empty = not (draft.address or draft.name)
            line.update("$ ssh …" if empty else plain(str(error), 300))

    def test(self) -> None:
        from gpuws.tui.hosts.trial_screen import TrialScreen

        if (host := self._host()) is not None:
            self.app.push_screen(TrialScreen(host, self._was, saves=True), lambda save: self.go() if save else None)

    def go(self) -> None:
        host = self._host()
        if host is None:
            return
        was, fleet = self._was, self.app.fleet
        self.app.verbs.run("save host", lambda: fleet.save_host(host, was), lambda _: self._saved(host), self.refuse)

    @property
    def _was(self) -> str | None:
        return self._before.name if self._before else None

    def _host(self) -> Host | None:
        """What is typed, as a host; None where it is none, and then it says why."""
        try:
            return self.draft.host(self._before)
        except GpuwsError as error:
            self.refuse(error)
            return None

    def _saved(self, host: Host) -> None:
        self.app.say(f"{host.name} is in hosts.yaml")
        if self.is_running:
            self.close_with(True)

    @on(Button.Pressed, "#test")
    def _test_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        event.prevent_default()
        self.test()
