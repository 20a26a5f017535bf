"""Hosts as they are written down: add, edit, test, remove. The fleet follows at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from gpuws.model.consent.confirm import Confirmation
from gpuws.model.host.configured import Configured, ConfiguredHost
from gpuws.model.host.host import Host
from gpuws.model.units import count
from gpuws.present.line import clean
from gpuws.present.tables import hosts
from gpuws.present.tables.base import Table
from gpuws.tui.command import Command
from gpuws.tui.dialogs.list_dialog import ListDialog


class InventoryScreen(ListDialog[None]):
    """⏎ edits."""

    KEYS_ABOUT = "hosts"
    KEYS: ClassVar[tuple[Command[InventoryScreen], ...]] = (
        Command("host-add", "a,A", "add", "Add a host", lambda screen: screen.add(), hint=2),
        Command(
            "host-test", "t", "test", "Connect to it once and say how it goes",
            lambda screen: screen.test(), hint=3, why_not=lambda screen: screen.nothing(),
        ),
        Command(
            "host-import", "i", "import", "Take hosts from the SSH configuration",
            lambda screen: screen.take(), hint=4, why_not=lambda screen: screen.no_aliases(),
        ),
        Command(
            "host-remove", "D", "remove", "Take the host out of hosts.yaml; nothing on it is changed",
            lambda screen: screen.remove_host(), hint=5, why_not=lambda screen: screen.fixed(),
        ),
    )  # fmt: skip
    title_text = "Hosts"
    opens_word = "edit"

    def __init__(self, configured: Configured, at: str = "") -> None:
        """`at`: where the cursor is first."""
        super().__init__()
        self._configured, self._at = configured, at
        self._addresses: Mapping[str, str | None] = {}

    def ready(self) -> None:
        self.rows.select(self._at)
        self._resolve()

    def table(self) -> Table:
        return hosts.inventory(self._configured.hosts, self._addresses, self.app.state.hosts)

    def fleet_changed(self, hosts: Collection[str]) -> None:  # noqa: ARG002 - the table compares lines itself
        self.update()

    # what is selected

    @property
    def selected(self) -> ConfiguredHost | None:
        row = self.rows.current
        return next((one for one in self._configured.hosts if row and one.host.name == row.key), None)

    def nothing(self) -> str:
        return "" if self.selected else "there is no host here yet: a adds one"

    def fixed(self) -> str:
        """Why the selected host can't be changed here; "" when it can."""
        chosen = self.selected
        if chosen is None:
            return self.nothing()
        return chosen.elsewhere and f"{chosen.host.name} comes from {chosen.elsewhere}: edit it there"

    def no_aliases(self) -> str:
        if self._configured.aliases:
            return ""
        left = self._configured.left_out
        why = f" that could be one ({clean(left[0].written)}: {left[0].why})" if left else ""
        return f"your SSH configuration has no other hosts{why}"

    # what can be done

    def opened(self, key: str) -> None:  # noqa: ARG002 - the selected one
        chosen = self.selected
        if why := self.fixed():
            self.app.warn(why)
        elif chosen is not None:
            self._open(chosen.host)

    def add(self) -> None:
        self._open(None)

    def _open(self, host: Host | None) -> None:
        from gpuws.tui.hosts.host_form import HostForm

        self.app.push_screen(HostForm(host), lambda saved: self.reload() if saved else None)

    def test(self) -> None:
        from gpuws.tui.hosts.trial_screen import TrialScreen

        if (chosen := self.selected) is not None:
            self.app.push_screen(TrialScreen(chosen.host, chosen.host.name))

    def take(self) -> None:
        from gpuws.tui.hosts.import_screen import ImportScreen

        self.app.push_screen(ImportScreen(self._configured.aliases, self._configured.left_out), lambda _: self.reload())

    def remove_host(self) -> None:
        from gpuws.tui.dialogs.confirm import ConfirmScreen

        chosen = self.selected
        if chosen is None:
            return
        name = chosen.host.name
        tunnels = [tunnel for tunnel in self.app.state.tunnels if tunnel.leads_to(name)]
        lines = ["It leaves the fleet and hosts.yaml. Nothing on it is changed; what runs there goes on."]
        if tunnels:
            lines.append(f"{count(len(tunnels), 'tunnel')} to it will not work any more.")
        asked = Confirmation(f"Remove {clean(name)} from the fleet?", tuple(lines), f"gpuws hosts rm {name}")
        self.app.push_screen(ConfirmScreen(asked, "Remove"), lambda yes: self._remove(name) if yes else None)

    def _remove(self, name: str) -> None:
        self.app.verbs.run("remove host", lambda: self.app.fleet.remove_host(name), lambda _: self.reload())

    # its content

    def reload(self) -> None:
        """What is written now."""
        self.app.verbs.run("hosts", self.app.fleet.configured, self._take)

    def _take(self, configured: Configured) -> None:
        if self.is_running:
            self._configured = configured
            self.update()
            self._resolve()

    def _resolve(self) -> None:
        names = [one.host.name for one in self._configured.hosts]
        self.app.verbs.run(
            "addresses", lambda: self.app.fleet.addresses(names), lambda found: self._lead(names, found), lambda _: None
        )

    def _lead(self, names: list[str], addresses: tuple[str | None, ...]) -> None:
        if self.is_running:
            self._addresses = dict(zip(names, addresses, strict=True))
            self.update()
