"""What daemons say, as they say it, and the sentence a person gets."""

from __future__ import annotations

import pytest

from gpuws.engines.docker.api.errors import Conflict, Gone, Rejected, about_image, asked, from_status
from gpuws.engines.docker.api.http import Refusal
from gpuws.link.streams import StreamBroken
from gpuws.model.errors import Unanswered

PREFIX = (
    "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
)

SAID = [
    (
        500,
        'could not select device driver "" with capabilities: [[gpu]]',
        "Docker on alpha can't hand out GPUs",
    ),
    (
        500,
        "CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=GPU-a",
        "the CDI specification on alpha does not know the GPU nvidia.com/gpu=GPU-a",
    ),
    (500, PREFIX + "error setting rlimit type 8: operation not permitted: unknown", "(rlimit type 8) is above"),
    (
        500,
        PREFIX + "error during container init: error setting rlimits for ready process: error setting rlimit type 7: "
        "operation not permitted",
        "(rlimit type 7) is above",
    ),
    (
        500,
        "driver failed programming external connectivity: Bind for [::1]:6006 failed: port is already allocated",
        "port 6006 of alpha is taken",
    ),
    (
        500,
        "Error starting userland proxy: listen tcp4 127.0.0.1:6006: bind: address already in use",
        "port 6006 of alpha is taken",
    ),
    (
        409,
        'Conflict. The container name "/torch" is already in use by container "ff". You have to remove it',
        "the name torch is in use on alpha",
    ),
    (404, "No such image: torch:9", "there is no image torch:9 that alpha can get"),
    (
        404,
        "pull access denied for torchx, repository does not exist or may require 'docker login'",
        "there is no image torchx that alpha can get",
    ),
    (
        400,
        'invalid mount config for type "bind": bind source path does not exist: /data/x',
        "/data/x does not exist on alpha",
    ),
    (500, "write /var/lib/docker/tmp/x: no space left on device", "the disk of Docker on alpha is full"),
    (400, PREFIX + 'exec: "foo": executable file not found in $PATH: unknown', "the container has no program foo"),
    (404, "No such container: abc", "that container is gone from alpha"),
    (
        500,
        PREFIX + "error running hook #0: Auto-detected mode as 'legacy' nvidia-container-cli: requirement error: "
        "unsatisfied condition: cuda>=12.8, please update your driver to a newer version",
        "the driver of alpha is too old for this image (cuda>=12.8)",
    ),
    (
        500,
        PREFIX + "stderr: nvidia-container-cli: device error: GPU-a: unknown device: unknown",
        "NVIDIA's runtime on alpha does not know the GPU GPU-a",
    ),
    (
        500,
        'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host',
        "alpha can't reach the image's registry",
    ),
    (
        500,
        "Get https://registry-1.docker.io/v2/: net/http: request canceled while waiting (Client.Timeout exceeded)",
        "alpha can't reach the image's registry",
    ),
]


@pytest.mark.parametrize(("status", "said", "sentence"), SAID)
def test_known_errors(status, said, sentence):
    error = from_status(status, said, "alpha")
    assert sentence in error.message
    assert len(error.message) < 120
    assert error.remedy or "gone" in error.message


def test_unknown_errors_are_quoted():
    error = from_status(500, "something\nnew {braces} \x1b[2J", "alpha")
    assert error.message == "Docker on alpha refuses: something new {braces}  [2J"
    assert type(error) is Rejected
    assert from_status(500, "bad env HF_TOKEN=x", "alpha").message.endswith("bad env HF_TOKEN=***")
    assert isinstance(from_status(404, "x", "alpha"), Gone)
    assert isinstance(from_status(409, "x", "alpha"), Conflict)


def test_a_pull_that_does_not_say_what_it_speaks_of():
    assert about_image("manifest unknown", "x:1", "alpha").message == "there is no image x:1 that alpha can get"


class Link:
    def __init__(self, alive):
        self.alive = alive


@pytest.mark.parametrize("alive", [True, False])
@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError(), StreamBroken("cut"), ValueError("no JSON")])
def test_what_got_no_answer_may_have_been_done(error, alive):
    with pytest.raises(Unanswered) as raised, asked("alpha", Link(alive), 10.0):
        raise error
    assert (raised.value.exit_code, raised.value.within) == (3, 10.0)


def test_a_refusal_is_an_answer():
    with pytest.raises(Conflict), asked("alpha", Link(alive=False)):
        raise Refusal(409, "it runs")
