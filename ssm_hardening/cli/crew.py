"""Who reads the root modules of code, and evaluates them: this process, others beside it, or the user's cache.

Other processes are new ones (never forks), which get what to do through a pipe; what they send back is data. The report
is the same whoever did the work: roots do not depend on each other, and whatever goes wrong elsewhere is done here.
"""

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ssm_hardening.cli.options import MOST_JOBS
from ssm_hardening.core.cache import Cache, cache_folder, refusal
from ssm_hardening.core.packing import SpoiledError, UnpackableError, pack, unpack
from ssm_hardening.judge.regions import JudgedTogether
from ssm_hardening.read.code.folders import Landscape
from ssm_hardening.read.code.inputs import Inputs
from ssm_hardening.read.code.manner import Manner, Modules
from ssm_hardening.read.code.roots import WantedRoot, in_turn, ingredients, read_root
from ssm_hardening.read.graph import RootReading
from ssm_hardening.read.paths import Bounds
from ssm_hardening.verdicts.findings import Crashed

if TYPE_CHECKING:
    from ssm_hardening.rules.registry import AnyRule
    from ssm_hardening.verdicts.findings import Finding
    from ssm_hardening.verdicts.standards import Standard

WORTH_A_PROCESS = 100_000
"""Bytes of code that take longer to read and evaluate than a process takes to start."""

WORTH_KEEPING = 16_000
"""Bytes of code from which on it is quicker to look for what was kept than to read them."""


class Outcome(NamedTuple):
    """What a root yields (None where it does not concern sessions), and what was found in it."""

    reading: RootReading | None
    findings: "tuple[Finding, ...]"


@dataclass(frozen=True, kw_only=True)
class Questions:
    """Which rules are applied to what is read, under which standard; without one, none are."""

    rules: tuple[str, ...] = ()
    standard: "Standard | None" = None

    @cached_property
    def loaded(self) -> "tuple[AnyRule, ...]":
        """The rules themselves."""
        from ssm_hardening.rules.catalogue import load_rule

        return tuple(map(load_rule, self.rules))

    def asked(self, reading: RootReading | None) -> "tuple[Finding, ...]":
        """Return what the rules find in what a root yielded."""
        if self.standard is None or reading is None:
            return ()
        from ssm_hardening.judge.engine import run

        return run(self.loaded, reading.accounts, self.standard).findings

    def packed(self, outcome: Outcome) -> bytes:
        """Return an outcome as data. Rules go by their IDs."""
        return pack(tuple(outcome), {id(rule.info): rule.info.id for rule in self.loaded})

    def unpacked(self, data: bytes) -> Outcome:
        """Return the outcome. Raises SpoiledError."""
        found = unpack(data, {rule.info.id: rule.info for rule in self.loaded})
        if not isinstance(found, tuple) or len(found) != len(Outcome._fields):
            raise SpoiledError("no outcome")
        return Outcome(*found)


@dataclass(frozen=True, kw_only=True)
class RootWork:
    """All that a process needs to read and evaluate roots."""

    wanted: Sequence[WantedRoot]
    landscape: Landscape
    inputs: Inputs
    bounds: Bounds
    everything: bool
    questions: Questions
    is_kept: bool

    @cached_property
    def manner(self) -> Manner:
        """How roots are read, with the modules that this process has parsed."""
        return Manner(inputs=self.inputs, modules=Modules(self.bounds), everything=self.everything)

    @cached_property
    def cache(self) -> Cache:
        """What is kept from run to run."""
        return Cache(cache_folder() if self.is_kept else None)

    def kept(self, number: int) -> Outcome | None:
        """Return what an earlier run made of a root; None where nothing fits."""
        made_from = self._made_from(number)
        data = self.cache.get(made_from) if made_from else None
        try:
            return None if data is None else self.questions.unpacked(data)
        except SpoiledError:
            return None

    def done(self, number: int) -> Outcome:
        """Read and evaluate a root."""
        outcome, made_from = self._done(number)
        if made_from:
            with suppress(UnpackableError):  # it is not kept
                self.cache.put(made_from, self.questions.packed(outcome))
        return outcome

    def done_as_data(self, number: int) -> bytes:
        """Read and evaluate a root for another process."""
        outcome, made_from = self._done(number)
        data = self.questions.packed(outcome)
        if made_from:
            self.cache.put(made_from, data)
        return data

    def handed_over(self) -> "RootWork":
        """Return the same for another process, without what this one has read, loaded, or opened."""
        return replace(self, questions=replace(self.questions))

    def _done(self, number: int) -> tuple[Outcome, bytes]:
        """Return what a root yields, and what decided that: empty where it must not be kept."""
        made_from = self._made_from(number)
        read = read_root(self.wanted[number], self.landscape, self.manner)
        findings = self.questions.asked(read.reading)
        # A fault may be of this run alone.
        has_crashed = any(isinstance(each.verdict, Crashed) for each in findings)
        is_kept = read.recallable and not has_crashed and made_from == self._made_from(number)
        return Outcome(read.reading, findings), made_from if is_kept else b""

    def _made_from(self, number: int) -> bytes:
        """Return what decides the outcome; empty where more does than is known here, or nothing is to be kept."""
        if self.cache.folder is None:
            return b""
        decisive = ingredients(self.wanted[number], self.landscape, self.manner)
        return decisive and decisive + self._asked

    @cached_property
    def _asked(self) -> bytes:
        return pack((self.questions.rules, self.questions.standard))


