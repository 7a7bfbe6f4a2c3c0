"""Parts of the code that were named, and could not be read: READ-01."""

from collections.abc import Iterator

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Unknown
from ssm_hardening.model import Account, Fact, Gap, is_override
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import Requirement, Severity, Undecided, Verdict

_VALUES = (".tfvars", ".tfvars.json")


def _unread(account: Account) -> Inventory[Fact]:
    found: dict[str, Fact] = {}
    for gap in account.unread_parts:
        for name in _names(gap):
            found.setdefault(name, _part(name, gap))
    return Inventory(tuple(found.values()))


def _names(gap: Gap) -> Iterator[str]:
    """Yield what a person would call the part: the modules or blocks, or the file."""
    if gap.affects:
        yield from gap.affects
    else:
        yield gap.at.file if isinstance(gap.at, CodeOrigin) else str(gap.at)


def _part(name: str, gap: Gap) -> Fact:
    here = Known(True, gap.at)
    return Fact(address=name, declaration=name, origin=gap.at, name=Absent(gap.at), exists=here)


unread_code: Selector[Fact] = Selector("parts of the code that could not be read", _unread, unread_code=True)


@rule(
    id="READ-01",
    title="All code that was named could be read",
    headline="Part of the code was not read",
    severity=Severity.LOW,
    over=unread_code,
    also=(Requirement.SECURE_ACCESS, Requirement.ACCESS_CONTROL, Requirement.CROSS_PLATFORM),
    manual="only you can provide what is missing: run terraform init to download modules, pass the folder that "
    "contains the root module, or fix the file",
)
def was_read(part: Fact, context: Context) -> Verdict:
    """What was not read may declare more resources, and change those that were: without it, no report is complete.

    Each module, file, or block that could not be read is reported once for each root module. What it can change is
    undecided in the other rules: objects that a module is given by reference or by name, settings that a file of code
    may add to, and every argument that an override file may replace. A known failure to which it could only add stays a
    failure. A module from a registry whose name ends in another provider than aws or awscc is not reported, because it
    declares nothing in AWS.

    Undecided for each part that was not read; this rule never fails.

    Reference: Terraform Language, "Module Sources" and "Override Files".
    """
    gap = next(each for each in context.account.unread_parts if part.address in _names(each))
    return Undecided(part.origin, Unknown(gap.why, gap.at, gap.detail), _effect(gap))


def _effect(gap: Gap) -> str:
    name = gap.at.file.replace("\\", "/").rpartition("/")[2] if isinstance(gap.at, CodeOrigin) else ""
    if gap.kind == "module" or gap.affects:
        return "it may declare more resources, and change what its arguments refer to or name"
    if name.endswith(_VALUES):
        return "it may set any variable of the root module"
    if is_override(name):
        return "it may replace any argument in its folder"
    return "it may declare more resources, and change what others declare"
