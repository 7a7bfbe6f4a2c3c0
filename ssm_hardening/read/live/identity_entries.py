"""One entry of iam:GetAccountAuthorizationDetails: what it says of a role, a user or a group."""

from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Text, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.read.converting import items, record
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import first_gap, given, listed_in, sent, tags_in

CALL = calls.GET_ACCOUNT_AUTHORIZATION_DETAILS


def text_of(entry: Value[Any], key: str) -> str:
    """Return a text that every entry has; empty where it cannot be read."""
    value = sent(entry, key)
    return str(value.value) if isinstance(value, Known) else ""


def at_of(entry: Value[Any]) -> ApiOrigin:
    """Return where the entry was read."""
    return ApiOrigin(text_of(entry, "Arn"), str(CALL))


def attached_to_entry(entry: Value[Any]) -> Inventory[str]:
    """Return the ARNs of the managed policies that are attached."""
    found = listed_in(entry, "AttachedManagedPolicies")
    arns = [sent(each, "PolicyArn") for each in found]
    gaps = [each for each in arns if isinstance(each, Unknown)]
    named = sorted(str(each.value) for each in arns if isinstance(each, Known))
    return Inventory(tuple(named), first_gap(found.gap, *gaps))


def boundary_of(entry: Value[Any]) -> Value[Text]:
    """Return the ARN of the permissions boundary."""
    return given(given(entry, "PermissionsBoundary", convert=record), "PermissionsBoundaryArn")


def names_in_entry(entry: Value[Any], key: str) -> Inventory[str]:
    """Return the texts of a list."""
    found = listed_in(entry, key)
    gaps = [each for each in found if isinstance(each, Unknown)]
    return Inventory(tuple(str(each.value) for each in found if isinstance(each, Known)), first_gap(found.gap, *gaps))


def inline_in(entry: Value[Any], key: str) -> list[tuple[str, Inventory[Statement]]]:
    """Return the inline policies by name; what cannot be read has a gap and no name."""
    at, found = at_of(entry), listed_in(entry, key)
    read = [
        (text_of(each, "PolicyName"), statements_of(sent(each, "PolicyDocument", convert=record), at)) for each in found
    ]
    return read if found.gap is None else [*read, ("", Inventory((), found.gap))]


def document_in(entry: Value[Any]) -> Inventory[Statement]:
    """Return the statements of the version in force of a policy of the account's own."""
    at, found = at_of(entry), listed_in(entry, "PolicyVersionList")
    match sent(entry, "DefaultVersionId"):
        case Known(wanted):
            for each in found:
                number = sent(each, "VersionId")
                if isinstance(number, Known) and number.value == wanted:
                    return statements_of(sent(each, "Document", convert=record), at)
            missing = Unknown(Why.UNPARSEABLE, at, f"{CALL}: the answer lacks the version in force of {at.arn}")
            return Inventory((), missing if found.gap is None else found.gap)
        case Absent(where):
            return Inventory((), Unknown(Why.UNPARSEABLE, where, f"{CALL}: {at.arn} has no version in force"))
        case Unknown() as gap:
            return Inventory((), gap)


def tags_of(entry: Value[Any]) -> Value[Any]:
    """Return the tags as one record."""
    return tags_in(given(entry, "Tags", convert=items), at_of(entry))
