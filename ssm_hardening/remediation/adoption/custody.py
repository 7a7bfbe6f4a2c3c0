"""Whose an object of the account is, and so whether it may be taken over at all."""

from dataclasses import dataclass
from typing import TypeAlias

from ssm_hardening.comparison import Comparison, Pair, Standing
from ssm_hardening.model import Account, Fact, OwnerKind, Ownership
from ssm_hardening.values import Absent, Known, Unknown

_WORDS = {
    OwnerKind.CLOUDFORMATION: "the CloudFormation stack",
    OwnerKind.STACK_SET: "the CloudFormation StackSet",
    OwnerKind.QUICK_SETUP: "Quick Setup",
    OwnerKind.CONTROL_TOWER: "Control Tower",
    OwnerKind.LANDING_ZONE_ACCELERATOR: "the Landing Zone Accelerator",
    OwnerKind.IDENTITY_CENTER: "Identity Center",
}


@dataclass(frozen=True, slots=True)
class Free:
    """Nobody's code or service shows itself: it may be taken over."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """Somebody else manages it; `who` as a person would say it, `where` it is to be changed, `why` we know."""

    who: str
    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Declared:
    """It is declared in code that was read beside the account."""

    pair: Pair


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Whose it is cannot be told; `question` is for the owner."""

    question: str
    why: str


Custody: TypeAlias = Free | Theirs | Declared | Doubtful


def custody_of(fact: Fact, account: Account, comparison: Comparison) -> Custody:
    """Return whose the object is: code that was read comes first, then what its tags and name tell."""
    pair = comparison.of_deployed(fact, account.root)
    if pair is not None and pair.doubt is not None:
        question = f"Does your code declare {fact.address}? It is not taken over before that is known."
        return Doubtful(question, pair.doubt.detail)
    if pair is not None and pair.standing in {Standing.EQUAL, Standing.DIFFERS}:
        return Declared(pair)
    return _owner(fact, account)


def _owner(fact: Fact, account: Account) -> Custody:
    found = next((each for each in account.owners.items if each.of == fact.address), None)
    if found is None:
        gap = account.owners.gap
        return Free() if gap is None else _doubtful(fact, gap)
    match found.owner:
        case Absent():
            return Free()
        case Known(owner):
            return _theirs(str(owner), found)
        case Unknown() as gap:
            return _doubtful(fact, gap)


def _doubtful(fact: Fact, gap: Unknown) -> Doubtful:
    question = f"Who owns {fact.address}: other code, a stack, a landing zone, or nobody?"
    return Doubtful(question, f"whose it is could not be read: {gap.detail}")


def _theirs(owner: str, found: Ownership) -> Theirs:
    evidence = str(found.evidence.value) if isinstance(found.evidence, Known) else "its tags"
    if owner == OwnerKind.TERRAFORM:
        return Theirs(
            "Terraform code", "in the code that made it, and run plan with that code beside the account", evidence
        )
    named = f" {found.name.value}" if isinstance(found.name, Known) else ""
    who = f"{_WORDS[OwnerKind(owner)]}{named}" if owner in set(OwnerKind) else f"{owner}{named}"
    return Theirs(who, f"in {who}", evidence)
