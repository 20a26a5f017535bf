from __future__ import annotations

import os
from pathlib import Path

import pytest

from gpuws.config.paths import built_in_profiles, find_paths
from gpuws.model.errors import UsageError


def test_defaults_are_those_of_xdg_and_nothing_is_created(home, environ, tmp_path):
    paths = find_paths(None, environ)
    assert paths.config_dir == home / ".config/gpuws"
    assert paths.state_dir == home / ".local/state/gpuws"
    assert paths.runtime_dir.parent == tmp_path
    assert paths.hosts_file == home / ".config/gpuws/hosts.yaml"
    assert paths.config_file == home / ".config/gpuws/config.yaml"
    assert paths.profiles_dir == home / ".config/gpuws/profiles"
    assert list(home.iterdir()) == []
    assert list(tmp_path.iterdir()) == [home]


def test_the_option_wins_over_the_variable_over_xdg_over_home(environ, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environ["XDG_CONFIG_HOME"] = "/x"
    assert find_paths(None, environ).config_dir == Path("/x/gpuws")
    environ["GPUWS_CONFIG_DIR"] = "~/mine"
    assert find_paths(None, environ).config_dir == Path(environ["HOME"]) / "mine"
    assert find_paths(Path("here"), environ).config_dir == tmp_path / "here"


def test_relative_xdg_directories_are_ignored(home, environ):
    environ |= {"XDG_CONFIG_HOME": "x", "XDG_STATE_HOME": "y", "XDG_RUNTIME_DIR": "z"}
    paths = find_paths(None, environ)
    assert paths.config_dir == home / ".config/gpuws"
    assert paths.state_dir == home / ".local/state/gpuws"


def test_xdg_runtime_dir_is_used_where_it_exists_and_is_mine(environ, tmp_path, monkeypatch):
    environ["XDG_RUNTIME_DIR"] = str(tmp_path)
    assert find_paths(None, environ).runtime_dir == tmp_path / "gpuws"
    environ["XDG_RUNTIME_DIR"] = str(tmp_path / "gone")
    assert find_paths(None, environ).runtime_dir.name.startswith("gpuws-")
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    environ["XDG_RUNTIME_DIR"] = str(tmp_path)
    assert find_paths(None, environ).runtime_dir.name.startswith("gpuws-")


@pytest.mark.parametrize("trap", ["file", "link", "open"])
def test_a_runtime_directory_that_is_not_mine_alone_is_refused(trap, environ, tmp_path):
    runtime = find_paths(None, environ).runtime_dir
    if trap == "file":
        runtime.write_text("")
    elif trap == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        runtime.symlink_to(tmp_path / "elsewhere")
    else:
        runtime.mkdir()
        runtime.chmod(0o755)
    with pytest.raises(UsageError, match="not a private directory of yours"):
        find_paths(None, environ)


def test_a_private_runtime_directory_is_taken(environ):
    runtime = find_paths(None, environ).runtime_dir
    runtime.mkdir(mode=0o700)
    assert find_paths(None, environ).runtime_dir == runtime


def test_built_in_profiles_are_found_in_the_checkout():
    assert (built_in_profiles() / "base.yaml").is_file()
