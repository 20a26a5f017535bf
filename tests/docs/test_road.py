"""The recording of the road: what is in the repository, and the picture that is made from it."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

from gpuws.tui.fleet.screen import FleetScreen
from scripts.animation import END, animated
from scripts.cast import PICTURES, ROAD, asciicast, paced, read

PLAYED = [
    (0.0, "one  <two>"),
    (1.0, "\r\n\x1b[31;1mred\x1b[0m \x1b[7mturned\x1b[0m"),
    (1.02, "!"),
    (2.5, "\x1b[2;1H\x1b[K"),
]


def elements(svg: str, name: str):
    return ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}" + name)


def test_a_picture_has_a_frame_for_what_was_seen_and_a_line_once():
    svg = animated(20, 3, PLAYED)
    assert [element.text for element in elements(svg, "text")] == ["one  <two>", "red", "turned", "!"]
    frames = re.findall(r"translateY\((-?\d+)px\)", svg)
    assert len(frames) == 3  # what came at once is one frame
    assert f"play {2.5 + END:.2f}s" in svg
    assert len(list(elements(svg, "use"))) == 4  # the first line in each frame, the second in one
    assert ".c1{fill:#ff7b72;font-weight:bold}" in svg


def test_a_cast_is_read_as_it_was_written_and_nobody_waits_long_in_it():
    events = list(paced([(0.5, "a"), (60.0, "\x1b[1mb"), (60.5, "ü")]))
    assert [at for at, _ in events] == [0.5, 3.5, 4.0]
    assert read(asciicast(events)) == (100, 30, events)


def test_the_picture_in_the_repository_is_of_the_cast_beside_it():
    cast = (PICTURES / "road.cast").read_text("utf-8")
    head = json.loads(cast.partition("\n")[0])
    assert (head["version"], head["width"], head["height"]) == (2, 100, 30)
    assert (PICTURES / "road.svg").read_text("utf-8") == animated(*read(cast))
    assert "/root" not in cast
    assert "/home/" not in cast.replace("/home/alice", "")  # the demo's own


def test_the_road_is_walked_by_keys_that_the_screen_has():
    known = {key for _, command in FleetScreen.commands() for key in command.keys.split(",")}
    pressed = {step.keys[-1] for step in ROAD if len(step.keys) == 1} - {"j", "y", "ctrl+l"}
    assert pressed == {"n", "a", "o", "5"}
    assert pressed <= known
