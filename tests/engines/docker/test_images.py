"""Images on a real engine, pulled from a registry of the test's own."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gpuws.engines.docker.images import store
from gpuws.engines.docker.images.login import login_for, logins_for
from gpuws.engines.docker.images.progress import Layers
from gpuws.model.errors import Cancelled, GpuwsError, Refused, TargetError
from gpuws.model.placement.plan import Progress, Want
from gpuws.model.profile.profile import Build, Profile
from gpuws.model.workspace.image import LayerProgress
from tests.engines.docker.conftest import IMAGE
from tests.engines.docker.inside import until
from tests.engines.docker.registry import REFRESH, Registry
from tests.engines.docker.rootfs import load, small_image
from tests.engines.docker.test_build import build


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("torch", ("torch", "latest")),
        ("torch:2.8", ("torch", "2.8")),
        ("reg:5000/torch", ("reg:5000/torch", "latest")),
        ("reg:5000/a/torch:1", ("reg:5000/a/torch", "1")),
        ("torch@sha256:abc", ("torch", "sha256:abc")),
    ],
)
def test_names_of_images(image, parts):
    assert store.split(image) == parts


def test_progress_of_a_pull():
    layers = Layers()
    a, b = "a" * 12, "b" * 12
    for item in (
        {"status": "Pulling from library/x", "id": "latest"},
        {"status": "Pulling fs layer", "id": a},
        {"status": "Already exists", "id": b},
        {"status": "Downloading", "id": a, "progressDetail": {"current": 50, "total": 200}},
    ):
        layers.take(item)
    assert layers.progress("x") == Progress(
        "pulling",
        "x: 1 of 2 layers, 50B downloaded",
        0.25,
        (LayerProgress(a, "downloading", 50, 200), LayerProgress(b, "done", 0, None)),
    )
    layers.take({"status": "Retrying in 5 seconds", "id": a})
    assert layers.text("x").endswith("50B downloaded, retrying in 5 seconds")
    layers.take({"status": "Download complete", "id": a})
    assert layers.progress("x").layers[0] == LayerProgress(a, "unpacking", 200, 200)
    assert layers.fraction() == 1.0
    assert layers.progress("x").layers[0].waits_to_unpack
    layers.take({"status": "Extracting", "id": a, "progressDetail": {"current": 50, "total": 200}})
    assert layers.progress("x").layers[0].fraction == 0.25
    layers.take({"status": "Extracting", "id": a, "progressDetail": {"current": 3, "units": "s"}})
    assert (layers.progress("x").layers[0].fraction, layers.progress("x").layers[0].waits_to_unpack) == (0.0, False)
    layers.take({"status": "Pull complete", "id": a})
    layers.take({"status": "Downloading", "id": a, "progressDetail": {"current": 1, "total": 2}})
    assert layers.progress("x").layers[0] == LayerProgress(a, "done", 200, 200, 0)
    layers.take({"status": 7, "id": None, "progressDetail": "x"})
    layers.take({"status": "Downloading", "id": "c" * 12, "progressDetail": {"current": -5, "total": "many"}})
    assert layers.progress("x").layers[-1] == LayerProgress("c" * 12, "downloading", 0, None)


def test_a_digest_is_the_one_of_the_repository_that_was_asked():
    digests = ("mirror:5000/python@sha256:a", "python@sha256:b")
    assert store.choose_digest("docker.io/library/python:3.12", digests) == "python@sha256:b"
    assert store.choose_digest("mirror:5000/python", digests) == "mirror:5000/python@sha256:a"
    assert store.choose_digest("other:1", digests) == "mirror:5000/python@sha256:a"
    assert store.choose_digest("other:1", ()) is None


@pytest.fixture
def registry() -> Iterator[Registry]:
    registry = Registry().start()
    yield registry
    registry.stop()


@pytest.fixture
def no_login(tmp_path, monkeypatch):
    """A workstation where nobody ever ran docker login."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "docker").mkdir()
    return tmp_path / "docker"


