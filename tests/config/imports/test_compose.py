"""Compose files as profiles: what every key becomes, and what is lost."""

from __future__ import annotations

from gpuws.config.imports.reading import read
from gpuws.config.yaml.nodes import to_data
from gpuws.config.yaml.reader import read_text


def imported(text, environ=None, **more):
    return read(text, environ=environ or {}, **more)


def said(one):
    return to_data(read_text(one.text, "profile"))


def service(text, environ=None, **more):
    """The profile of one service, given its keys in flow style."""
    (one,) = imported(f"services:\n  one: {text}\n", environ, **more)
    return said(one), [str(lost) for lost in one.lost]


def test_what_compose_has_without_saying_is_said():
    assert service("{image: x}") == ({"image": "x", "user": "image", "init": False}, [])


def test_one_document_a_service_with_its_container():
    web, db = imported("services:\n  web: {image: a, container_name: w}\n  db: {image: b}\n")
    assert [(one.name, one.container, said(one)["image"]) for one in (web, db)] == [
        ("web", "w", "a"),
        ("db", None, "b"),
    ]


def test_merge_keys_and_anchors():
    text = """
x-common: &common {image: x, ipc: host, environment: &env {A: "1", B: "1"}}
services:
  train: {<<: *common, environment: {<<: *env, B: "2"}}
"""
    (one,) = imported(text)
    assert said(one)["environment"] == {"A": "1", "B": "2"}
    assert said(one)["ipc"] == "host"
