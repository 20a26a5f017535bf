"""An image copied to other hosts in the background, once what would lose its name there was asked about."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence

from gpuws.model.consent.disks import copy_confirmation
from gpuws.model.host.snapshot import HostSnapshot
from gpuws.model.text import plain
from gpuws.model.workspace.image import Image
from gpuws.tui.base import AppBase
from gpuws.tui.dialogs.ask import sure
from gpuws.tui.tasks.begin import begin


def copy(app: AppBase, image: Image, hosts: Sequence[str]) -> None:
    for host in hosts:
        _ask(app, image, host)


def _ask(app: AppBase, image: Image, host: str) -> None:
    def there(found: Sequence[Image]) -> None:
        before = next((one for one in found if image.name in one.names), None)
        snapshot = app.state.hosts.get(host) or HostSnapshot(host)
        command = shlex.join(["gpuws", "images", "copy", image.name, "-H", image.host, "-H", host])
        sure(
            app,
            lambda: copy_confirmation(image, image.name, before, snapshot, time.time(), command),
            "Copy",
            lambda: _begin(app, image, host),
        )

    app.verbs.run("images", lambda: app.fleet.images(host), there)


def _begin(app: AppBase, image: Image, host: str) -> None:
    name = image.name
    begin(
        app,
        f"copy to {host}: {name.rpartition('/')[2]}",
        lambda report, cancel: app.fleet.copy_image(image.host, name, host, report, cancel),
        lambda _: app.say(f"{plain(name)} is on {plain(host)}"),
    )
