"""The whole way in one call: read, judge, plan, render and audit again."""

from dataclasses import dataclass
from pathlib import Path

from ssm_hardening.judge.engine import run
from ssm_hardening.read.code.reader import read_terraform
from ssm_hardening.remediation.plan import RemediationPlan
from ssm_hardening.remediation.planning import plan_remediation
from ssm_hardening.remediation.rendering import GeneratedFolder, render
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.verdicts.findings import Audit
from ssm_hardening.verdicts.standards import BUILT_IN
from ssm_hardening.verification.reaudit import Reaudit, reaudit
from ssm_hardening.verification.runner import Check


@dataclass(frozen=True, slots=True)
class Loop:
    """What came of one folder."""

    folder: Path
    audit: Audit
    plan: RemediationPlan
    generated: GeneratedFolder

    def again(self, *, standard: str = "baseline") -> Check:
        return reaudit(
            self.plan,
            self.generated,
            Reaudit(before=self.audit, rules=load_rules(), standard=BUILT_IN[standard]),
            into=self.folder if self.plan.into else None,
            progress=lambda _: None,
        )

    def apply(self) -> None:
        """Make the edits in the folder itself, and put the companion there."""
        for edit in self.plan.edits:
            Path(edit.file).write_text(edit.after, newline="")
        if self.plan.into:
            for name, text in self.generated.files.items():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / name).write_text(text, newline="")


def read_text(path: str) -> str:
    return Path(path).read_bytes().decode("utf-8")


def remedied(folder: Path, *, into: bool, standard: str = "baseline", only: tuple[str, ...] = ()) -> Loop:
    chosen = BUILT_IN[standard]
    accounts = read_terraform([folder]).accounts
    audit = run(load_rules(only=only), accounts, chosen)
    plan = plan_remediation(audit, accounts, into=into, read_file=read_text, thresholds=chosen.thresholds)
    return Loop(folder, audit, plan, render(plan))
