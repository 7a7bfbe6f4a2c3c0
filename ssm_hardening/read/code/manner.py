"""How roots are read: with which inputs and parsed modules, and with what stands around sessions or not."""

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ssm_hardening.core.errors import UsageError
from ssm_hardening.read.code.beside import gap_of, run_by_terragrunt
from ssm_hardening.read.code.early import evaluated
from ssm_hardening.read.code.folders import Landscape, survey
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.code.modules import Module, load_module
from ssm_hardening.read.code.signs import Marks
from ssm_hardening.read.code.tree import Tree
from ssm_hardening.read.graph import ToldByPlan
from ssm_hardening.read.paths import Bounds, display

_MODULES_KEPT = 64
"""Parsed modules kept for other roots that call them; memory must not grow with the repository."""

_FRAMES = 12_000
"""Python frames that the deepest allowed evaluation needs; frames of Python code take no C stack."""


class Modules:
    """Parsed modules, the least recently used ones forgotten; `read` are the files that could be parsed."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.read: set[str] = set()
        self._kept: OrderedDict[Path, Module] = OrderedDict()

    def load(self, folder: Path) -> Module:
        """Return the module in a folder."""
        if folder not in self._kept:
            self._kept[folder] = load_module(folder, self.bounds)
            self.read.update(file.path for file in self._kept[folder].files)
            if len(self._kept) > _MODULES_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(folder)
        return self._kept[folder]


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How roots are read. `everything`: with nodes, people, and networks, too. `told`: what plans of roots tell."""

    inputs: Inputs
    modules: Modules
    everything: bool
    told: Mapping[Path, ToldByPlan] = field(default_factory=dict)

    def survey(self, paths: Sequence[Path], named: Sequence[Path], roots: Sequence[Path]) -> Landscape:
        """Look at all folders, and at which of them call which.

        `roots` are the folders that are roots whoever calls them. Raises UsageError for one of the `named` folders that
        cannot be listed.
        """
        landscape = survey(paths, self.modules.bounds, everything=self.everything)
        for path, reason in landscape.unreadable:
            if path in named:
                raise UsageError(f"{display(path)}: cannot list the folder: {reason}", hint="check its permissions")
        with deep_recursion():
            return evaluated(landscape, roots, self.tree, self.modules.bounds, everything=self.everything)

    def tree(self, root: Path, landscape: Landscape, matters: Callable[[Path], bool] = lambda _: True) -> Tree:
        """Return a root with the modules it calls, as far as they matter."""
        inputs, told = self._inputs_of(root, landscape), self.told.get(root)
        return Tree(root, inputs, self.modules.load, matters, self.modules.bounds, told=told)

    def _inputs_of(self, root: Path, landscape: Landscape) -> Inputs:
        """Return the inputs of a root; where Terragrunt runs it, there are others, which are not known."""
        file = run_by_terragrunt(landscape.terragrunt, landscape.folders).get(root) if landscape.terragrunt else None
        return self.inputs if file is None else replace(self.inputs, others=(gap_of(file),))

    def may_concern(self, root: Path, landscape: Landscape) -> bool:
        """Say whether a root may concern sessions, though no word in it is about them."""
        marks = landscape.marks(root)
        return self.everything and Marks.CARRIER in marks and (Marks.HINT in marks or self._inputs_hint)

    @cached_property
    def _inputs_hint(self) -> bool:
        return self.inputs.may_concern_sessions()


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Let evaluation go as deep as it may."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
