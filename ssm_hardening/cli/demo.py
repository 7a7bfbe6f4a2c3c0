"""`ssm-harden demo`: the evaluation of a simulated account and its remediation, no AWS needed."""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ssm_hardening.cli import options
from ssm_hardening.cli.options import Option
from ssm_hardening.core.errors import ExitCode, UsageError
from ssm_hardening.verification.runner import CheckOutcome

if TYPE_CHECKING:
    from ssm_hardening.cli.pipeline import Judged
    from ssm_hardening.cli.telling import Brief
    from ssm_hardening.cli.verify import Tools
    from ssm_hardening.remediation.plan import RemediationPlan
    from ssm_hardening.remediation.rendering import GeneratedFolder
    from ssm_hardening.report.demo import ToolsFound
    from ssm_hardening.sandbox.server import Sandbox
    from ssm_hardening.verification.runner import Check
    from ssm_hardening.verification.twin import Tried

Keep = Annotated[Path | None, Option("--keep", metavar="DIR", help="Work in this new folder and keep it.")]
FullReport = Annotated[bool, Option("--full", help="Print the full report of every step.")]

_FOLDER = "remediation"
_NODES = ("session-manager-linux-prod", "session-manager-windows-prod")
_BEFORE, _AFTER = "inside-before", "inside-after"
_RUN_AS = "session-operator"
"""The Run As user of the samples."""
_ADDING, _RESTRICTING = "before-canary.tfvars", "after-canary.tfvars"
"""What is applied first, and what only once a canary session passed; here nobody can open one."""


def demo(
    keep: Keep = None,
    full: FullReport = False,
    terraform: options.Terraform = None,
    plugin_dir: options.PluginDir = None,
    checkov: options.Checkov = None,
) -> ExitCode:
    """Audit a simulated account and fix its gaps.

    Audits it live, generates the Terraform that adopts and hardens it, verifies and applies that code, and audits
    again. Needs no AWS account and changes nothing outside the simulation.
    """
    from ssm_hardening.cli.telling import Brief, Full, Moving
    from ssm_hardening.cli.verify import Tools
    from ssm_hardening.sandbox.server import running

    tools = Tools(terraform=terraform, plugin_dir=plugin_dir, checkov=checkov)
    with Moving() as moving:
        moving("looking for terraform, providers, and checkov …")
        # Before anything is made: a tool that was named and is none ends it here.
        found = look_for(tools)
        if keep is not None:
            try:
                keep.mkdir(parents=True)
            except OSError as error:
                raise UsageError(f"--keep {keep}: {error.strerror}", hint="use a new folder") from error
        moving("starting the simulated account …")
        with running("walkthrough") as sandbox, tempfile.TemporaryDirectory(prefix="ssm-harden-demo-") as name:
            # From here on this process knows no AWS but the simulated one.
            there = sandbox.environment(os.environ)
            os.environ.clear()
            os.environ.update(there)
            os.chdir(keep or name)
            return _Demo(sandbox, tools, found, Full(moving) if full else Brief(moving)).run()


def look_for(tools: "Tools") -> "ToolsFound":
    """Return what there is to work with. Raises UsageError for a tool or folder that was named and does not exist."""
    from ssm_hardening.report.demo import ToolsFound
    from ssm_hardening.verification.tools import find_checkov, find_terraform, tool_versions

    executable = find_terraform(tools.terraform)
    find_checkov(tools.checkov)
    finder = tools.providers
    _, terraform, checkov = tool_versions(terraform=tools.terraform, checkov=tools.checkov)
    return ToolsFound(
        terraform=terraform, checkov=checkov, providers=None if executable is None else finder.providers()
    )


