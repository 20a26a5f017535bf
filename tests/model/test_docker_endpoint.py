"""Where docker's configuration leads, by docker's own rules."""

from __future__ import annotations

import pytest

from gpuws.model.host.docker_endpoint import (
    Endpoint,
    Named,
    context_endpoint,
    context_folder,
    current_context,
    endpoint,
    named,
)


@pytest.mark.parametrize(
    ("url", "tls", "meant"),
    [
        ("unix:///run/d.sock", False, Endpoint("unix:///run/d.sock", socket="/run/d.sock", here=True)),
        ("unix://", False, Endpoint("unix:///var/run/docker.sock", socket="/var/run/docker.sock", here=True)),
        (" tcp://localhost ", False, Endpoint("tcp://localhost:2375", tcp=("localhost", 2375), here=True)),
        ("tcp://127.0.0.2:4", True, Endpoint("tcp://127.0.0.2:4", here=True)),
        ("tcp://[::1]", True, Endpoint("tcp://[::1]:2376", here=True)),
        ("tcp://[2001:db8::1]:80", False, Endpoint("tcp://[2001:db8::1]:80", tcp=("2001:db8::1", 80))),
        (":2375", False, Endpoint("tcp://localhost:2375", tcp=("localhost", 2375), here=True)),
        ("gpu1:2375", False, Endpoint("tcp://gpu1:2375", tcp=("gpu1", 2375))),
        ("http://gpu1", False, Endpoint("tcp://gpu1:2375", tcp=("gpu1", 2375))),
        ("https://gpu1:1", False, Endpoint("tcp://gpu1:1")),
        ("ssh://alice@gpu1:2222", False, Endpoint("ssh://alice@gpu1:2222")),
    ],
)
def test_addresses(url, tls, meant):
    assert endpoint(url, tls=tls) == meant


@pytest.mark.parametrize(
    "url", ["unix://run.sock", "npipe:////./pipe/docker", "tcp://a:0", "tcp://a:99999", "tcp://u:p@a", "ssh://", "a b"]
)
def test_what_is_no_address(url):
    with pytest.raises(ValueError, match=r"expected|begins with /"):
        endpoint(url)


@pytest.mark.parametrize(
    ("environ", "current", "meant"),
    [
        ({}, "", Named(None, "default", "")),
        ({}, "lab", Named(None, "lab", "docker context use")),
        ({"DOCKER_CONTEXT": "own"}, "lab", Named(None, "own", "DOCKER_CONTEXT")),
        ({"DOCKER_HOST": "", "DOCKER_CONTEXT": ""}, "lab", Named(None, "lab", "docker context use")),
        ({"DOCKER_HOST": "unix:///s", "DOCKER_CONTEXT": "own"}, "lab", Named("unix:///s", "default", "DOCKER_HOST")),
    ],
)
def test_who_decides(environ, current, meant):
    assert named(environ, current) == meant


def test_the_chosen_context_of_a_config():
    assert current_context('{"currentContext": "lab", "auths": {}}') == "lab"
    assert current_context("{}") == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"currentContext": ', "no JSON .line 1, column 20"),
        ("[]", "no map"),
        ('{"currentContext": 3}', "no text"),
        ("[" * 100000, "no JSON"),
    ],
)
def test_a_broken_config(text, why):
    with pytest.raises(ValueError, match=why):
        current_context(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "no JSON"),
        ('{"Endpoints": []}', "no endpoint for docker"),
        ('{"Endpoints": {"kubernetes": {"Host": "x"}}}', "no endpoint for docker"),
        ('{"Endpoints": {"docker": {"Host": 3}}}', "no endpoint for docker"),
        ('{"Endpoints": {"docker": {"Host": "pigeon://x"}}}', "its endpoint 'pigeon://x' is none: expected unix:///"),
    ],
)
def test_a_broken_context(text, why):
    with pytest.raises(ValueError, match=why):
        context_endpoint(text)


def test_a_contexts_folder_is_dockers_own():
    assert context_folder("lab") == "a51146d38077ff992eba84cf1d5e9b249073503eb74868699016153b031a38f7"