class Crew:
    """Reads roots, and evaluates them where `questions` say how; `judged` then has what was found.

    `jobs` is how many processes may work, None as many as there are processors; `no_cache`: nothing is kept.
    """

    def __init__(
        self,
        questions: Questions = Questions(),
        *,
        jobs: int | None = None,
        no_cache: bool = False,
        quiet: bool = False,
    ) -> None:
        self.questions = questions
        self.judged: list[JudgedTogether] = []
        self._jobs = jobs
        self._no_cache = no_cache
        self._quiet = quiet

    def reading_alone(self) -> "Crew":
        """Return a crew that evaluates nothing: other sources can have a say in it."""
        return Crew(jobs=self._jobs, no_cache=self._no_cache, quiet=self._quiet)

    def __call__(
        self, wanted: Sequence[WantedRoot], landscape: Landscape, manner: Manner
    ) -> Iterable[RootReading | None]:
        """Return what each root yields, in this order."""
        sizes = [landscape.size(each.folder) for each in wanted]
        work = RootWork(
            wanted=wanted,
            landscape=landscape,
            inputs=manner.inputs,
            bounds=manner.modules.bounds,
            everything=manner.everything,
            questions=self.questions,
            is_kept=not self._no_cache and sum(sizes) >= WORTH_KEEPING,
        )
        # What was parsed to find out which roots matter is not parsed again.
        work.__dict__["manner"] = manner
        found = _looked_up(work)
        # What plans tell of a root is read in this process.
        found |= {number: work.done(number) for number, each in enumerate(wanted) if each.folder in manner.told}
        left = sorted((each for each in range(len(wanted)) if each not in found), key=lambda each: -sizes[each])
        others = min(self._most(left, sizes), len(left)) - 1
        if others > 0 and all(_can_be_read_again(path) for path in manner.inputs.files):
            from ssm_hardening.cli.processes import done_together

            found |= done_together(work, left, others)
        elif work.is_kept:
            found |= {number: work.done(number) for number in sorted(left)}
        else:
            return tuple(in_turn(wanted, landscape, manner))  # what is little is evaluated together, later
        work.cache.close()
        if work.is_kept and work.cache.folder is None and not self._quiet:
            _tell_why_nothing_is_kept()
        outcomes = [found[number] for number in range(len(wanted))]
        if self.questions.standard is not None:
            self.judged = [
                JudgedTogether(each.reading.accounts, each.findings) for each in outcomes if each.reading is not None
            ]
        return [each.reading for each in outcomes]

    def _most(self, left: Sequence[int], sizes: Sequence[int]) -> int:
        """Return how many processes are worth it."""
        worth = 1 + sum(sizes[each] for each in left) // WORTH_A_PROCESS
        return min(worth, MOST_JOBS, self._jobs or processors())


def _looked_up(work: RootWork) -> dict[int, Outcome]:
    if not work.is_kept:
        return {}
    found = ((number, work.kept(number)) for number in range(len(work.wanted)))
    return {number: outcome for number, outcome in found if outcome is not None}


def _tell_why_nothing_is_kept() -> None:
    from ssm_hardening.cli import output

    why = refusal()
    if why:
        output.note(f"note: {why}")


def _can_be_read_again(path: Path) -> bool:
    """Say whether a file of values can be read by several processes: a pipe gives what it holds once."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def processors(limit: Path = _LIMIT) -> int:
    """Return how many processors this process may use; `limit` is what a container says."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = limit.read_text(encoding="ascii").split()
        return max(1, min(count, round(int(quota) / int(period))))
    except (OSError, ValueError):  # no limit is set, or this system has none
        return count
