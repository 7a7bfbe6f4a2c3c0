"""`ssm-harden check`: the pre-commit check.

It runs on every commit, so it parses its own arguments with argparse: Typer's dispatch alone would take a third of the
half second that the whole check may take. Typer only lists it in the help and hands over.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssm_hardening.cli.pipeline import Judged


def main(arguments: Sequence[str]) -> int:
    """Run the check; returns the exit code."""
    options = _parser().parse_args(arguments)
    from ssm_hardening.cli import output as out
    from ssm_hardening.cli import pipeline
    from ssm_hardening.read.code.reader import read_changed
    from ssm_hardening.verdicts.findings import Severity

    inputs, _ = pipeline.inputs_of(options.var, options.var_file, environment=False)
    reading = read_changed(options.files or [Path()], inputs=inputs)
    question = pipeline.Question(
        standard=options.standard, only=tuple(options.only), skip=tuple(options.skip), documents_alone=True
    )
    judged = pipeline.judge(reading, question)
    out.report(_report(judged, output=options.format))
    if options.format == "json":
        for problem in judged.refused:
            out.note(f"error: {problem}")
    out.notes(judged.notes, quiet=options.quiet)
    fail_on = Severity(options.fail_on)
    return pipeline.exit_code(judged, fail_on=fail_on, fail_on_undecided=options.fail_on_undecided)


def _report(judged: "Judged", *, output: str) -> str:
    if output == "json":
        from ssm_hardening.cli import reports

        return reports.as_json(judged, None)
    from ssm_hardening.cli import pipeline
    from ssm_hardening.report.lines import render_lines
    from ssm_hardening.report.style import style_for

    unread = judged.redactor.hide(tuple(dict.fromkeys((*judged.refused, *pipeline.unread(judged.accounts)))))
    return render_lines(judged.redactor.hide(judged.audit), unread=unread, style=style_for(sys.stdout))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ssm-harden check",
        description="Check changed Terraform files (or folders) within their modules: offline, fast, for pre-commit. "
        "Judges documents, log stores and keys; plan judges the rest of the account, too.",
        epilog="Exit codes: 0 no gap, 1 gaps, 2 wrong usage or a FILE that cannot be read, 3 undecided (if asked), "
        "70 internal error.",
    )
    add = parser.add_argument
    add("files", nargs="*", type=Path, metavar="FILE", help="changed files, or folders; '.' when none is given")
    add("--standard", default="baseline", metavar="NAME|FILE", help="baseline, strict, transcript-only, or a TOML file")
    add("--only", action="append", default=[], metavar="RULE", help="judge by this rule only; repeatable")
    add("--skip", action="append", default=[], metavar="RULE", help="leave this rule out; repeatable")
    add("--var", action="append", default=[], metavar="NAME=VALUE", help="set a root module's variable; repeatable")
    add("--var-file", action="append", default=[], type=Path, metavar="FILE", help="read variables; repeatable")
    add("--format", choices=("table", "json"), default="table", help="how to print the report")
    add("--fail-on", choices=("critical", "high", "medium", "low"), default="low", help="exit 1 from this severity on")
    add("--fail-on-undecided", action="store_true", help="exit 3 where a verdict is undecided")
    add("--quiet", "-q", action="store_true", help="no notes on stderr")
    return parser
