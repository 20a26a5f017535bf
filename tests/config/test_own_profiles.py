from __future__ import annotations

import json

import pytest

from gpuws.config.paths import built_in_profiles
from gpuws.config.profiles.profiles import ProfileStore
from gpuws.config.profiles.writer import OwnProfiles, file_to_edit, profile_text, save_profile
from gpuws.config.schema import json_schema
from gpuws.config.yaml.problems import ConfigProblems
from gpuws.model.errors import Refused, UsageError
from gpuws.model.host.host import Host
from gpuws.model.profile.draft import ProfileDraft
from gpuws.model.profile.profile import GpuMemoryCap, GpuWish, PortWish, Volume

FULL = ProfileDraft(
    "train",
    "pytorch-2.8-cu128",
    description="Ours: 5 $",
    gpus="count=2,memory=40GiB,policy=pack",
    gpu_memory="30g",
    mem_limit="128g",
    shm_size="32g",
    cpus="16",
    working_dir="/data",
    volumes=("/data/x:/x:ro",),
    ports=("6006", "18000:8000"),
    environment={"WANDB_API_KEY": None, "PRICE": "${5}"},
)


@pytest.fixture
def mine(paths):
    return paths.profiles_dir


@pytest.fixture
def store(mine):
    return ProfileStore([mine, built_in_profiles()])


def test_a_form_becomes_a_profile(store, mine, environ):
    path = save_profile(FULL, mine, store)
    assert path == mine / "train.yaml"
    found = store.load("train", Host("h"), environ=environ)
    base = store.load("pytorch-2.8-cu128", Host("h"), environ=environ)
    assert found.description == "Ours: 5 $"
    assert found.gpus == GpuWish(count=2, memory=40 << 30, policy="pack")
    assert found.gpu_memory == GpuMemoryCap(30 << 30)
    assert (found.mem_limit, found.shm_size, found.cpus, found.working_dir) == (128 << 30, 32 << 30, 16, "/data")
    assert found.volumes == (*base.volumes, Volume("/x", "/data/x", read_only=True))
    assert found.ports == (*base.ports, PortWish(6006), PortWish(8000, 18000))
    assert found.environment == {**base.environment, "WANDB_API_KEY": None, "PRICE": "${5}"}


def test_editors_find_the_schema_beside_my_profiles(store, mine):
    path = save_profile(FULL, mine, store)
    line = path.read_text().splitlines()[0]
    name = line.removeprefix("# yaml-language-server: $schema=")
    assert json.loads((mine / name).resolve().read_text()) == json.loads(json.dumps(json_schema()))


def test_an_empty_form_is_the_base_with_room_for_more(store, mine, environ):
    text = profile_text(ProfileDraft("train", "pytorch-2.8-cu128"))
    assert "\nextends: pytorch-2.8-cu128\n" in text
    values = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert values == ["extends: pytorch-2.8-cu128"]


def test_every_comment_to_fill_in_is_right(store, mine):
    lines = profile_text(ProfileDraft("train", "pytorch-2.8-cu128")).splitlines()
    blocks = "\n".join(lines).split("\n\n")[1:]
    examples = [block.splitlines()[1].removeprefix("# ") for block in blocks]
    text = "\n".join(["extends: pytorch-2.8-cu128", *examples])
    assert len(examples) == 9
    store.check(mine / "x.yaml", text)


def test_what_is_wrong_with_a_form_is_told_by_key_and_nothing_is_written(store, mine):
    draft = ProfileDraft("train", "bse", gpus="many", mem_limit="lots", cpus="all", volumes=("a:b",), ports=("http",))
    with pytest.raises(ConfigProblems) as caught:
        save_profile(draft, mine, store)
    keys = {problem.key for problem in caught.value.problems}
    assert keys == {"extends", "gpus", "mem_limit", "cpus", "volumes[0]", "ports[0]"}
    assert not mine.parent.exists()


