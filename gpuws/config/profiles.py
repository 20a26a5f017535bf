"""Profiles by name: found in several directories, read, laid over each other, validated."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gpuws.config.found import ENDINGS, first_named, profile_files
from gpuws.config.nodes import MapNode, Mark, ScalarNode
from gpuws.config.problems import ConfigProblems, Problem, nearest, problem_at
from gpuws.model.errors import UsageError
from gpuws.model.host import NAME, Host

if TYPE_CHECKING:
    from gpuws.config.extends import Chain
    from gpuws.config.profile_file import ProfileFile
    from gpuws.model.profile import Profile, ProfileSummary


class Origin(NamedTuple):
    """A value of a merged profile and where it was written."""

    key: str
    value: str
    where: str


@dataclass(frozen=True, slots=True)
class ProfileStore:
    """Profiles of `dirs`; the first directory that has a name wins. None of them need exist."""

    dirs: tuple[Path, ...]

    def __init__(self, dirs: Sequence[Path]) -> None:
        object.__setattr__(self, "dirs", tuple(dict.fromkeys(dirs)))

    def names(self) -> tuple[str, ...]:
        """Every profile's name, sorted; no file is read."""
        return tuple(sorted({path.stem for directory in self.dirs for path in profile_files(directory)}))

    def summaries(self) -> tuple[ProfileSummary, ...]:
        """A row for every profile; what is wrong with a file stands in its row."""
        return tuple(self._summary(name) for name in self.names())

    def load(self, name: str, host: Host, *, overrides: Sequence[str] = (), environ: Mapping[str, str]) -> Profile:
        """The profile as it is on `host`. `overrides`: KEY=VALUE of `--set`. UsageError says all that is wrong."""
        from gpuws.config.profile_model import to_profile

        source = self.find(name)
        _, file = self._on_host(source, host, overrides, environ)
        return to_profile(name, file, environ, str(source))

    def explain(
        self, name: str, host: Host, *, overrides: Sequence[str] = (), environ: Mapping[str, str]
    ) -> list[Origin]:
        """Every value of the merged profile with the file and line it comes from; secrets are not shown."""
        from gpuws.config.explain import origins

        tree, _ = self._on_host(self.find(name), host, overrides, environ)
        return origins(tree)

    def check(self, path: Path, text: str | None = None) -> ProfileFile | None:
        """The profile in `path` without any host; None where only variables keep it from being read.

        `text`: what shall stand in that file.
        Raises ConfigProblems unless it and each of its overlays are right, whatever the variables are."""
        from gpuws.config.profile_tree import assemble
        from gpuws.config.unresolved import without_waiting
        from gpuws.config.variables import misspelt

        problems: list[Problem] = []
        chain = self.chain(path, problems, text)
        plain = assemble(chain.parts, (), (), problems)
        misspelt(plain, problems)
        found: list[Problem] = []
        file = _validated(plain, chain, found)
        problems += without_waiting(plain, found)
        for overlay in dict.fromkeys(name for part in chain.parts for name in part.overlays):
            found = []
            tree = assemble(chain.parts, (overlay,), (), found)
            misspelt(tree, problems)
            _validated(tree, chain, found)
            problems += without_waiting(tree, found)
        if problems:
            raise ConfigProblems(problems)
        return file

    def _summary(self, name: str) -> ProfileSummary:
        from gpuws.config.gpus import describe
        from gpuws.model.profile import ProfileSummary

        path = next(path for directory in self.dirs for path in profile_files(directory) if path.stem == name)
        try:
            if not NAME.match(name):
                raise ConfigProblems([problem_at(Mark(str(path)), "", f"{name!r} can't be a profile's name")])
            file = self.check(path)
        except ConfigProblems as error:
            more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
            return ProfileSummary(name, source=str(path), error=f"{error.problems[0]}{more}")
        if file is None:
            return ProfileSummary(name, source=str(path))
        return ProfileSummary(
            name, " ".join(file.description.split()), _shown_image(file), describe(file.gpus.wish), str(path)
        )

    def _on_host(
        self, source: Path, host: Host, overrides: Sequence[str], environ: Mapping[str, str]
    ) -> tuple[MapNode, ProfileFile]:
        """The profile in `source` as it is on `host`: the merged tree, and what it says."""
        from gpuws.config.overrides import override
        from gpuws.config.profile_tree import assemble, local_paths
        from gpuws.config.unresolved import without_waiting
        from gpuws.config.variables import substitute

        problems: list[Problem] = []
        chain = self.chain(source, problems)
        names = dict.fromkeys((*host.tags, host.name))
        tree = assemble(chain.parts, names, [override(text) for text in overrides], problems)
        undefined: list[Problem] = []
        resolved = local_paths(substitute(tree, _variables(source.stem, host), undefined), environ)
        found: list[Problem] = []
        file = _validated(resolved, chain, found)
        _missing_arguments(resolved, environ, found)
        problems += undefined + (without_waiting(tree, found) if undefined else found)
        if problems or file is None:
            raise ConfigProblems(problems)
        return resolved, file

    def chain(self, path: Path, problems: list[Problem], text: str | None = None) -> Chain:
        """What `path` is laid over each other from. `text`: what shall stand in that file."""
        from gpuws.config.extends import chain

        return chain(path, self.dirs, problems, text)

    def find(self, name: str) -> Path:
        """The file of a profile. UsageError where there is none."""
        if found := first_named(self.dirs, name):
            return found
        names = self.names()
        hint = nearest(name, names)
        remedy = f"did you mean {hint}?" if hint else f"there are: {', '.join(names) or 'none'}"
        raise UsageError(f"there is no profile {name!r}", remedy)


