"""Modules whose source is an expression: OpenTofu evaluates `source` from variables, locals, and paths before the rest.

Which folder such a call leads to depends on the root that is run, so roots are evaluated to find out.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from ssm_hardening.core.values import Why
from ssm_hardening.read.code.folders import EarlyCalls, Landscape, Survey
from ssm_hardening.read.code.tree import Tree
from ssm_hardening.read.paths import Bounds


def evaluated(
    landscape: Landscape,
    named: Iterable[Path],
    tree: Callable[[Path, Landscape], Tree],
    bounds: Bounds,
    *,
    everything: bool,
) -> Landscape:
    """Return the landscape with the calls that the sources of modules decide only when they are evaluated.

    A source that cannot be evaluated is a gap of its root, and the folder that it may name stays a root.
    """
    roots = [root for root in landscape.roots(named) if landscape.calls_openly(root)]
    if not roots:
        return landscape
    early = {root: _calls(tree(root, landscape)) for root in roots}
    found = Survey(bounds, everything=everything)
    found.folders.update(landscape.folders)
    found.follow([folder for calls in early.values() for folder in calls.folders])
    unreadable = (*landscape.unreadable, *found.unreadable)
    return replace(landscape, folders=found.folders, unreadable=unreadable, early=early)


def _calls(tree: Tree) -> EarlyCalls:
    folders = tuple(dict.fromkeys(instance.folder for instance in tree.modules() if instance.path))
    may_be_more = any(gap.kind == "module" and gap.why is not Why.OUT_OF_SCOPE for gap in tree.gaps)
    return EarlyCalls(folders, may_be_more)
