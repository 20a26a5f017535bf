"""What the launch form says, as it was typed: what is wanted by it, and back from what was wanted. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gpuws.model.errors import UsageError
from gpuws.model.placement.plan import Asked, Want
from gpuws.model.profile.gpu_spec import parse_gpus, spec
from gpuws.model.profile.imported import Imported
from gpuws.model.profile.profile import GpuWish
from gpuws.model.secret import is_secret

SIZES = {"memory": "mem_limit", "shm": "shm_size"}
"""Fields whose text is a key's value."""

LISTS = {"volumes": "volumes+", "ports": "ports+"}
"""Fields whose words are added to a list."""

SWITCHES = {"jupyter": "port", "tmux": "session"}
"""Fields that say `off`, `on`, or a value of this key below theirs."""

NO_FILE = "pasted"
"""What a recipe of no file is called where nobody gave it a name."""

_NOT_TEXT = ("", "~", "null", "Null", "NULL")
"""What after `=` of --set would be no value."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Each field as typed; "" is as the profile has it, or chosen for me.

    `profile`: a saved one; else `recipe`: what was pasted; else there is only an image. `others`: what no field shows,
    as --set has it."""

    profile: str = ""
    host: str = ""
    name: str = ""
    image: str = ""
    gpus: str = ""
    memory: str = ""
    shm: str = ""
    volumes: str = ""
    ports: str = ""
    environment: str = field(default="", repr=False)
    jupyter: str = ""
    tmux: str = ""
    recipe: Imported | None = None
    others: tuple[str, ...] = ()

    @property
    def wish(self) -> GpuWish | None:
        """The GPUs that are asked for beyond what the profile says. UsageError where that can't be read."""
        return parse_gpus(self.gpus, "GPUs") if self.gpus else None

    @property
    def more(self) -> bool:
        """Something is said that most launches do without."""
        return bool(self.image or self.volumes or self.ports or self.environment or self.jupyter or self.tmux)

    def want(self, environ: Mapping[str, str]) -> Want:
        """UsageError where a field can't be read. `environ`: mine; what looks like a secret is added to it, and only
        named elsewhere."""
        variables, values = self._variables()
        named = self.name or (self.recipe.container if self.recipe else None)
        said = (*self._image(), *self._values(), *self._added(), *self._switched(), *variables, *self.others)
        return Want(
            named or None, self.wish, said, recipe=self._text(), environ={**environ, **values} if values else {}
        )

    def _text(self) -> str:
        if self.profile:
            return ""
        return self.recipe.text if self.recipe else f"image: {json.dumps(self.image)}\n"

    def _image(self) -> tuple[str, ...]:
        """Another than the profile's, which then is not built."""
        beyond = self.image and (self.profile or self.recipe)
        return (f"image={self.image}", "build=null") if beyond else ()

    def _values(self) -> Iterator[str]:
        for name, key in SIZES.items():
            if text := getattr(self, name):
                yield f"{key}={text}"

    def _added(self) -> Iterator[str]:
        for name, key in LISTS.items():
            for word in _words(name, getattr(self, name)):
                yield f"{key}={word}"

    def _switched(self) -> Iterator[str]:
        for key, below in SWITCHES.items():
            text = getattr(self, key)
            if text in ("on", "off"):
                yield f"{key}={'true' if text == 'on' else 'false'}"
            elif text:
                yield f"{key}.{below}={text}"

    def _variables(self) -> tuple[list[str], dict[str, str]]:
        """As --set has them, and the values of those that are only named there."""
        said, values = [], {}
        for word in _words("environment", self.environment):
            name, equals, value = word.partition("=")
            if equals and (is_secret(name, value) or value in _NOT_TEXT):
                values[name] = value
            hidden = not equals or name in values
            said.append(f"environment.{name}={'null' if hidden else value}")
        return said, values


NOTHING = Draft()
"""An empty form."""


def _words(name: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(
            f"{name}: {str(error).lower()}", "words are parted by spaces; quote one that has some"
        ) from error


def drafted(asked: Asked) -> Draft:
    """The form that asks for this again. Values that were only named stand in nobody's form."""
    want = asked.want
    pasted = Imported(want.name or NO_FILE, want.recipe) if want.recipe else None
    gpus = spec(want.gpus) if want.gpus else ""
    draft = Draft(asked.profile, asked.host, want.name or "", gpus=gpus, recipe=pasted)
    for said in want.overrides:
        draft = _with(draft, said)
    return draft


_SINGLE = {
    "image": "image",
    **{key: name for name, key in SIZES.items()},
    **{f"{key}.{below}": key for key, below in SWITCHES.items()},
}
_QUOTES = frozenset("'\"\\")
_ADDED = {key: name for name, key in LISTS.items()}


def _with(draft: Draft, said: str) -> Draft:
    """With what one --set says in the field that says it."""
    key, _, value = said.partition("=")
    if said == "build=null":  # as every other image has it
        return draft
    if key in _SINGLE:
        return _set(draft, _SINGLE[key], value)
    if key in _ADDED:
        return _longer(draft, _ADDED[key], value)
    if key in SWITCHES and value in ("true", "false"):
        return _set(draft, key, "on" if value == "true" else "off")
    if key.startswith("environment."):
        name = key.removeprefix("environment.")
        return _longer(draft, "environment", name if value == "null" else f"{name}={value}")
    return replace(draft, others=(*draft.others, said))


def _longer(draft: Draft, name: str, word: str) -> Draft:
    plainly = shlex.split(word) == [word] if not set(word) & _QUOTES else False
    return _set(draft, name, f"{getattr(draft, name)} {word if plainly else shlex.quote(word)}".strip())


def _set(draft: Draft, name: str, text: str) -> Draft:
    changes: dict[str, Any] = {name: text}
    return replace(draft, **changes)