@pytest.fixture
def pulled(clean):
    """Images that the test pulls are removed behind it."""
    before = {image.id for image in clean.engine.images.listed()}
    yield clean
    for image in clean.engine.images.listed():
        if image.id not in before:
            clean.engine.images.remove(image.id, force=True)


def pull(bench, reference, said=None, cancel=None):
    report = said.append if said is not None else lambda progress: None
    bench.engine.images.pull(reference, report, cancel or threading.Event())


@pytest.mark.lab
@pytest.mark.usefixtures("no_login")
def test_a_pull_tells_of_each_layer_and_of_all(pulled, registry):
    name = f"{registry.address}/team/torch:2.8"
    made = registry.put("team/torch", "2.8", [("big", 6 << 20), ("small", 100)])
    said: list[Progress] = []
    pull(pulled, name, said)
    assert said[0].stage == "pulling"
    assert said[-1] == Progress("done", name, 1.0)
    last = said[-2]
    assert [layer.phase for layer in last.layers] == ["done", "done"]
    assert last.fraction == 1.0
    partly = [layer for one in said for layer in one.layers if layer.phase == "downloading" and layer.total]
    assert any(layer.total > 6 << 20 for layer in partly)
    (image,) = [image for image in pulled.engine.images.listed() if name in image.names]
    assert image.digests == (f"{registry.address}/team/torch@{made}",)
    assert (image.size or 0) > 6 << 20
    assert image.used_by == ()


def given_up(bench):
    """Pulls that the engine says it ended because nobody waits for them any more."""
    return (bench.daemon.root / "log").read_text().count("Not continuing with pull after error: context canceled")


@pytest.mark.lab
@pytest.mark.usefixtures("no_login")
def test_a_pull_is_cancelled_in_the_middle_of_a_layer(pulled, registry):
    name = f"{registry.address}/slow:1"
    registry.put("slow", "1", [("big", 8 << 20)])
    registry.gate.clear()
    cancel, before = threading.Event(), given_up(pulled)

    def cancel_later():
        registry.half.wait(20)
        cancel.set()

    threading.Thread(target=cancel_later, daemon=True).start()
    said: list[Progress] = []
    with pytest.raises(Cancelled):
        pull(pulled, name, said, cancel)
    assert registry.half.is_set()
    until(lambda: given_up(pulled) > before, "the engine pulls on")
    assert not store.present(pulled.engine._client, name)
    registry.gate.set()
    pull(pulled, name)
    assert store.present(pulled.engine._client, name)


@pytest.mark.lab
@pytest.mark.usefixtures("no_login")
def test_a_newer_image_is_told(pulled, registry):
    name = f"{registry.address}/app:stable"
    registry.put("app", "stable")
    pull(pulled, name)
    assert pulled.engine.images.newer(name) is False
    registry.put("app", "stable")
    assert pulled.engine.images.newer(name) is True
    assert pulled.engine.images.newer(IMAGE) is None
    (image,) = [image for image in pulled.engine.images.listed() if name in image.names]
    assert pulled.engine.images.newer(image.digests[0]) is None
    with pytest.raises(TargetError, match="here has no image no:such"):
        pulled.engine.images.newer("no:such")
    registry.manifests.clear()
    with pytest.raises(GpuwsError, match="there is no image"):
        pulled.engine.images.newer(name)


@pytest.mark.lab
@pytest.mark.usefixtures("no_login")
def test_layers_that_are_there_are_not_pulled_again(pulled, registry):
    below = [("base", 1 << 20), ("torch", 2 << 20)]
    registry.put("app", "1", below)
    pull(pulled, f"{registry.address}/app:1")
    registry.asked.clear()
    registry.put("app", "2", [*below, ("mine", 1000)])
    said: list[Progress] = []
    pull(pulled, f"{registry.address}/app:2", said)
    assert [layer.phase for layer in said[-2].layers] == ["done"] * 3
    assert [layer.total is None for layer in said[-2].layers][:2] == [True, True]
    assert sum("/blobs/" in path for path in registry.asked) == 2  # what the image says of itself, and the new layer


