"""What the doctor mends through the engine: files of root's given to me, another port for what does not run."""

from __future__ import annotations

import threading

import pytest

from gpuws.engines.docker.existing import create_body
from gpuws.model.errors import GpuwsError
from tests.engines.docker.conftest import IMAGE

pytestmark = pytest.mark.lab


def test_an_image_that_can_not_give_files_to_me_leaves_nothing_behind(clean):
    home, before = str(clean.daemon.root / "home"), clean.ids()
    with pytest.raises(GpuwsError, match="the container has no program find"):
        clean.engine.storage.own(home, IMAGE, 1000, 1000)
    with pytest.raises(GpuwsError, match="nobody/has-it"):
        clean.engine.storage.own(home, "nobody/has-it:1", 1000, 1000)
    assert clean.ids() == before


def test_one_that_ended_is_made_again_with_another_port(clean):
    identity = clean.daemon.cli(
        "create", "--name", "moved", "-p", "127.0.0.1:18095:80", "-p", "18096:81", IMAGE, "true"
    )
    made = clean.engine.recipes.recreate(identity, lambda _: None, threading.Event(), {}, {18095: 18097}).id
    after = clean.engine.inspect(made)
    assert (after["Name"], after["State"]["Running"]) == ("/moved", False)
    bound = after["HostConfig"]["PortBindings"]
    assert {port: (rows[0]["HostIp"], rows[0]["HostPort"]) for port, rows in bound.items()} == {
        "80/tcp": ("127.0.0.1", "18097"), "81/tcp": ("", "18096"),
    }  # fmt: skip
    assert identity not in clean.ids()


def test_ports_of_an_odd_shape_stay_as_they_are():
    told = {"80/tcp": [{"HostPort": "8080"}, None], "81/udp": None, "82/tcp": [{"HostPort": ""}]}
    assert create_body.moved(told, {8080: 9090}) == {
        "80/tcp": [{"HostPort": "9090"}, {"HostPort": None}], "81/udp": [], "82/tcp": [{"HostPort": ""}],
    }  # fmt: skip
