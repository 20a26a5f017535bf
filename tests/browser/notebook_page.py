"""JupyterLab 4 in Debian's headless Chromium, by what somebody sees and presses there."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Locator, Page, sync_playwright

from tests.lab.packages import CHROMIUM

ALONE = (
    *("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-quic", "--no-first-run", "--disable-dev-shm-usage"),
)
"""As root Chromium has no sandbox; of itself it asks nobody on the network for anything."""
PATIENCE = 60.0
"""Seconds for whatever is not measured; a busy machine is no finding."""

SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden)"
"""The notebook in front."""


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """A Chromium that ends with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ALONE), timeout=PATIENCE * 1000)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def tab(browser: Browser) -> Iterator[NotebookPage]:
    """A tab of its own, with nothing kept of any other."""
    with contextlib.closing(browser.new_context(viewport={"width": 1280, "height": 800})) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        yield NotebookPage(page)


@dataclass(frozen=True)
class NotebookPage:
    """One tab of the browser."""

    page: Page

    def open(self, url: str) -> None:
        """Until JupyterLab stands there."""
        self.page.goto(url)
        self._await_lab()

    def load_again(self) -> None:
        """Until the notebook that was in front is there again."""
        self.page.reload()
        self._await_lab()
        self._cell.wait_for()

    def _await_lab(self) -> None:
        self.page.locator("#jp-main-dock-panel").wait_for()
        self.page.locator(".jupyterlab-splash").wait_for(state="detached")

    def have_notebook(self) -> None:
        """The one that JupyterLab had in front when its page was closed, else a new one from the launcher."""
        new = self.page.locator('.jp-LauncherCard[data-category="Notebook"]:visible').first
        self._cell.or_(new).first.wait_for()
        if new.is_visible():
            new.click()
        self._cell.wait_for()

    def run(self, source: str, shows: str, seconds: float = PATIENCE) -> float:
        """Run the first cell with this source, as often as its kernel did not take it; how long until `shows` stood
        below it. JupyterLab drops what is run while it makes a kernel's acquaintance."""
        began = time.monotonic()
        while not self._is_shown(shows):
            left = began + seconds - time.monotonic()
            assert left > 0, f"no output after {seconds:.0f} s: {self.status()}"
            with contextlib.suppress(Error):
                self._press(source)
                self._output(shows).wait_for(timeout=min(1.0, left) * 1000)
        return time.monotonic() - began

    def upload(self, file: Path) -> None:
        """Through JupyterLab's button, and its question where a file is large; until all of it is there."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_title("Upload Files").click()
        chooser.value.set_files(file)
        self._file(file.name).or_(self._question).first.wait_for()
        if self._question.is_visible():
            self._question.click()
        self._file(file.name).wait_for()  # listed with its first piece
        self.page.get_by_text("Uploading…").wait_for(state="hidden")

    def download(self, name: str) -> Path:
        """Through the menu of the file; where the browser put it, until the tab is closed."""
        self._file(name).click(button="right")
        with self.page.expect_download() as download:
            self.page.locator('.lm-Menu-item[data-command="filebrowser:download"]').click()
        return Path(download.value.path())

    def status(self) -> str:
        """What its status bar says of the kernel."""
        bar = self.page.locator("#jp-main-statusbar")
        return bar.inner_text() if bar.count() else "no status bar"

    def save(self) -> None:
        """So that JupyterLab knows the notebook's kernel when its page is loaded again."""
        self.page.keyboard.press("Control+s")

    def _press(self, source: str) -> None:
        if self._question.is_visible():
            self._question.click()
        self._cell.click(timeout=1000)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")

    def _is_shown(self, text: str) -> bool:
        return self._output(text).count() > 0

    def _output(self, text: str) -> Locator:
        return self.page.locator(f"{SHOWN} .jp-OutputArea-output", has_text=text).first

    def _file(self, name: str) -> Locator:
        return self.page.locator(".jp-DirListing-item", has_text=name)

    @property
    def _question(self) -> Locator:
        """The button that agrees: to a large file, to the kernel that a notebook had."""
        return self.page.locator(".jp-Dialog button.jp-mod-accept").first

    @property
    def _cell(self) -> Locator:
        return self.page.locator(f"{SHOWN} .jp-Cell .cm-content").first
