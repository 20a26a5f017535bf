"""Profiles by name: found in several directories, read, laid over each other, validated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gpuws.config.nodes import MapNode, Mark, ScalarNode, is_null
from gpuws.config.problems import ConfigProblems, Problem, nearest, problem_at
from gpuws.model.errors import UsageError
from gpuws.model.host import NAME, Host
from gpuws.model.profile import Profile, ProfileSummary

if TYPE_CHECKING:
    from gpuws.config.profile_file import ProfileFile
    from gpuws.config.profile_tree import Part

_ENDINGS = (".yaml", ".yml")


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
        return tuple(sorted({path.stem for directory in self.dirs for path in _files(directory)}))

    def summaries(self) -> tuple[ProfileSummary, ...]:
        """A row for every profile; what is wrong with a file stands in its row."""
        return tuple(self._summary(name) for name in self.names())

    def load(self, name: str, host: Host, *, overrides: Sequence[str] = (), environ: Mapping[str, str]) -> Profile:
        """The profile as it is on `host`. `overrides`: KEY=VALUE of `--set`. UsageError says all that is wrong."""
        from gpuws.config.profile_model import to_profile

        source = self._find(name)
        _, file = self._on_host(source, host, overrides, environ)
        return to_profile(name, file, environ, str(source))

    def explain(
        self, name: str, host: Host, *, overrides: Sequence[str] = (), environ: Mapping[str, str]
    ) -> list[Origin]:
        """Every value of the merged profile with the file and line it comes from; secrets are not shown."""
        from gpuws.config.explain import origins

        tree, _ = self._on_host(self._find(name), host, overrides, environ)
        return origins(tree)

    def check(self, path: Path) -> ProfileFile | None:
        """The profile in `path` without any host; None where only variables keep it from being read.

        Raises ConfigProblems unless it and each of its overlays are right, whatever the variables are."""
        from gpuws.config.profile_tree import assemble
        from gpuws.config.unresolved import without_waiting

        problems: list[Problem] = []
        parts = self._parts(path, problems)
        plain = assemble(parts, (), (), problems)
        found: list[Problem] = []
        file = _validated(plain, found)
        problems += without_waiting(plain, found)
        for overlay in dict.fromkeys(name for part in parts for name in part.overlays):
            found = []
            tree = assemble(parts, (overlay,), (), found)
            _validated(tree, found)
            problems += without_waiting(tree, found)
        if problems:
            raise ConfigProblems(problems)
        return file

    def _summary(self, name: str) -> ProfileSummary:
        from gpuws.config.gpus import describe

        path = next(path for directory in self.dirs for path in _files(directory) if path.stem == name)
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
        parts = self._parts(source, problems)
        names = dict.fromkeys((*host.tags, host.name))
        tree = assemble(parts, names, [override(text) for text in overrides], problems)
        undefined: list[Problem] = []
        resolved = local_paths(substitute(tree, _variables(source.stem, host), undefined), environ)
        found: list[Problem] = []
        file = _validated(resolved, found)
        _missing_arguments(resolved, environ, found)
        problems += undefined + (without_waiting(tree, found) if undefined else found)
        if problems or file is None:
            raise ConfigProblems(problems)
        return resolved, file

    def _parts(self, path: Path, problems: list[Problem]) -> list[Part]:
        """The `extends` chain of `path`, the farthest ancestor first."""
        from gpuws.config.profile_tree import part
        from gpuws.config.reader import read_file

        chain: list[Path] = []
        parts: list[Part] = []
        while True:
            chain.append(path)
            tree = read_file(path)
            parts.insert(0, part(tree, problems))
            extends = tree.entries.get("extends")
            if extends is None or is_null(extends.node):
                return parts
            if not isinstance(extends.node, ScalarNode):
                raise ConfigProblems([*problems, problem_at(extends.mark, "extends", "expected a profile's name")])
            path = self._ancestor(extends.node, path, problems)
            if path in chain:
                names = " → ".join(each.stem for each in (*chain[chain.index(path) :], path))
                raise ConfigProblems([*problems, problem_at(extends.mark, "extends", f"goes in a circle: {names}")])

    def _ancestor(self, wanted: ScalarNode, path: Path, problems: list[Problem]) -> Path:
        """The file that `extends` of `path` names. A profile may extend its own name of a later directory."""
        dirs = self.dirs
        if wanted.text == path.stem:
            dirs = dirs[dirs.index(path.parent) + 1 :]
        found = _first(dirs, wanted.text)
        if found is None:
            what = f"there is no profile {wanted.text!r}" + (" beneath this one" if wanted.text == path.stem else "")
            hint = nearest(wanted.text, set(self.names()) - {path.stem})
            raise ConfigProblems([*problems, problem_at(wanted.mark, "extends", what, hint)])
        return found

    def _find(self, name: str) -> Path:
        if found := _first(self.dirs, name):
            return found
        names = self.names()
        hint = nearest(name, names)
        remedy = f"did you mean {hint}?" if hint else f"there are: {', '.join(names) or 'none'}"
        raise UsageError(f"there is no profile {name!r}", remedy)


def check_file(path: Path, store: ProfileStore) -> None:
    """Raises ConfigProblems unless the profile in `path` is right; what it extends is looked for beside it first."""
    if path.suffix not in _ENDINGS or not NAME.match(path.stem):
        raise ConfigProblems([problem_at(Mark(str(path)), "", "expected a file named after its profile: NAME.yaml")])
    ProfileStore((path.parent, *store.dirs)).check(path)


def _files(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.suffix in _ENDINGS and not path.name.startswith("."))
    except OSError:
        return []


def _first(dirs: Sequence[Path], name: str) -> Path | None:
    if not NAME.match(name):
        return None
    candidates = (directory / f"{name}{ending}" for directory in dirs for ending in _ENDINGS)
    return next((path for path in candidates if _there(path)), None)


def _there(path: Path) -> bool:
    """Whether the directory has such a name; a broken link is there, and says so when it is read."""
    try:
        path.lstat()
    except OSError:
        return False
    return True


def _variables(name: str, host: Host) -> dict[str, str]:
    """`user` is known where the address says it; the host's own `vars` come last and win."""
    login = {"user": host.user} if host.user else {}
    return {"host": host.name, "profile": name, **login, **host.vars}


def _validated(tree: MapNode, problems: list[Problem]) -> ProfileFile | None:
    from gpuws.config.profile_file import ProfileFile
    from gpuws.config.profile_model import broken_rules
    from gpuws.config.validate import rules, validate

    file = validate(ProfileFile, tree, problems)
    if file is not None:
        problems += rules(tree, broken_rules(file))
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
