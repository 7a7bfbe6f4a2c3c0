"""`ssm-harden demo`: the evaluation of a simulated account and its remediation, no AWS needed."""

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ssm_hardening.cli import options
from ssm_hardening.errors import ExitCode, UsageError
from ssm_hardening.findings import Crashed, Failed, Finding, Passed, Undecided
from ssm_hardening.report.style import Style, Tone, style_for
from ssm_hardening.verification.runner import Outcome

if TYPE_CHECKING:
    from ssm_hardening.cli.pipeline import Judged
    from ssm_hardening.cli.verification import Tools
    from ssm_hardening.remediation.plan import RemediationPlan
    from ssm_hardening.remediation.rendering import GeneratedFolder
    from ssm_hardening.sandbox.server import Sandbox
    from ssm_hardening.verification.runner import Check

Keep = Annotated[Path | None, typer.Option("--keep", metavar="DIR", help="Work in this new folder, and keep it.")]

_FOLDER = "remediation"
_STEPS = 5
_NODES = ("session-manager-linux-prod", "session-manager-windows-prod")
_BEFORE, _AFTER = "inside-before", "inside-after"
_RUN_AS = "session-operator"
"""The Run As user of the samples."""
_ADDING, _RESTRICTING = "before-canary.tfvars", "after-canary.tfvars"
"""What is applied first, and what only once a canary session passed; here nobody can open one."""


def demo(
    keep: Keep = None,
    terraform: options.Terraform = None,
    plugin_dir: options.PluginDir = None,
    checkov: options.Checkov = None,
) -> None:
    """Evaluate a simulated account, and close its gaps.

    Audits it live, generates the Terraform that adopts and hardens it, verifies that, applies it there, and audits
    again. Needs no AWS and changes nothing of yours.
    """
    from ssm_hardening.cli.verification import Tools  # noqa: PLC0415 - commands load when they run
    from ssm_hardening.sandbox.server import running  # noqa: PLC0415 - as above

    tools = Tools(terraform=terraform, plugin_dir=plugin_dir, checkov=checkov)
    if keep is not None:
        try:
            keep.mkdir(parents=True)
        except OSError as error:
            raise UsageError(f"--keep {keep}: {error.strerror}", hint="name a new folder") from error
    with running("walkthrough") as sandbox, tempfile.TemporaryDirectory(prefix="ssm-harden-demo-") as name:
        # From here on this process knows no AWS but the simulated one.
        there = sandbox.environment(os.environ)
        os.environ.clear()
        os.environ.update(there)
        os.chdir(keep or name)
        raise typer.Exit(_Demo(sandbox, tools).run())


