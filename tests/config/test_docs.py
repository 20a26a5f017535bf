"""What the documentation shows is what gpuws reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gpuws.config.hosts.hosts import read_hosts
from gpuws.config.hosts.hosts_file import HostSection, HostsFile
from gpuws.config.paths import built_in_profiles
from gpuws.config.profiles.file import ProfileFile
from gpuws.config.profiles.profiles import ProfileStore
from gpuws.config.settings import read_settings
from gpuws.config.settings_file import SettingsFile
from gpuws.model.host.host import Host

DOCS = Path(__file__).parents[2] / "docs"


def blocks(name):
    return re.findall(r"```yaml\n(.*?)```", (DOCS / name).read_text("utf-8"), re.DOTALL)


def test_every_key_is_documented():
    profiles, configuration = ((DOCS / name).read_text("utf-8") for name in ("profiles.md", "configuration.md"))
    assert [key for key in ProfileFile.model_fields if f"`{key}`" not in profiles] == []
    keys = {*HostSection.model_fields, *HostsFile.model_fields}
    assert [key for key in keys if f"`{key}`" not in configuration] == []
    assert [key for key in SettingsFile.model_fields if key not in configuration] == []


def test_the_configuration_shown_can_be_read(write, environ):
    hosts, config = blocks("configuration.md")
    found = read_hosts([write("hosts.yaml", hosts)], environ)
    assert not found.problems
    assert len(found.hosts()) == 11
    assert read_settings(write("config.yaml", config), environ).settings.me == ("alice", "as1204")


@pytest.mark.parametrize("block", blocks("profiles.md"))
def test_the_profiles_shown_can_be_read(block, write, paths, environ):
    text = block if "extends" in block else f"extends: base\n{block}"
    write("profiles/shown.yaml", text)
    host = Host("bravo", vars={"scratch": "/scratch/alice"})
    assert ProfileStore([paths.profiles_dir, built_in_profiles()]).load("shown", host, environ=environ).build
