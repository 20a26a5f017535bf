"""A profile as it is on a host: overlays, variables, `--set`, and of shared files what was accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gpuws.config.merge.caller import ARGUMENTS, name_here, names_here, taken
from gpuws.config.merge.extends import Chain
from gpuws.config.merge.overrides import override
from gpuws.config.merge.profile_tree import assemble, local_paths
from gpuws.config.merge.unresolved import without_waiting
from gpuws.config.merge.variables import substitute
from gpuws.config.profiles.file import ProfileFile
from gpuws.config.profiles.judge import validated
from gpuws.config.profiles.model import to_profile
from gpuws.config.trust.inputs import context_of, with_copies
from gpuws.config.yaml.nodes import MapNode, ScalarNode
from gpuws.config.yaml.problems import ConfigProblems, Problem, problem_at
from gpuws.model.consent.trust import digest
from gpuws.model.errors import Refused
from gpuws.model.host.host import Host
from gpuws.model.profile.profile import AcceptedContext, Build, Profile

if TYPE_CHECKING:
    from gpuws.config.trust.acceptances import Acceptances


def merged(
    stem: str,
    chain: Chain,
    host: Host,
    overrides: Sequence[str],
    environ: Mapping[str, str],
    problems: list[Problem],
    acceptances: Acceptances | None,
) -> MapNode:
    """The merged tree of a profile whose file is `stem`.yaml. `problems`: what reading it showed.

    ConfigProblems says all that is wrong."""
    names = dict.fromkeys((*host.tags, host.name))
    tree = assemble(chain.parts, names, [override(text) for text in overrides], problems)
    undefined: list[Problem] = []
    variables = _variables(stem, host)
    resolved = local_paths(substitute(taken(tree, variables, environ, problems), variables, undefined), environ)
    found: list[Problem] = []
    file = validated(resolved, chain, found)
    _missing_arguments(resolved, environ, found)
    problems += undefined + (without_waiting(tree, found) if undefined else found)
    if problems or file is None:
        raise ConfigProblems(problems)
    if chain.opened is None or acceptances is None:
        return resolved
    return with_copies(resolved, chain, environ, acceptances.copies(chain.opened.needed()))


def profile(name: str, tree: MapNode, chain: Chain, environ: Mapping[str, str], source: str | None) -> Profile:
    """Of a merged tree. `environ`: where build arguments without a value come from."""
    file = validated(tree, chain, [])
    assert isinstance(file, ProfileFile)
    arguments = {other: environ[here] for other, here in names_here(tree, ARGUMENTS).items() if here in environ}
    found = replace(to_profile(name, file, {**environ, **arguments}, source), names_here=names_here(tree))
    if chain.opened is None:
        return found
    build = _only_accepted(found.build, tree, chain) if found.build else None
    opened = chain.opened
    return replace(found, build=build, note=opened.sentence, remedy=opened.remedy if opened.note else "")


def _only_accepted(build: Build, tree: MapNode, chain: Chain) -> Build:
    """The build, bound to the list of files that was accepted where a shared file says what is sent."""
    context = context_of(tree, chain)
    if chain.opened is None or context is None:
        return build
    for sent in chain.opened.needed().sent:
        if (sent.context, sent.dockerfile) == context:
            return replace(build, accepted=AcceptedContext(digest(sent.files), str(chain.opened.path)))
    raise Refused(f"{chain.opened.path} sends {context.path}, which you have not accepted", chain.opened.remedy)


def _variables(name: str, host: Host) -> dict[str, str]:
    """`user` is known where the address says it; the host's own `vars` come last and win."""
    login = {"user": host.user} if host.user else {}
    return {"host": host.name, "profile": name, **login, **host.vars}


def _missing_arguments(tree: MapNode, environ: Mapping[str, str], problems: list[Problem]) -> None:
    """Build arguments without a value must be in the caller's environment."""
    build = tree.get("build")
    arguments = build.get("args") if isinstance(build, MapNode) else None
    if not isinstance(arguments, MapNode):
        return
    for name, entry in arguments.entries.items():
        if isinstance(entry.node, ScalarNode) and entry.node.value is None and name_here(name, entry) not in environ:
            problems.append(problem_at(entry.mark, f"build.args.{name}", "has no value, and your environment has none"))
