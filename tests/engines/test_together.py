"""Of a host's engines a profile goes to the one that it is for, a workspace to the one that keeps it."""

import threading
from types import SimpleNamespace

import pytest

from gpuws.engines.docker import kind as docker
from gpuws.engines.together import Member, Together, keeper_of
from gpuws.model.errors import EngineMissing, Refused
from gpuws.model.profile.held import not_held
from gpuws.model.profile.profile import Profile, TmuxWish
from gpuws.model.workspace.engine import Caps, EngineInfo
from tests.engines.memory import Memory, MemoryEngine
from tests.factories import container

MISSING = EngineMissing("no Docker engine on alpha", "install Docker Engine")
BARE = Profile("bare", command=("train",))
BOXED = Profile("boxed", image="torch")


def unfit(profile):
    return "it names an image" if profile.image else ""


def hands(listed=(), due=None):
    """An engine beside another, as far as these look."""
    return SimpleNamespace(
        caps=Caps(images="hands have none"),
        workspaces=lambda: list(listed),
        due=lambda: due,
        forget=lambda: None,
    )


def together(*, own=True, missing=None, **beside):
    memory = MemoryEngine("alpha", None, Memory())
    members = {"docker": Member(memory, "", docker.unfit)} if own else {}
    return Together("alpha", {**members, "process": Member(hands(**beside), "p-", unfit)}, missing)


@pytest.mark.parametrize(
    ("profile", "kind"),
    [
        (BARE, "process"),
        (BOXED, "docker"),
        (Profile("both", engine="process", image="torch"), "process"),
        (Profile("said", engine="docker", command=("train",)), "docker"),
    ],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
def test_a_profile_goes_to_the_one_that_it_says_or_fits(profile, kind):
    assert together().chosen(profile) == kind


@pytest.mark.parametrize(
    ("profile", "engines", "said"),
    [
        (BOXED, {"own": False, "missing": MISSING}, ("no Docker engine on alpha", "write engine: process into it")),
        (Profile("p", engine="podman"), {}, ("p is for podman, and alpha has docker, process", "engine: docker")),
        (BOXED, {"own": False}, ("boxed is not for process on alpha: it names an image", "write engine: process")),
    ],
    ids=["missing", "other kind", "unfit"],
)
def test_one_that_none_is_for_is_refused_with_what_to_write(profile, engines, said):
    with pytest.raises((Refused, EngineMissing)) as refused:
        together(**engines).chosen(profile)
    assert said[0] in refused.value.message
    assert said[1] in refused.value.remedy


def test_a_workspace_is_asked_of_the_one_that_keeps_it():
    both = together()
    assert keeper_of(both, "p-12").caps.images == "hands have none"
    assert keeper_of(both, "12ab").caps.images == both.caps.images == "an engine in memory has no images"
    assert keeper_of(hands(), "12ab").caps.images == "hands have none"
    with pytest.raises(EngineMissing):
        together(own=False, missing=MISSING).of("12ab")


def test_what_is_beside_is_listed_with_its_kind_and_says_when_to_look_again():
    mine = container(id="p-1", name="bare")
    assert [(one.name, one.engine) for one in together(listed=[mine]).workspaces()] == [("bare", "process")]
    assert (together().due(), together(due=5.0).due()) == (None, 5.0)
    assert [*together().info().beside] == ["process"]


def test_a_plan_says_which_one_carries_it_out(monkeypatch):
    both = together()
    plan = both.plan(BOXED, SimpleNamespace(name=None), SimpleNamespace(owner="me", workstation="here"))
    assert plan.engine == ""
    assert both.launch(plan, lambda _: None, threading.Event()).ref.id.startswith("boxed-")


def test_keys_that_count_for_nothing_are_named():
    profile = Profile("all", engine="process", image="torch", command=("x",), tmux=TmuxWish(), shm_size=1, ipc="host")
    assert not_held(profile, {"command", "tmux"}) == ("image", "shm_size", "ipc")
    assert not_held(BARE, {"command"}) == ()
    assert EngineInfo("docker").beside == {}