class _Demo:
    """The steps of the demo, in the working directory."""

    def __init__(self, sandbox: "Sandbox", tools: "Tools") -> None:
        self.sandbox = sandbox
        self.tools = tools
        self.style = style_for(sys.stdout)
        self.region = sandbox.region
        self.bucket = f"session-manager-demo-{sandbox.account}-{sandbox.region}"

    def run(self) -> ExitCode:
        from ssm_hardening.cli import output as out  # noqa: PLC0415 - commands load when they run
        from ssm_hardening.cli import pipeline, reports  # noqa: PLC0415 - as above
        from ssm_hardening.report.checks import render_checks  # noqa: PLC0415 - as above

        live = f"--live --region {self.region} --log-bucket {self.bucket}"
        targets = " ".join(f"--target tag:Name={name}" for name in _NODES)
        run = f"ssm-harden host run --live --region {self.region} {targets} --out {_BEFORE} --yes"
        self._step(1, run, "what a session can really do on the machines: a probe that only reads, by Run Command")
        self._look_inside(_BEFORE)

        plan_it = f"ssm-harden plan {live} --evidence {_BEFORE}"
        self._step(2, plan_it, "who gets in, is it recorded, and what reaches the machine")
        before = self._audit(_BEFORE)
        plan = pipeline.remedy(before)
        out.report(reports.audit(before, plan, options.Format.TABLE))

        generate = f"ssm-harden generate {live} --evidence {_BEFORE} --out {_FOLDER}"
        self._step(3, generate, "the Terraform that adopts and hardens it")
        generated = self._generate(plan)

        self._step(4, f"ssm-harden verify {_FOLDER}", "fmt, validate, checkov, and our own rules")
        checks = self._verify(plan, generated, before)
        out.report(render_checks(checks, style=self.style))

        self._step(
            5,
            "terraform apply",
            "to the simulated account, what adds first, then what restricts; then the probe and the audit again",
        )
        twin = self._apply()
        out.report(render_checks(twin, style=self.style))
        self._look_inside(_AFTER)
        after = self._audit(_AFTER)
        out.report(_comparison(before, after, self.style))
        return self._ended((*checks, *twin), _left(plan, before, after))

    def _step(self, number: int, command: str, meaning: str) -> None:
        from ssm_hardening.cli import output as out  # noqa: PLC0415 - commands load when they run

        head = self.style.paint(f" {number}/{_STEPS} ", Tone.BOLD, Tone.CYAN)
        told = self.style.wrap(meaning, 5, Tone.DIM)
        out.report("\n".join([f"\n{head}{self.style.paint(command, Tone.BOLD)}", *told, ""]))

    def _look_inside(self, folder: str) -> None:
        """Send the probe to the nodes of the simulated account; what it printed there was recorded on real ones."""
        from ssm_hardening.cli import host  # noqa: PLC0415 - commands load when they run

        targets = [f"tag:Name={name}" for name in _NODES]
        try:
            host.run(
                target=targets, live=True, region=self.region, run_as=[_RUN_AS], out=Path(folder), yes=True, quiet=False
            )
        except typer.Exit as end:
            if end.exit_code:
                raise

    def _audit(self, evidence: str) -> "Judged":
        from ssm_hardening.cli import pipeline  # noqa: PLC0415 - commands load when they run
        from ssm_hardening.cli.live import Live  # noqa: PLC0415 - as above
        from ssm_hardening.sources.reading import Reading  # noqa: PLC0415 - as above

        live = Live(live=True, region=[self.region], log_bucket=[self.bucket])
        accounts = pipeline.join_evidence(pipeline.read_live(live, quiet=False), [Path(evidence)])
        return pipeline.judge(Reading(accounts=accounts), pipeline.Question())

    def _generate(self, plan: "RemediationPlan") -> "GeneratedFolder":
        from ssm_hardening.cli import output as out  # noqa: PLC0415 - commands load when they run
        from ssm_hardening.cli.generate import write_folder  # noqa: PLC0415 - as above

        generated, written = write_folder(plan, Path(_FOLDER))
        out.report("\n".join(f"  + {_FOLDER}/{name}" for name in written.written))
        return generated

    def _verify(self, plan: "RemediationPlan", generated: "GeneratedFolder", before: "Judged") -> "tuple[Check, ...]":
        from ssm_hardening.cli import output as out  # noqa: PLC0415 - commands load when they run
        from ssm_hardening.cli import pipeline  # noqa: PLC0415 - as above
        from ssm_hardening.cli.generate import verify_generated  # noqa: PLC0415 - as above
        from ssm_hardening.sources.terraform.inputs import Inputs  # noqa: PLC0415 - as above

        return verify_generated(
            plan,
            generated,
            before,
            pipeline.Question(),
            Inputs(),
            tools=self.tools,
            into=None,
            progress=out.progress(quiet=False),
        )

    def _apply(self) -> "tuple[Check, ...]":
        from ssm_hardening.cli import output as out  # noqa: PLC0415 - commands load when they run
        from ssm_hardening.remediation.rendering import SAMPLES  # noqa: PLC0415 - as above
        from ssm_hardening.remediation.rights.result import CANARY  # noqa: PLC0415 - as above
        from ssm_hardening.verification.tools import find_terraform  # noqa: PLC0415 - as above
        from ssm_hardening.verification.twin import Twin, apply_to_twin  # noqa: PLC0415 - as above

        gated = (
            CANARY in Path(_FOLDER, SAMPLES).read_text(encoding="utf-8") if Path(_FOLDER, SAMPLES).is_file() else False
        )
        for name, passed in ((_ADDING, "false"), (_RESTRICTING, "true")) if gated else ():
            Path(_FOLDER, name).write_text(f"{CANARY} = {passed}\n", encoding="utf-8")
        samples = (SAMPLES,) if Path(_FOLDER, SAMPLES).is_file() else ()
        twin = Twin(
            executable=find_terraform(self.tools.terraform),
            environment=self.sandbox.environment(),
            providers=self.tools.providers,
            variables=(*samples, _ADDING) if gated else samples,
            later=(_RESTRICTING,) if gated else (),
        )
        return apply_to_twin(Path(_FOLDER), twin, progress=out.progress(quiet=False))

    def _ended(self, checks: "tuple[Check, ...]", left: list[Finding]) -> ExitCode:
        """Say whether the loop closed: what the plan was to turn is turned, and no check failed."""
        from ssm_hardening.cli import output as out  # noqa: PLC0415 - commands load when they run

        failed = any(check.outcome is Outcome.FAILED for check in checks)
        skipped = any(check.outcome is Outcome.SKIPPED for check in checks)
        if failed or (left and not skipped):
            told = "; ".join(f"{finding.rule.id} {finding.subject}: {finding.verdict.message}" for finding in left)
            out.report("\n".join(self.style.wrap(f"The loop did not close. {told}", 0, Tone.RED)))
            return ExitCode.GAPS
        told = "The loop closed: every gap that Terraform closes is closed; the others are steps for a person."
        open_end = "As far as it could be tried here, all is well; what was skipped is named above."
        out.report(self.style.paint(open_end if skipped else told, Tone.YELLOW if skipped else Tone.GREEN))
        return ExitCode.OK


