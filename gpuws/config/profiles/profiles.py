"""Profiles by name: found in several directories, read, laid over each other, validated."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gpuws.config.profiles.search import ENDINGS, Shelves, shared_folders
from gpuws.config.yaml.nodes import MapNode, Position
from gpuws.config.yaml.problems import ConfigProblems, Problem, problem_at
from gpuws.config.yaml.reader import load_text
from gpuws.model.errors import Refused, UsageError
from gpuws.model.host.host import NAME, Host
from gpuws.model.profile.profile import Build, Profile, ProfileSummary
from gpuws.model.query.nearest import nearest_names

if TYPE_CHECKING:
    from gpuws.config.load import Configuration
    from gpuws.config.merge.extends import Chain
    from gpuws.config.profiles.explain import Origin
    from gpuws.config.profiles.file import ProfileFile
    from gpuws.config.trust.acceptances import Acceptances, AcceptedFile
    from gpuws.config.trust.shared import Reading

UNSAVED = Path("unsaved.yaml")
"""What the text of a profile that lies in no file is called where something of it is wrong."""


@dataclass(frozen=True, slots=True)
class ProfileStore:
    """Profiles of `dirs`, the first that has a name, and of shared folders, as far as I accepted what they do."""

    shelves: Shelves
    acceptances: Acceptances | None = None

    def __init__(
        self, dirs: Sequence[Path], shared: Sequence[Path] = (), acceptances: Acceptances | None = None
    ) -> None:
        own = tuple(dict.fromkeys(dirs))
        folders = shared_folders([path for path in shared if path not in own])
        object.__setattr__(self, "shelves", Shelves(own, folders))
        object.__setattr__(self, "acceptances", acceptances)

    def searching_first(self, directory: Path) -> ProfileStore:
        """With `directory` before all others."""
        shared = [folder.path for folder in self.shelves.shared]
        return ProfileStore((directory, *self.shelves.own), shared, self.acceptances)

    def names(self) -> tuple[str, ...]:
        """Every profile's name, sorted; no file is read."""
        return tuple(self.shelves.listed())

    def summaries(self) -> tuple[ProfileSummary, ...]:
        """A row for every profile; what is wrong with a file stands in its row."""
        return tuple(self._summary(name, path) for name, path in self.shelves.listed().items())

    def load(
        self, name: str, host: Host, *, overrides: Sequence[str] = (), environ: Mapping[str, str], text: str = ""
    ) -> Profile:
        """The profile as it is on `host`. `overrides`: KEY=VALUE of `--set`. `text`: of one that lies in no file.

        UsageError says all that is wrong; Refused, that it is shared and I have not accepted what it does."""
        from gpuws.config.profiles.on_host import profile

        source = UNSAVED if text else self.find(name)
        tree, chain = self._on_host(source, host, overrides, environ, text or None)
        if text:
            return profile(name, tree, chain, environ, None)
        return profile(self._called(source), tree, chain, environ, str(source))

    def explain(
        self, name: str, host: Host, *, overrides: Sequence[str] = (), environ: Mapping[str, str]
    ) -> list[Origin]:
        """Every value of the merged profile with the file and line it comes from; secrets are not shown."""
        from gpuws.config.profiles.explain import origins

        tree, _ = self._on_host(self.find(name), host, overrides, environ)
        return origins(tree)

    def check(self, path: Path, text: str | None = None, overrides: Sequence[str] = ()) -> ProfileFile | None:
        """The profile in `path` without any host; None where only variables keep it from being read.

        `text`: what shall stand in that file. `overrides`: KEY=VALUE of `--set`.
        Raises ConfigProblems unless it and each of its overlays are right, whatever the variables are."""
        from gpuws.config.merge.overrides import override
        from gpuws.config.profiles.judge import checked

        problems: list[Problem] = []
        with _told_apart(path, text):
            return checked(self.chain(path, problems, text), problems, [override(each) for each in overrides])

    def read_shared(self, path: Path, listed: Callable[[Build], tuple[str, ...]] | None = None) -> Reading:
        """A shared profile and all it draws in, as they lie there now. UsageError where something is wrong with it.

        `listed`: what a build sends, a line a file; without it that is left open."""
        from gpuws.config.profiles.judge import checked
        from gpuws.config.trust.inputs import pieces
        from gpuws.config.trust.shared import BuildContext, Piece, Reading, bounded

        problems: list[Problem] = []
        chain = self.chain(path, problems, as_it_lies=True)
        checked(chain, problems)
        drawn, contexts = pieces(chain, self.acceptances.environ if self.acceptances else {})
        own = (Piece(str(each), "yaml", text) for each, text in chain.shared.items())
        sent = tuple(BuildContext(one.path, one.dockerfile, listed(one.build())) for one in contexts) if listed else ()
        return bounded(Reading("profile", (*own, *drawn), sent))

    def open(self, path: Path) -> AcceptedFile:
        """What may be used of a shared profile."""
        from gpuws.config.trust.acceptances import AcceptedFile

        if self.acceptances is None:
            return AcceptedFile(path)
        return self.acceptances.open(path, lambda: self.read_shared(path))

    def shared_root(self, name: str) -> Path | None:
        """The file of the shared profile that this one is or extends; None where it is neither, or can't be read."""
        path = self.find(name)
        if self.shelves.folder(path):
            return path
        try:
            return next(iter(self.chain(path, [], as_it_lies=True).shared), None)
        except ConfigProblems:
            return None  # whoever reads it will say so

    def unsettled(self, name: str) -> AcceptedFile | None:
        """That shared profile, where what it does now is not accepted."""
        root = self.shared_root(name) if self.shelves.shared else None
        opened = self.open(root) if root else None
        return opened if opened and opened.note else None

    def _summary(self, name: str, path: Path) -> ProfileSummary:
        """What is not accepted is shown as it lies there: looking at it uses nothing of it."""
        opened = self.open(path) if self.shelves.folder(path) else None
        accepted = opened is None or opened.reading is not None
        row = ProfileSummary(name, source=str(path), owner=self.shelves.owner(path), accepted=accepted)
        try:
            if not NAME.match(path.stem):
                raise ConfigProblems([problem_at(Position(str(path)), "", f"{path.stem!r} can't be a profile's name")])
            row = self._described(row, path)
        except ConfigProblems as error:
            more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
            return replace(row, error=f"{error.problems[0]}{more}")
        except Refused as error:
            return replace(row, error=str(error))
        if opened is None:
            return row
        return replace(row, note=opened.told) if accepted else replace(row, error=f"not accepted yet: {opened.remedy}")

    def _described(self, row: ProfileSummary, path: Path) -> ProfileSummary:
        from gpuws.config.profiles.judge import checked
        from gpuws.model.profile.gpu_spec import describe

        problems: list[Problem] = []
        file = checked(self.chain(path, problems, as_it_lies=not row.accepted), problems)
        if file is None:
            return row
        described, gpus = " ".join(file.description.split()), describe(file.gpus.wish)
        return replace(row, description=described, image=_shown_image(file), gpus=gpus, engine=file.engine)

    def _on_host(
        self, source: Path, host: Host, overrides: Sequence[str], environ: Mapping[str, str], text: str | None = None
    ) -> tuple[MapNode, Chain]:
        """The profile in `source` as it is on `host`, and what that was made of."""
        from gpuws.config.profiles.on_host import merged

        problems: list[Problem] = []
        with _told_apart(source, text):
            chain = self.chain(source, problems, text)
            return merged(source.stem, chain, host, overrides, environ, problems, self.acceptances), chain

    def chain(self, path: Path, problems: list[Problem], text: str | None = None, *, as_it_lies: bool = False) -> Chain:
        """What `path` is laid over each other from. `text`: what shall stand in that file.

        Of shared files what was accepted; with `as_it_lies` what they say now."""
        from gpuws.config.merge.extends import chain

        return chain(path, self.shelves, problems, text, None if as_it_lies else self.open)

    def _called(self, source: Path) -> str:
        """The name that leads to a file: a shared one's has its folder's label in front, where it must."""
        if self.shelves.folder(source) is None:
            return source.stem
        return next((name for name, path in self.shelves.listed().items() if path == source), source.stem)

    def find(self, name: str) -> Path:
        """The file of a profile. UsageError where there is none."""
        if found := self.shelves.find(name):
            return found
        names = self.names()
        hint = nearest_names(name, names)
        remedy = f"did you mean {hint}?" if hint else f"there are: {', '.join(names) or 'none'}"
        raise UsageError(f"there is no profile {name!r}", remedy)