@pytest.mark.lab
@pytest.mark.usefixtures("no_login")
def test_an_image_for_several_platforms_is_known_by_its_list(pulled, registry):
    name = f"{registry.address}/official/torch:2"
    made = registry.put_for("official/torch", "2", ["amd64", "arm64"])
    pull(pulled, name)
    (image,) = [image for image in pulled.engine.images.listed() if name in image.names]
    assert f"{registry.address}/official/torch@{made}" in image.digests  # others of the same content may lie there
    assert pulled.engine.images.newer(name) is False
    registry.put_for("official/torch", "2", ["arm64"])
    assert pulled.engine.images.newer(name) is True
    with pytest.raises(GpuwsError, match=r"there is no \S+/torch:2 for linux/amd64, which here is"):
        pull(pulled, name)


@pytest.mark.lab
@pytest.mark.usefixtures("no_login")
def test_an_image_for_another_machine_is_not_made_a_container(pulled, registry):
    profile = Profile("arm", image=f"{registry.address}/arm:1", command=("/made",))
    registry.put("arm", "1", architecture="arm64")
    before = pulled.ids()
    for _ in range(2):
        plan = pulled.engine.plan(profile, Want(), pulled.site)
        row = next(check for check in plan.checks if check.name == "image")
        assert row.status == "fail"
        assert row.detail == f"{profile.image} is made for linux/arm64, and here is linux/amd64"
        if not plan.image_present:
            assert not any("/blobs/" in path and "layer" in path for path in registry.asked)
            with pytest.raises(GpuwsError, match=r"arm:1 is made for linux/arm64, and here is linux/amd64"):
                pulled.engine.launch(plan, lambda progress: None, threading.Event())
    assert plan.image_present
    assert pulled.ids() == before


@pytest.mark.lab
@pytest.mark.usefixtures("no_login")
def test_a_registry_that_is_gone(pulled):
    registry = Registry().start()
    registry.put("app", "1")
    name = f"{registry.address}/app:1"
    pull(pulled, name)
    registry.stop()
    for ask in (lambda: pull(pulled, name), lambda: pulled.engine.images.newer(name)):
        with pytest.raises(GpuwsError, match="here can't reach the image's registry"):
            ask()


@pytest.mark.lab
@pytest.mark.usefixtures("no_login")
def test_what_lost_its_name_is_pruned_and_nothing_else(pulled, registry):
    pulled.engine.images.prune()  # what the builds of other tests left
    name = f"{registry.address}/app:1"
    registry.put("app", "1", [("old", 5 << 20)])
    pull(pulled, name)
    registry.put("app", "1", [("new", 1000)])
    pull(pulled, name)
    loose = [image for image in pulled.engine.images.listed() if image.dangling]
    assert [image.used_by for image in loose] == [()]
    names = {word for image in pulled.engine.images.listed() for word in image.names}
    assert pulled.engine.images.prune() >= 5 << 20
    assert {word for image in pulled.engine.images.listed() for word in image.names} == names
    assert pulled.engine.images.prune() == 0


@pytest.mark.lab
def test_an_image_in_use_stays(pulled):
    load(pulled.engine, small_image(("sleep", "sh")), "gpuws-test:used")
    pulled.daemon.cli("tag", "gpuws-test:used", "gpuws-test:second")
    identity = pulled.launch(Profile("user", image="gpuws-test:used", command=("sleep", "infinity")))
    (image,) = [image for image in pulled.engine.images.listed() if "gpuws-test:used" in image.names]
    assert image.used_by == (pulled.engine.inspect(identity)["Name"].removeprefix("/"),)
    assert set(image.names) == {"gpuws-test:used", "gpuws-test:second"}
    pulled.engine.images.remove("gpuws-test:second")
    for force in (False, True):
        with pytest.raises(GpuwsError, match=r"is using its referenced image|is being used by running container"):
            pulled.engine.images.remove(image.id, force=force)
    pulled.engine.act(identity, "remove", force=True)
    pulled.engine.images.remove(image.id)
    assert not store.present(pulled.engine._client, "gpuws-test:used")
    with pytest.raises(GpuwsError):
        pulled.engine.images.remove("no:such")


