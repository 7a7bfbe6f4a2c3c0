from dataclasses import dataclass
from pathlib import Path

from ssm_hardening.verification.runner import Check, CheckOutcome, Progress, verify


@dataclass(frozen=True)
class Always:
    name: str
    outcome: CheckOutcome

    def verify(self, folder: Path, *, progress: Progress) -> tuple[Check, ...]:
        progress(f"{self.name} looks at {folder}")
        return (Check(self.name, self.outcome, "said"),)


def test_every_verifier_is_asked_whatever_the_others_say() -> None:
    lines: list[str] = []
    chosen = [Always("a", CheckOutcome.FAILED), Always("b", CheckOutcome.SKIPPED), Always("c", CheckOutcome.PASSED)]
    result = verify(Path("x"), chosen, progress=lines.append)
    assert [(check.name, check.outcome) for check in result] == [(each.name, each.outcome) for each in chosen]
    assert lines == ["a looks at x", "b looks at x", "c looks at x"]