def store_of(configuration: Configuration, environ: Mapping[str, str]) -> ProfileStore:
    """The profiles that the configuration leads to."""
    from gpuws.config.trust.acceptances import Acceptances

    accepted = Acceptances(configuration.accepted_dir, environ)
    return ProfileStore(configuration.profile_dirs, configuration.shared_profiles, accepted)


@contextlib.contextmanager
def _told_apart(path: Path, text: str | None) -> Iterator[None]:
    """What is wrong with a file that is a recipe of another kind is just that."""
    try:
        yield
    except ConfigProblems:
        from gpuws.config.imports.told_apart import refuse_foreign

        refuse_foreign(path, text=text)
        raise


def check_file(path: Path, store: ProfileStore, known: Collection[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Raises ConfigProblems unless the profile in `path` is right, or all of several that `---` sets apart; what they
    extend is looked for beside it first.

    What may be meant so, but seldom is, comes back: overlays that are for none of the `known` hosts and tags, files
    of the workstation that can't be read."""
    from gpuws.config.imports.documents import documents
    from gpuws.config.imports.told_apart import refuse_foreign
    from gpuws.config.profiles.notes import notes

    refuse_foreign(path)
    if path.suffix not in ENDINGS or not NAME.match(path.stem):
        raise ConfigProblems(
            [problem_at(Position(str(path)), "", "expected a file named after its profile: NAME.yaml")]
        )
    there = store.searching_first(path.parent)
    found: list[str] = []
    problems: list[Problem] = []
    for text in documents(load_text(path)):
        try:
            there.check(path, text)
            found += notes(there.chain(path, [], text).parts[-1], known, environ)
        except ConfigProblems as error:
            problems += error.problems
    if problems:
        raise ConfigProblems(problems)
    return tuple(dict.fromkeys(found))


def _shown_image(file: ProfileFile) -> str | None:
    """The image's name, else the one that an inline Dockerfile starts from."""
    if file.image or not file.build or not file.build.dockerfile_inline:
        return file.image
    stages = re.findall(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)", file.build.dockerfile_inline, re.MULTILINE | re.IGNORECASE)
    return stages[-1] if stages else None
