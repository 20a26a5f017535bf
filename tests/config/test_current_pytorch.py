"""Whether the newest built-in PyTorch is the current one: the rule, and the question where there is a network."""

from __future__ import annotations

import pytest

from scripts import pytorch
from scripts.pytorch import Release, built_in, difference, released

FILE = [{"yanked": False}]
INDEX = {
    "info": {"requires_dist": ["filelock", 'cuda-toolkit[cublas,cudart]==13.2.2; platform_system == "Linux"']},
    "releases": {
        "2.9.1": FILE, "2.10.0": FILE, "2.15.0": FILE, "2.15.1": [{"yanked": True}], "2.16.0rc1": FILE, "2.16.0": [],
    },
}  # fmt: skip


def test_the_newest_stable_release_is_found():
    assert released(INDEX) == Release((2, 15, 0), "13.2")
    assert released({**INDEX, "info": {"requires_dist": None}}).cuda == ""
    assert released(INDEX).image == "pytorch/pytorch:2.15.0-cuda13.2-cudnn9-runtime"


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        ((2, 15, 0), ""),
        ((2, 16, 0), ""),
        ((2, 15), "change the FROM"),
        ((2, 14, 1), "a new profile, pytorch/pytorch:2.15"),
    ],
)
def test_what_to_do_is_told(ours, told):
    said = difference(Release(ours, "13.0"), Release((2, 15, 0), "13.2"))
    assert (told in said, bool(said)) == (True, bool(told))


def test_the_newest_profile_says_what_it_is():
    version, cuda = built_in()
    name = f"pytorch-{version[0]}.{version[1]}-cu{cuda.replace('.', '')}"
    assert (pytorch.built_in_profiles() / f"{name}.yaml").exists()


def test_without_a_network_nothing_is_wrong(monkeypatch, capsys):
    monkeypatch.setattr(pytorch, "INDEX", "http://127.0.0.1:1/")
    assert pytorch.main() == 0
    assert "can't be reached" in capsys.readouterr().out


@pytest.mark.soak
def test_it_is_the_current_one(capsys):
    """Time passes: what came out since is told in the report of the tests, and fails none."""
    if pytorch.main():
        pytest.xfail(capsys.readouterr().err.strip())