@pytest.mark.lab
def test_a_read_only_host_refuses(bench):
    from gpuws.engines.docker.engine import DockerEngine

    engine = DockerEngine(bench.engine._client, replace(bench.host, readonly=True), {})
    for change in (
        lambda: engine.images.pull("x", lambda progress: None, threading.Event()),
        lambda: engine.images.remove(IMAGE),
        engine.images.prune,
    ):
        with pytest.raises(Refused):
            change()
    assert engine.images.listed()


@pytest.mark.lab
@pytest.mark.usefixtures("no_login")
def test_an_image_nobody_has(clean, registry):
    profile = Profile("gone", image=f"{registry.address}/no/such:1", command=("sleep", "infinity"))
    with pytest.raises(GpuwsError) as caught:
        clean.launch(profile)
    assert caught.value.message == f"there is no image {registry.address}/no/such:1 that here can get"
    with pytest.raises(GpuwsError):
        clean.launch(replace(profile, image="127.0.0.1:1/x"))


@pytest.mark.lab
@pytest.mark.usefixtures("no_login")
def test_a_launch_records_which_image_it_took(pulled, registry):
    name = f"{registry.address}/app:1"
    digests = [f"{registry.address}/app@{registry.put('app', '1', [('small', number)])}" for number in (1, 2)]
    profile = Profile("app", image=name, command=("/small",), pull_policy="always", init=False)
    plan = pulled.engine.plan(profile, Want(), pulled.site)
    assert "gpuws.digest" not in plan.spec.labels
    with pytest.raises(GpuwsError):  # nothing in it can run: that it was made is enough
        pulled.engine.launch(plan, lambda progress: None, threading.Event())
    again = pulled.engine.plan(profile, Want(), pulled.site)
    assert again.spec.labels["gpuws.digest"] == digests[1]
    assert f"gpuws.digest={digests[1]}" in again.command
    assert "gpuws.digest" not in pulled.engine.plan(replace(profile, image=IMAGE), Want(), pulled.site).spec.labels


# the login of this workstation


PASSWORD = "open-sesame-4711"


def auths(address, password=PASSWORD):
    import base64

    return {"auths": {address: {"auth": base64.b64encode(f"ada:{password}".encode()).decode()}}}


def helper(directory, monkeypatch, script):
    """A credential helper `tests` on the PATH."""
    program = directory / "docker-credential-tests"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")


@pytest.fixture(params=[False, True], ids=["basic", "tokens"])
def private(request) -> Iterator[Registry]:
    registry = Registry(PASSWORD, tokens=request.param).start()
    registry.put("secret/app", "1")
    yield registry
    registry.stop()


@pytest.mark.lab
def test_a_login_of_the_configuration_opens_a_private_registry(pulled, private, no_login, caplog):
    caplog.set_level(logging.DEBUG)
    name = f"{private.address}/secret/app:1"
    with pytest.raises(GpuwsError, match="wants a login that here was not given") as refused:
        pull(pulled, name)
    assert refused.value.remedy == f"log in on this workstation: docker login {private.address}"
    (no_login / "config.json").write_text(json.dumps(auths(private.address, "wrong")))
    with pytest.raises(GpuwsError, match="does not take the login that is known here"):
        pull(pulled, name)
    (no_login / "config.json").write_text(json.dumps(auths(private.address)))
    pull(pulled, name)
    assert pulled.engine.images.newer(name) is False
    assert PASSWORD not in caplog.text