def test_a_file_of_mine_is_never_written_over(store, mine, write):
    path = write("profiles/train.yml", "image: mine")
    with pytest.raises(UsageError, match="you have a profile train already"):
        save_profile(FULL, mine, store)
    assert path.read_text() == "image: mine"
    with pytest.raises(UsageError, match="can't be a profile's name"):
        save_profile(ProfileDraft("../x", "base"), mine, store)


def test_an_editor_opens_my_file_else_a_new_one_over_the_built_in(store, mine, write, environ):
    mine_already = write("profiles/own.yaml", "image: i")
    assert file_to_edit("own", mine, store) == mine_already
    built_in = (built_in_profiles() / "base.yaml").read_text()
    path = file_to_edit("base", mine, store)
    assert path == mine / "base.yaml"
    assert store.load("base", Host("h"), environ=environ).build is not None
    assert (built_in_profiles() / "base.yaml").read_text() == built_in
    assert file_to_edit("base", mine, store) == path
    with pytest.raises(UsageError, match="did you mean base"):
        file_to_edit("bse", mine, store)


def test_an_editor_that_wrote_nothing_leaves_no_file(paths, environ, mine, write):
    desk = OwnProfiles(paths, environ)
    path = desk.file_to_edit("base")
    path.write_text(path.read_text() + "mem_limit: 1g\n")
    assert not desk.discard_unedited("base")
    path.unlink()
    desk.file_to_edit("base")
    assert desk.discard_unedited("base")
    assert not mine.exists()
    assert not (mine.parent / "profile.schema.json").exists()
    assert not desk.discard_unedited("base")
    own = write("profiles/own.yaml", "image: i")
    desk.file_to_edit("base")
    assert desk.discard_unedited("base")
    assert own.exists()
    assert (mine.parent / "profile.schema.json").exists()


def test_what_is_mine_is_found_beside_what_the_configuration_names_now(paths, environ, mine, write, tmp_path, accept):
    desk = OwnProfiles(paths, environ)
    assert desk.file_to_edit("base") == mine / "base.yaml"
    labs = tmp_path / "lab"
    with pytest.raises(UsageError, match="no profile 'ours'"):
        desk.file_to_edit("ours")
    labs.mkdir()
    (labs / "ours.yaml").write_text("image: i\n")
    write("config.yaml", f"profile_paths: [{labs}]\n")
    with pytest.raises(Refused, match=r"ours\.yaml is shared, and you have not accepted what it does — gpuws trust /"):
        desk.save(ProfileDraft("train", "ours"))
    accept(labs / "ours.yaml")
    assert desk.save(ProfileDraft("train", "ours")) == mine / "train.yaml"
    assert desk.file_to_edit("ours") == mine / "ours.yaml"


def test_a_whole_text_is_kept_once_it_is_right(paths, mine, environ):
    own = OwnProfiles(paths, environ)
    path = own.save_text("caught", "image: t\nshm_size: 8g\n")
    assert path == mine / "caught.yaml"
    assert path.read_text() == "# yaml-language-server: $schema=../profile.schema.json\nimage: t\nshm_size: 8g\n"
    for name, text, said in (
        ("caught", "image: other\n", "you have a profile caught already"),
        ("../x", "image: t\n", "can't be a profile's name"),
        ("wrong", "image: t\nshm_siz: 8g\n", "shm_siz"),
    ):
        with pytest.raises(UsageError, match=said):
            own.save_text(name, text)
    assert sorted(file.name for file in mine.iterdir()) == ["caught.yaml"]
    assert "other" not in path.read_text()


def test_a_profile_that_lies_in_no_file_is_read_from_its_text(store, environ):
    found = store.load("", Host("alpha"), environ=environ, text="extends: base\ngpus: 2\n")
    assert (found.name, found.source, found.gpus.count) == ("", None, 2)
    assert found.image or found.build
    with pytest.raises(ConfigProblems, match=r"^unsaved.yaml:1:1: imgae: "):
        store.load("", Host("alpha"), environ=environ, text="imgae: busybox\n")
