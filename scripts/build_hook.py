"""What a wheel gets when it is built: man pages of the commands in it, under `share/man/man1` where it is installed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INSTALLED = "share/man/man1"


class ManPages(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """`version` names the kind of wheel: an editable one has its pages nowhere."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)  # a build runs this file alone
        from scripts.man import write

        self._folder = tempfile.TemporaryDirectory(prefix="gpuws-man-")
        for page in write(Path(self._folder.name), self.metadata.version):
            build_data["shared_data"][str(page)] = f"{INSTALLED}/{page.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's
        """Beside the wheel lies nothing but what is released."""
        if version != "editable":
            self._folder.cleanup()