def _left(plan: "RemediationPlan", before: "Judged", after: "Judged") -> list[Finding]:
    """Return what fails though the plan was to close it, and what fails only since and was not foretold."""
    targets = {(each.rule, each.root, each.subject) for each in (*plan.targets, *plan.proved)}
    told = {rule for step in plan.manual for rule in step.closes}
    known = {_key(finding) for finding in _failures(before)}
    left = _failures(after)
    return [each for each in left if _key(each) in targets or (_key(each) not in known and each.rule.id not in told)]


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule.id, finding.root, finding.subject


def _failures(judged: "Judged") -> list[Finding]:
    return [finding for finding in judged.audit.findings if isinstance(finding.verdict, Failed | Crashed)]


def _comparison(before: "Judged", after: "Judged", style: Style) -> str:
    lines = []
    for when, judged in (("before", before), ("after", after)):
        failed = _failures(judged)
        passed = sum(isinstance(finding.verdict, Passed) for finding in judged.audit.findings)
        undecided = sum(isinstance(finding.verdict, Undecided) for finding in judged.audit.findings)
        tone = Tone.RED if failed else Tone.GREEN
        counts = style.paint(f"{len(failed):>3} failed", tone)
        lines.append(f"  {when:<7}{counts}  {undecided:>3} undecided  {passed:>3} passed")
    lines += ["", style.paint("  still open, for a person:", Tone.DIM)] if _failures(after) else []
    for rule in sorted({finding.rule.id for finding in _failures(after)}):
        found = [finding for finding in _failures(after) if finding.rule.id == rule]
        lines += style.wrap(f"{rule}  {found[0].rule.title} ({len(found)})", 4, hang=9)
    unsure = sorted({each.rule.id for each in after.audit.findings if isinstance(each.verdict, Undecided)})
    lines += ["", *style.wrap(f"still undecided: {', '.join(unsure)}", 2, Tone.DIM)] if unsure else []
    return "\n".join([*lines, ""])