@pytest.mark.lab
def test_a_login_from_a_credential_helper(pulled, private, no_login, monkeypatch, tmp_path):
    name = f"{private.address}/secret/app:1"
    (no_login / "config.json").write_text(json.dumps({"credHelpers": {private.address: "tests"}}))
    with pytest.raises(GpuwsError) as refused:
        pull(pulled, name)
    assert refused.value.remedy == "docker-credential-tests, which ~/.docker/config.json names, is not installed here"
    told = json.dumps({"ServerURL": "x", "Username": "ada", "Secret": PASSWORD})
    helper(tmp_path, monkeypatch, f'test "$1" = get && test "$(cat)" = {private.address} && echo \'{told}\'')
    pull(pulled, name)
    assert store.present(pulled.engine._client, name)


@pytest.mark.lab
def test_a_login_that_left_a_token(pulled, no_login, monkeypatch, tmp_path):
    private = Registry(PASSWORD, tokens=True).start()
    private.put("secret/app", "1")
    (no_login / "config.json").write_text(json.dumps({"credsStore": "tests"}))
    told = json.dumps({"Username": "<token>", "Secret": REFRESH})
    helper(tmp_path, monkeypatch, f"cat >/dev/null; echo '{told}'")
    pull(pulled, f"{private.address}/secret/app:1")
    private.stop()


@pytest.mark.lab
def test_a_build_on_a_private_image(pulled, private, no_login):
    spec = Build(dockerfile_inline=f"FROM {private.address}/secret/app:1\nENV BUILT=1\n")
    with pytest.raises(GpuwsError, match=r"wants a login|no basic auth"):
        build(pulled, spec, "gpuws-test:private")
    (no_login / "config.json").write_text(json.dumps(auths(private.address)))
    build(pulled, spec, "gpuws-test:private")
    assert store.present(pulled.engine._client, "gpuws-test:private")


def test_a_build_gets_the_logins_of_its_own_images_only(no_login):
    import base64

    (no_login / "config.json").write_text(json.dumps({"auths": {**auths("a:1")["auths"], **auths("b:2")["auths"]}}))
    sent = logins_for(["a:1/x", "c:3/y", "python"]).headers["X-Registry-Config"]
    assert set(json.loads(base64.urlsafe_b64decode(sent))) == {"a:1"}
    assert logins_for(["python"]).headers == {}


def test_logins_that_are_not_there_or_broken(no_login, monkeypatch, tmp_path):
    assert login_for("python").headers == {}
    config = no_login / "config.json"
    for text in ("{", "[]", '{"auths": {"x": 7}}', '{"auths": {"x": {"auth": "%"}}}', '{"credsStore": 7}'):
        config.write_text(text)
        found = login_for("x/y")
        assert found.headers == {}, text
    config.write_text('{"auths": {"x": 7}}')
    assert "config.json can't be read" in login_for("x/y").problem
    config.write_text('{"credsStore": "tests"}')
    for script in ("exit 1", "echo no json", 'echo "{}"', "echo []", 'echo \'{"Username": "", "Secret": ""}\''):
        helper(tmp_path, monkeypatch, script)
        assert login_for("python").headers == {}, script


def test_a_token_and_the_hub(no_login, monkeypatch, tmp_path):
    import base64

    (no_login / "config.json").write_text('{"credsStore": "tests"}')
    told = json.dumps({"Username": "<token>", "Secret": "t0ken"})
    helper(tmp_path, monkeypatch, f"test \"$(cat)\" = https://index.docker.io/v1/ && echo '{told}'")
    found = login_for("python")
    assert json.loads(base64.urlsafe_b64decode(found.headers["X-Registry-Auth"])) == {
        "ServerAddress": "https://index.docker.io/v1/",
        "IdentityToken": "t0ken",
    }
    assert "t0ken" not in repr(found)
