"""Each YAML that the documentation shows is read by gpuws as what it is, without a problem."""

from __future__ import annotations

import os

import pytest
import yaml

from gpuws.config.hosts.hosts import read_hosts
from gpuws.config.hosts.hosts_file import HostSection, HostsFile
from gpuws.config.paths import built_in_profiles, find_paths
from gpuws.config.profiles.file import ProfileFile
from gpuws.config.profiles.profiles import ProfileStore
from gpuws.config.settings import read_settings
from gpuws.config.settings_file import SettingsFile
from gpuws.model.host.host import Host
from tests.docs.pages import PAGES, ROOT, blocks

SHOWN = [block for page in PAGES for block in blocks(page) if block.language in ("yaml", "yml")]
HOST = Host("bravo", vars={"scratch": "/scratch/alice"})


@pytest.mark.parametrize("block", SHOWN, ids=str)
def test_what_is_shown_can_be_read(block, tmp_path):
    environ = {**os.environ, "HOME": str(tmp_path), "GPUWS_CONFIG_DIR": str(tmp_path)}
    keys = set(yaml.safe_load(block.text))
    path = tmp_path / "shown.yaml"
    if keys <= set(HostsFile.model_fields):
        path.write_text(block.text)
        read = read_hosts([path], environ)
        assert not read.problems
        assert read.hosts()
    elif keys <= set(SettingsFile.model_fields):
        path.write_text(block.text)
        assert read_settings(path, environ).settings
    else:
        own = find_paths(None, environ).profiles_dir
        own.mkdir()
        (own / "shown.yaml").write_text(block.text if "extends" in keys else f"extends: base\n{block.text}")
        assert ProfileStore([own, built_in_profiles()]).load("shown", HOST, environ=environ)


def test_all_kinds_are_among_what_is_shown():
    keys = [set(yaml.safe_load(block.text)) for block in SHOWN]
    assert any("hosts" in each for each in keys)
    assert any("me" in each for each in keys)
    assert any("extends" in each for each in keys)


def test_every_key_is_documented():
    profiles, configuration = (
        (ROOT / "docs" / name).read_text("utf-8") for name in ("profiles.md", "configuration.md")
    )
    assert [key for key in ProfileFile.model_fields if f"`{key}`" not in profiles] == []
    keys = {*HostSection.model_fields, *HostsFile.model_fields}
    assert [key for key in keys if f"`{key}`" not in configuration] == []
    assert [key for key in SettingsFile.model_fields if key not in configuration] == []
