"""A notebook's address reaches the browser and no command line."""

import os
import stat
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest

from gpuws.workstation import browser

URL = "http://127.0.0.1:20002/lab?token=s3cret&x=1"
BROWSER = """#!/bin/sh
{{ tr '\\0' ' ' < /proc/$$/cmdline; echo; file=${{1#file://}}; stat -c %a "$file"; cat "$file"; }} > {out}
"""
OPEN = f"from gpuws.workstation.browser import open_address; open_address({URL!r})"


def program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path


def run(code, **env):
    return subprocess.run(
        [sys.executable, "-c", code], env=os.environ | env, capture_output=True, text=True, timeout=30, check=False
    )


def test_a_real_browser_program_gets_a_private_file_that_is_gone_afterwards(tmp_path):
    out = tmp_path / "out"
    started = program(tmp_path / "browser", BROWSER.format(out=out))
    done = run(OPEN, BROWSER=f"{started} %s", TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    command, mode, page = out.read_text().split("\n", 2)
    assert "s3cret" not in command
    assert "file:///" in command
    assert mode == "600"
    assert 'content="0; url=http://127.0.0.1:20002/lab?token=s3cret&amp;x=1"' in page
    assert "no-referrer" in page
    assert list(tmp_path.glob("gpuws-*")) == []


@pytest.mark.parametrize(
    ("script", "named"),
    [
        ('#!/bin/sh\nexec /snap/bin/firefox "$@"\n', "a browser in a snap"),
        ('#!/bin/sh\nexec flatpak run org.mozilla.firefox "$@"\n', "a browser in a flatpak"),
        ('#!/bin/sh\nexec /usr/lib/firefox/firefox "$@"\n', None),
    ],
)
def test_a_browser_that_sees_other_files_is_told_by_its_name(script, named, tmp_path, monkeypatch):
    found = program(tmp_path / "firefox", script)
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.GenericBrowser(str(found)))
    assert browser.confined() == named


@pytest.mark.parametrize(
    ("where", "named"),
    [
        ("var/lib/snapd/desktop/applications/firefox_firefox.desktop", "a browser in a snap"),
        ("var/lib/flatpak/exports/share/applications/org.mozilla.firefox.desktop", "a browser in a flatpak"),
        ("usr/share/applications/firefox-esr.desktop", None),
    ],
)
def test_the_desktops_browser_is_known_by_where_it_is_described(where, named, tmp_path, monkeypatch):
    file = tmp_path / where
    file.parent.mkdir(parents=True)
    file.write_text("[Desktop Entry]\n")
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    program(bin_ / "xdg-open", "#!/bin/sh\n")
    program(bin_ / "xdg-settings", f"#!/bin/sh\necho {file.name}\n")
    monkeypatch.setenv("PATH", f"{bin_}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_DATA_DIRS", str(file.parent.parent))
    monkeypatch.setattr(webbrowser, "get", lambda: webbrowser.BackgroundBrowser("xdg-open"))
    assert browser.confined() == named


def test_a_browser_of_windows_is_given_nothing(monkeypatch, tmp_path):
    kernel = os.uname_result(("Linux", "x", "5.15.167.4-microsoft-standard-WSL2", "v", "x86_64"))
    monkeypatch.setattr(os, "uname", lambda: kernel)
    monkeypatch.setattr(webbrowser, "open", lambda _url: pytest.fail("opened"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(browser.NoBrowser, match="Windows"):
        browser.open_address(URL)
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_the_users_own_whatever_the_umask(monkeypatch):
    opened = []
    monkeypatch.setattr(browser, "confined", lambda: None)
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    before = os.umask(0)
    try:
        browser.open_address(URL)
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path(opened[0].removeprefix("file://")).stat().st_mode) == 0o600
