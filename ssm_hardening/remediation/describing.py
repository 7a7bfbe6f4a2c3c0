"""Steps for a person: a change that the tool does not make, and why."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ssm_hardening.remediation.admission import LOGS_ACTIONS
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.changes import (
    AdmitLogs,
    Append,
    Edited,
    FromOwner,
    MergeStatement,
    New,
    Output,
    Phase,
    Plain,
    RemoveArgument,
    ReplaceValue,
    SetArgument,
    SetBeside,
    SetContent,
    phase_of,
)
from ssm_hardening.remediation.companions import KINDS
from ssm_hardening.remediation.plan import ManualStep
from ssm_hardening.remediation.wiring import Wiring


def by_hand(case: Case) -> ManualStep:
    """Return the step for a rule that has no remedy of its own."""
    why = case.finding.rule.manual or "the tool makes no change for it"
    return ManualStep(what=case.told, why=why, at=str(case.at), closes=(case.rule,))


_SHOWN = 3


def together(cases: Sequence[Case]) -> ManualStep:
    """Return one step for all findings of a rule that has no remedy of its own."""
    step = by_hand(cases[0])
    if len(cases) == 1:
        return step
    shown = ", ".join(case.finding.subject for case in cases[:_SHOWN])
    rest = f" and {len(cases) - _SHOWN} more" if len(cases) > _SHOWN else ""
    return replace(step, what=f"{shown}{rest}: {cases[0].message}")


def step_for(change: Edited, wiring: Wiring, reason: str, rule: str) -> tuple[ManualStep, Phase]:
    """Return the change as a step for a person, naming the place where the present value is decided."""
    what, at = _what(change, wiring)
    return ManualStep(what=f"{change.fact.address}: {what}", why=reason, at=at, closes=(rule,)), phase_of(change)


_OUTPUTS: Mapping[Output, str] = {
    Output.BUCKET_NAME: "the name of a log bucket",
    Output.KEY_PREFIX: "a prefix for recordings",
    Output.GROUP_NAME: "the name of a log group that has a customer key",
    Output.SESSION_KEY: "the ARN of a customer key",
    Output.LOGS_KEY: "the ARN of a customer key",
}


def set_to(change: SetContent) -> str:
    """Return a change of content in words, for somebody who makes it elsewhere: no module is named."""
    return f"set {'.'.join(change.path)} to {_in_words(change.value)}"


def _in_words(value: New) -> str:
    match value:
        case Output():
            return _OUTPUTS[value]
        case FromOwner():
            return "the name of an unprivileged OS user"
        case Plain(plain):
            return json.dumps(plain)


def _what(change: Edited, wiring: Wiring) -> tuple[str, str]:
    origin = str(change.fact.origin)
    match change:
        case SetContent(path=path, value=value, read_at=at) | SetArgument(path=path, value=value, read_at=at):
            place = origin if at is None else str(at)
            return f"set {'.'.join(path)} to {wiring.named(value)}", place
        case RemoveArgument(name=name):
            return f"remove {name}", origin
        case ReplaceValue(at=at, names=names, values=values):
            return f"set {' or '.join(names)} to {values[0]}", str(at)
        case SetBeside(at=at, block=block, name=name):
            return f"set {name} to true in its {block}", str(at)
        case Append(kind=kind):
            return f"add a resource {KINDS[kind][0]} for it", origin
        case MergeStatement(at=at):
            return "add statements to its policy that deny aws:SecureTransport = false and s3:TlsVersion < 1.2", str(at)
        case AdmitLogs(groups=groups):
            served = ", ".join(group.address for group in groups)
            return (
                f"add a statement to its policy that allows logs.REGION.amazonaws.com {', '.join(LOGS_ACTIONS)}, where "
                f"kms:EncryptionContext:aws:logs:arn is the ARN of {served}"
            ), origin


def of_another_place(case: Case, *, aside: bool) -> ManualStep:
    """Return the step for what the modules of this plan are not made for."""
    finding = case.finding
    what = f"generate the modules for {finding.root} in a run of its own"
    why = "modules are made for one account and Region at a time, and this plan makes them for another root"
    if aside:
        what = f"{finding.subject}: keep it in a root of its own for its provider and Region, and generate there"
        why = (
            "modules are made under the default provider of a root, and keys and stores of one Region serve no "
            "document or log group of another"
        )
    return ManualStep(what=what, why=why, at=str(finding.origin), closes=(case.rule,))