def check_file(path: Path, store: ProfileStore, known: Collection[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Raises ConfigProblems unless the profile in `path` is right; what it extends is looked for beside it first.

    What may be meant so, but seldom is, comes back: overlays that are for none of the `known` hosts and tags, files
    of the workstation that can't be read."""
    from gpuws.config.profile_notes import notes

    if path.suffix not in ENDINGS or not NAME.match(path.stem):
        raise ConfigProblems([problem_at(Mark(str(path)), "", "expected a file named after its profile: NAME.yaml")])
    beside = ProfileStore((path.parent, *store.dirs))
    beside.check(path)
    return notes(beside.chain(path, []).parts[-1], known, environ)


def _variables(name: str, host: Host) -> dict[str, str]:
    """`user` is known where the address says it; the host's own `vars` come last and win."""
    login = {"user": host.user} if host.user else {}
    return {"host": host.name, "profile": name, **login, **host.vars}


def _validated(tree: MapNode, chain: Chain, problems: list[Problem]) -> ProfileFile | None:
    """Rules that span several keys are told of the keys that are right, even where others are wrong."""
    from gpuws.config.profile_file import ProfileFile
    from gpuws.config.profile_model import broken_rules
    from gpuws.config.validate import healthy, rules, validate

    file = validate(ProfileFile, tree, problems)
    right = file or healthy(ProfileFile, tree)
    if right is not None:
        whole = file is not None and chain.whole
        problems += rules(tree, ((place, what) for place, what in broken_rules(right) if place or whole))
    return file


def _shown_image(file: ProfileFile) -> str | None:
    """The image's name, else the one that an inline Dockerfile starts from."""
    if file.image or not file.build or not file.build.dockerfile_inline:
        return file.image
    stages = re.findall(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)", file.build.dockerfile_inline, re.MULTILINE | re.IGNORECASE)
    return stages[-1] if stages else None


def _missing_arguments(tree: MapNode, environ: Mapping[str, str], problems: list[Problem]) -> None:
    """Build arguments without a value must be in the caller's environment."""
    build = tree.get("build")
    arguments = build.get("args") if isinstance(build, MapNode) else None
    if not isinstance(arguments, MapNode):
        return
    for name, entry in arguments.entries.items():
        if isinstance(entry.node, ScalarNode) and entry.node.value is None and name not in environ:
            problems.append(problem_at(entry.mark, f"build.args.{name}", "has no value, and your environment has none"))