class _Demo:
    """The steps of the demo, in the working directory."""

    def __init__(self, sandbox: "Sandbox", tools: "Tools", found: "ToolsFound", tell: "Brief") -> None:
        self.sandbox = sandbox
        self.tools = tools
        self.found = found
        self.tell = tell
        self.region = sandbox.region
        self.bucket = f"session-manager-demo-{sandbox.account}-{sandbox.region}"

    def run(self) -> ExitCode:
        from ssm_hardening.cli import pipeline

        self.tell.found(self.found)
        live = f"--live --region {self.region} --log-bucket {self.bucket}"
        targets = " ".join(f"--target tag:Name={name}" for name in _NODES)
        run = f"ssm-harden host run --live --region {self.region} {targets} --out {_BEFORE} --yes"
        self.tell.step(1, run, "what a session can do on the nodes (the probe only reads)")
        self._look_inside(_BEFORE)

        plan_it = f"ssm-harden plan {live} --evidence {_BEFORE}"
        self.tell.step(2, plan_it, "who gets in, what is recorded, and how nodes can be reached")
        before = self._audit(_BEFORE)
        plan = pipeline.remedy(before)
        self.tell.audited(before, plan)

        generate = f"ssm-harden generate {live} --evidence {_BEFORE} --out {_FOLDER}"
        self.tell.step(3, generate, "the Terraform that adopts and hardens it")
        generated = self._generate(plan)

        self.tell.step(4, f"ssm-harden verify {_FOLDER}", "fmt, validate, checkov, and the rules of this tool")
        checks = self._verify(plan, generated, before)
        self.tell.checked(checks)
        obstacle = self._obstacle()
        if obstacle:
            return self._not_applied(plan, before, checks, obstacle)
        return self._closed(plan, before, checks)

    def _obstacle(self) -> str:
        """Return why nothing can be applied, by what is known now: a registry may answer and then not deliver."""
        from ssm_hardening.report.demo import NO_TERRAFORM

        if self.found.terraform.path is None:
            return NO_TERRAFORM
        return self.tools.providers.providers().problem

    def _closed(self, plan: "RemediationPlan", before: "Judged", checks: "tuple[Check, ...]") -> ExitCode:
        """Apply, and audit what came of it. Where no apply was begun, nothing changed, and nothing is audited again."""
        meaning = "in the simulated account, additions first; then the probe and the audit run again"
        self.tell.step(5, "terraform apply", meaning)
        tried = self._apply()
        self.tell.checked(tried.checks)
        if tried.checks[0].outcome is CheckOutcome.SKIPPED:
            return self._not_applied(plan, before, checks, tried.checks[0].message)
        if not tried.begun:
            return self._ended(plan, before, None, checks, tried)
        self._look_inside(_AFTER)
        after = self._audit(_AFTER)
        self.tell.compared(before, after, plan)
        return self._ended(plan, before, after, checks, tried)

    def _look_inside(self, folder: str) -> None:
        """Send the probe to the nodes of the simulated account; what it printed there was recorded on real ones."""
        from ssm_hardening.cli import host

        self.tell.progress("probing 2 nodes …")
        targets = [f"tag:Name={name}" for name in _NODES]
        caller = host.caller_of(None, self.region, None, None)
        answered: list[Path] = []

        def written(path: Path) -> None:
            answered.append(path)
            self.tell.written(path)

        code = host.send(caller, targets, (_RUN_AS,), Path(folder), yes=True, quiet=self.tell.quiet, written=written)
        if code is not ExitCode.OK:
            raise SystemExit(code)
        self.tell.probed(len(answered))

    def _audit(self, evidence: str) -> "Judged":
        from ssm_hardening.cli import pipeline, sources
        from ssm_hardening.cli.options import Live
        from ssm_hardening.read.graph import Reading

        self.tell.progress("reading the simulated account …")
        live = Live(live=True, region=[self.region], log_bucket=[self.bucket])
        accounts = sources.join_evidence(sources.read_live(live, quiet=self.tell.quiet), [Path(evidence)])
        return pipeline.judge(Reading(accounts=accounts), pipeline.RuleChoice())

    def _generate(self, plan: "RemediationPlan") -> "GeneratedFolder":
        from ssm_hardening.cli.generate import write_folder

        generated, written = write_folder(plan, Path(_FOLDER))
        self.tell.generated(_FOLDER, written.written, plan)
        return generated

    def _verify(self, plan: "RemediationPlan", generated: "GeneratedFolder", before: "Judged") -> "tuple[Check, ...]":
        from ssm_hardening.cli import pipeline
        from ssm_hardening.cli.generate import verify_generated
        from ssm_hardening.read.code.inputs import Inputs

        return verify_generated(
            plan,
            generated,
            before,
            pipeline.RuleChoice(),
            Inputs(),
            tools=self.tools,
            into=None,
            progress=self.tell.progress,
        )

    def _apply(self) -> "Tried":
        from ssm_hardening.remediation.rendering import SAMPLES
        from ssm_hardening.remediation.rights.result import CANARY
        from ssm_hardening.verification.tools import find_terraform
        from ssm_hardening.verification.twin import Twin, apply_to_twin

        sampled = Path(_FOLDER, SAMPLES)
        samples = (SAMPLES,) if sampled.is_file() else ()
        gated = bool(samples) and CANARY in sampled.read_text(encoding="utf-8")
        for name, passed in ((_ADDING, "false"), (_RESTRICTING, "true")) if gated else ():
            Path(_FOLDER, name).write_text(f"{CANARY} = {passed}\n", encoding="utf-8")
        twin = Twin(
            executable=find_terraform(self.tools.terraform),
            environment=self.sandbox.environment(),
            providers=self.tools.providers,
            variables=(*samples, _ADDING) if gated else samples,
            later=(_RESTRICTING,) if gated else (),
        )
        return apply_to_twin(Path(_FOLDER), twin, progress=self.tell.progress)

    def _not_applied(
        self, plan: "RemediationPlan", before: "Judged", checks: "tuple[Check, ...]", obstacle: str
    ) -> ExitCode:
        """Say that nothing was applied, and how it can be; a check that failed still counts."""
        from ssm_hardening.report import demo

        self.tell.ended(demo.not_applied(plan, before.audit, checks, obstacle))
        return ExitCode.GAPS if any(check.outcome is CheckOutcome.FAILED for check in checks) else ExitCode.OK

    def _ended(
        self,
        plan: "RemediationPlan",
        before: "Judged",
        after: "Judged | None",
        checks: "tuple[Check, ...]",
        tried: "Tried",
    ) -> ExitCode:
        """Say whether the loop closed: what the plan was to turn is turned, and no check failed."""
        from ssm_hardening.report import demo

        if after is None:
            ending = demo.nothing_applied(before.audit, checks, tried)
        else:
            ending = demo.applied(plan, before.audit, after.audit, checks, tried)
        self.tell.ended(ending)
        return ExitCode.OK if ending.closed else ExitCode.GAPS
