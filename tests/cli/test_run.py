"""run: docker's flags, docker's order, and a profile only where one is meant."""

from __future__ import annotations

import json

import pytest

from gpuws.cli.launch.docker_words import sorted_words
from gpuws.cli.launch.run import read
from gpuws.model.errors import UsageError

OWN = {"-H": True, "--host": True, "--gpus": True, "--name": True, "--dry-run": False, "--json": False}


@pytest.mark.parametrize(
    ("words", "mine", "dockers"),
    [
        ("img", "", "-- img"),
        ("-H a img", "-H a", "-- img"),
        ("-Ha --host=b img", "-Ha --host=b", "-- img"),
        ("-v /a:/b img cmd -v", "", "-v /a:/b -- img cmd -v"),
        ("img -v /a:/b -e A", "", "-v /a:/b -e A -- img"),
        ("img -itv /a:/b -H a -- cmd --name x", "-H a", "-itv /a:/b -- img cmd --name x"),
        ("img -it bash -c x", "", "-it -- img bash -c x"),
        ("img --rm=false --shm-size=1g", "", "--rm=false --shm-size=1g -- img"),
        ("--gpus 1 img --model x", "--gpus 1", "-- img --model x"),
        ("--gpus=1 img --model x", "--gpus=1", "-- img --model x"),
        ("-p 80:80 img --dry-run --model x --dry-run", "--dry-run", "-p 80:80 -- img --model x --dry-run"),
        ("-p 80:80 img -- --dry-run", "", "-p 80:80 -- img --dry-run"),
        ("img --no-such x", "", "--no-such -- img x"),
        ("-v", "", "-v"),
        ("", "", ""),
        ("img -", "", "-- img -"),
    ],
)
def test_whose_each_word_is(words, mine, dockers):
    assert sorted_words(words.split(), OWN) == (mine.split(), dockers.split())


def test_a_secret_goes_by_its_name_and_its_value_beside():
    recipe, given = read(
        ["-e", "HF_TOKEN=hf_abc$x", "-e", "N=1", "--env-file", "x.env", "--", "i", "--key", "hunter2x"]
    )
    assert given == {"HF_TOKEN": "hf_abc$x"}
    assert "hf_abc" not in recipe.text
    assert "HF_TOKEN: null" in recipe.text
    assert "hunter2x" in recipe.text  # it must run; nothing of it is shown or kept
    assert "/x.env" in recipe.text
    assert recipe.lost == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--no-such", "--", "i"], "--no-such: docker run has no such flag"),
        (["-m", "lots", "--", "i"], "mem_limit: 'lots' is not a size"),
        (["-v", "./x:/x", "--", "i"], "./x: a path is one of the host's"),
        (["--rm"], "expected an image"),
    ],
)
def test_what_is_wrong_is_one_sentence(words, said):
    with pytest.raises(UsageError) as caught:
        read(words)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_image_is_launched_like_a_profile(gpuws):
    done = gpuws("run", "-H", "bravo", "--gpus", "1", "--name", "x", "--json", "-v", "/a:/b", "lab/torch:2.8", "python")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert (made["host"], made["name"], made["state"], len(made["gpus"])) == ("bravo", "x", "running", 1)
    assert "lab/torch:2.8" in made["command"]
    planned = gpuws("run", "lab/torch:2.8", "-H", "bravo", "--cidfile", "x", "--dry-run")
    assert planned.stdout.startswith("bravo/torch\n")
    assert "--cidfile x: nothing is written on this machine" in planned.stderr


def test_a_profile_is_launched_only_where_nothing_of_docker_s_is_said(gpuws):
    assert "--label gpuws.profile=base" in gpuws("run", "base", "-H", "alpha", "--dry-run").stdout
    refused = gpuws("run", "base", "-H", "alpha", "-v", "/a:/b")
    assert refused.returncode == 2
    assert "base is a profile, which takes no flags or command of docker's" in refused.stderr
    image = gpuws("run", "--image", "base", "-H", "alpha", "--dry-run")
    assert "gpuws.profile" not in image.stdout
    assert gpuws("run", "bas", "-H", "alpha", "--dry-run").stderr.startswith(
        "gpuws: bas is taken for an image; the profile base: gpuws launch base"
    )


def test_a_shared_profile_never_takes_an_image_s_name(gpuws, tmp_path):
    shared = tmp_path / "lab" / "profiles"
    shared.mkdir(parents=True)
    (shared / "torch.yaml").write_text("image: x\n")
    config = tmp_path / ".config" / "gpuws"
    config.mkdir(parents=True)
    (config / "config.yaml").write_text(f"profile_paths: [{shared}]\n")
    done = gpuws("run", "torch", "-H", "nowhere", demo=False, GPUWS_KEEPER="0")
    assert "torch is taken for an image; the shared profile of that name: gpuws launch torch" in done.stderr


def test_tab_offers_docker_s_flags(gpuws):
    offered = gpuws("gpuws run --sh", _GPUWS_COMPLETE="bash").stdout.split()
    assert offered == ["--shm-size"]
    offered = gpuws("gpuws run img --read", _GPUWS_COMPLETE="bash").stdout.split()
    assert offered == ["--readonly", "--read-only"]
