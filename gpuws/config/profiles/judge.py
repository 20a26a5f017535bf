"""Whether what a chain of files makes is a right profile: each key, and the rules that span several."""

from __future__ import annotations

from collections.abc import Sequence

from gpuws.config.merge.extends import Chain
from gpuws.config.merge.profile_tree import assemble
from gpuws.config.merge.unresolved import without_waiting
from gpuws.config.merge.variables import misspelt
from gpuws.config.profiles.file import ProfileFile
from gpuws.config.profiles.model import broken_rules
from gpuws.config.yaml.nodes import MapNode
from gpuws.config.yaml.problems import ConfigProblems, Problem
from gpuws.config.yaml.validate import healthy, rules, validate


def checked(chain: Chain, problems: list[Problem], overrides: Sequence[MapNode] = ()) -> ProfileFile | None:
    """Without any host; None where only variables keep it from being read. `problems`: what reading it showed.
    `overrides`: what `--set` says.

    Raises ConfigProblems unless it and each of its overlays are right, whatever the variables are."""
    plain = assemble(chain.parts, (), overrides, problems)
    misspelt(plain, problems)
    found: list[Problem] = []
    file = validated(plain, chain, found)
    problems += without_waiting(plain, found)
    for overlay in dict.fromkeys(name for part in chain.parts for name in part.overlays):
        found = []
        tree = assemble(chain.parts, (overlay,), overrides, found)
        misspelt(tree, problems)
        validated(tree, chain, found)
        problems += without_waiting(tree, found)
    if problems:
        raise ConfigProblems(problems)
    return file


def validated(tree: MapNode, chain: Chain, problems: list[Problem]) -> ProfileFile | None:
    """Rules that span several keys are told of the keys that are right, even where others are wrong."""
    file = validate(ProfileFile, tree, problems)
    right = file or healthy(ProfileFile, tree)
    if right is not None:
        whole = file is not None and chain.whole
        problems += rules(tree, ((place, what) for place, what in broken_rules(right) if place or whole))
    return file
