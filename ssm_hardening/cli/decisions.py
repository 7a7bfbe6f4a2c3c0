"""Decisions that are kept between runs: files of waivers, `ssm-harden baseline create`, `ssm-harden diff`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from ssm_hardening.cli import options
from ssm_hardening.cli.options import NOT_LIVE, TABLE, Live, Option, with_live
from ssm_hardening.cli.reports import write_whole
from ssm_hardening.core.errors import ExitCode, RefusedWriteError, UsageError
from ssm_hardening.report.formats import DIFF
from ssm_hardening.verdicts.findings import Audit, Severity

if TYPE_CHECKING:
    from ssm_hardening.core.redaction import Redactor
    from ssm_hardening.judge.waiver_files import FileWaiver
    from ssm_hardening.report.baseline import Baseline, Entry

DEFAULT = Path(".ssm-harden-baseline.json")

Out = Annotated[Path, Option("--out", metavar="FILE", help="Write the baseline to FILE.")]
Before = Annotated[Path, Option(metavar="A", help="The earlier report (--format json), or a baseline.")]
After = Annotated[Path, Option(metavar="B", help="The later report or baseline.")]
FailOnNew = Annotated[
    Severity, Option("--fail-on", help="Exit 1 if a finding of this severity or higher is new or became more severe.")
]


class Decisions(NamedTuple):
    """What was decided before this run: waivers of files, and the baseline."""

    waivers: "tuple[FileWaiver, ...]" = ()
    baseline: "Baseline | None" = None

    def noted(self, audit: Audit, *, redactor: "Redactor", today: date) -> tuple[Audit, tuple[str, ...]]:
        """Return the audit with these decisions on its findings, and what is to be said about them."""
        notes: tuple[str, ...] = ()
        if self.waivers:
            from ssm_hardening.judge import waiver_files

            audit, notes = waiver_files.apply(audit, self.waivers, today=today)
        if self.baseline is not None:
            from ssm_hardening.report import baseline
            from ssm_hardening.report.verdicts import working_tree

            # Fingerprints are those of reports, which withhold sensitive values.
            shown, base = redactor.hide(audit), working_tree(Path.cwd())
            states = baseline.since(shown, self.baseline, base=base)
            marked = zip(audit.findings, states, strict=True)
            audit = replace(audit, findings=tuple(replace(each, since=state) for each, state in marked))
            notes += baseline.notes_on(shown, self.baseline, base=base)
        return audit, notes


NONE = Decisions()


def decisions(waivers: Sequence[Path] | None, baseline: Path | None = None) -> Decisions:
    """Read the files that were named, before anything slower. Raises UsageError."""
    read: tuple[FileWaiver, ...] = ()
    if waivers:
        from ssm_hardening.judge import waiver_files
        from ssm_hardening.rules.catalogue import rule_ids

        read = waiver_files.load(waivers, rule_ids())
    if baseline is None:
        return Decisions(read)
    from ssm_hardening.report.baseline import read_baseline

    return Decisions(read, read_baseline(baseline))


@with_live
def create(
    paths: options.Paths = None,
    snapshot: options.Snapshot = None,
    scp: options.Scp = None,
    plan_json: options.PlanJson = None,
    evidence: options.Evidence = None,
    live: Live = NOT_LIVE,
    out: Out = DEFAULT,
    standard: options.StandardOption = "baseline",
    only: options.Only = None,
    skip: options.Skip = None,
    var: options.Var = None,
    var_file: options.VarFile = None,
    workspace: options.Workspace = None,
    waivers: options.Waivers = None,
    jobs: options.Jobs = None,
    no_cache: options.NoCache = False,
    quiet: options.Quiet = False,
) -> ExitCode:
    """Record today's findings, so that only new ones fail.

    Prints what was added to and removed from a baseline that already exists. Other files are never overwritten.
    """
    from ssm_hardening.cli import output as o
    from ssm_hardening.cli import pipeline, sources
    from ssm_hardening.report.baseline import baseline_of, baseline_text
    from ssm_hardening.report.verdicts import working_tree

    before = _replaced(out)
    decided = decisions(waivers)
    inputs, notes = sources.inputs_of(var, var_file, workspace)
    asked = pipeline.RuleChoice(standard=standard, only=tuple(only or ()), skip=tuple(skip or ()))
    crew = pipeline.crew_for(asked, jobs=jobs, no_cache=no_cache, quiet=quiet)
    reading = sources.read_sources(
        paths,
        snapshot,
        inputs,
        live,
        plans=plan_json or (),
        evidence=evidence or (),
        scps=scp or (),
        whole=True,
        crew=crew,
        quiet=quiet,
    )
    sources.refuse_unread(reading, hint="nothing was written; `plan` says more")
    judged = pipeline.judge(reading, asked, notes=notes, decided=decided, crew=crew)
    shown, base = judged.redactor.hide(judged.audit), working_tree(Path.cwd())
    made = baseline_of(shown, file=str(out), base=base)
    _write(out, baseline_text(made))
    o.notes(judged.notes, quiet=quiet)
    o.report(_told(made, before))
    code = pipeline.exit_code(judged, fail_on=Severity.LOW, fail_on_undecided=False)
    return ExitCode.OK if code is ExitCode.GAPS else code


def _replaced(path: Path) -> "Baseline | None":
    """Return the baseline that stands where one is to be written. Raises RefusedWriteError where it is another file."""
    from ssm_hardening.report.baseline import read_baseline

    if path.is_symlink():
        raise RefusedWriteError(f"{path}: a symbolic link is not followed", hint="use the file that the link points to")
    if not path.exists():
        return None
    if not path.is_file():
        raise RefusedWriteError(f"{path}: not a file", hint="pass a file: --out FILE")
    try:
        return read_baseline(path)
    except UsageError as error:
        raise RefusedWriteError(
            f"{error.message}; nothing was written", hint="use another file, or remove this one"
        ) from error


def _write(path: Path, text: str) -> None:
    """Write the file, whole or not at all. Raises UsageError."""
    try:
        write_whole(path, text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}", hint="use a folder that exists") from error


def _told(made: "Baseline", before: "Baseline | None") -> str:
    kinds = Counter(entry.verdict for entry in made.entries)
    head = f"{made.file}: {kinds['failed']} failed, {kinds['undecided']} undecided"
    if before is None:
        return head
    now, then = Counter(made.entries), Counter(before.entries)
    added, removed = list((now - then).elements()), list((then - now).elements())
    lines = [f"{head}; {len(added)} added, {len(removed)} removed"]
    lines += [f"  {mark} {_line(entry)}" for mark, group in (("+", added), ("-", removed)) for entry in group]
    return "\n".join(lines)


def _line(entry: "Entry") -> str:
    from ssm_hardening.report.style import clean

    word = entry.severity.value if entry.verdict == "failed" else entry.verdict
    return clean(f"{word:9} {entry.rule:8} {entry.subject}  ({entry.where})")


def diff(
    before: Before,
    after: After,
    output: Annotated[str, options.format_option(DIFF.words)] = TABLE,
    files: options.Outputs = None,
    fail_on: FailOnNew = Severity.LOW,
) -> ExitCode:
    """Show what changed between two reports or baselines.

    Lists what is new, fixed, changed, or gone. A finding counts as fixed only where B evaluated its rule on its
    subject, and it passed.
    """
    from ssm_hardening.cli import output as o
    from ssm_hardening.report.diff import compare, read_side

    also = o.destinations(DIFF, files, output)
    compared = compare(read_side(before), read_side(after))
    o.show(DIFF, output, compared, also)
    failing = any(severity.rank <= fail_on.rank for severity in compared.failing)
    return ExitCode.GAPS if failing else ExitCode.OK
