"""What IAM says of a role, a user or a group, and of the policies that they have."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ssm_hardening.core.logic import certainly, known_or
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Datum, Inventory, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.iam.statements import Statement, statements_of
from ssm_hardening.model import Policy
from ssm_hardening.read.converting import items, number, record
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import answered, first_gap, given, known_texts, listed_in, sent, tags_in
from ssm_hardening.read.live.asking import AwsApi

CALL = calls.GET_ACCOUNT_AUTHORIZATION_DETAILS


@dataclass(frozen=True, slots=True)
class IamEntry:
    """One entry of iam:GetAccountAuthorizationDetails: all that it says of a role, a user, a group or a policy."""

    data: Value[Datum]

    def text(self, key: str) -> str:
        """Return a text that every entry has; empty where it cannot be read."""
        return str(known_or(sent(self.data, key), ""))

    @property
    def at(self) -> ApiOrigin:
        """Where the entry was read."""
        return CALL.at(self.text("Arn"))

    @property
    def attached(self) -> Inventory[str]:
        """The ARNs of the managed policies that are attached."""
        found = listed_in(self.data, "AttachedManagedPolicies")
        arns = known_texts((sent(each, "PolicyArn") for each in found), found.gap)
        return Inventory(tuple(sorted(arns)), arns.gap)

    @property
    def attachments(self) -> Value[int]:
        """How many roles, users and groups have the policy."""
        return sent(self.data, "AttachmentCount", convert=number)

    @property
    def boundary(self) -> Value[Text]:
        """The ARN of the permissions boundary."""
        return boundary_in(self.data)

    @property
    def tags(self) -> Value[Record]:
        """The tags as one record."""
        return tags_in(given(self.data, "Tags", convert=items), self.at)

    def names(self, key: str) -> Inventory[str]:
        """Return the texts of a list."""
        found = listed_in(self.data, key)
        return known_texts(found, found.gap)

    def inline(self, key: str) -> list[tuple[str, Inventory[Statement]]]:
        """Return the inline policies by name; what cannot be read has a gap and no name."""
        found = listed_in(self.data, key)
        documents = [(IamEntry(each), sent(each, "PolicyDocument", convert=record)) for each in found]
        read = [(entry.text("PolicyName"), statements_of(document, self.at)) for entry, document in documents]
        return read if found.gap is None else [*read, ("", Inventory((), found.gap))]

    def statements(self) -> Inventory[Statement]:
        """Return what the version in force of a policy of the account's own says."""
        versions = listed_in(self.data, "PolicyVersionList")
        wanted = sent(self.data, "DefaultVersionId")
        if isinstance(wanted, Unknown):
            return Inventory((), wanted)
        for each in versions:
            if isinstance(wanted, Known) and certainly(sent(each, "VersionId"), lambda id_: id_ == wanted.value):
                return statements_of(sent(each, "Document", convert=record), self.at)
        missing = Unknown(
            Why.UNPARSEABLE, self.at, f"{CALL}: the default version of {self.at.arn} is missing from the response"
        )
        return Inventory((), missing if versions.gap is None else versions.gap)


def boundary_in(entry: Value[Datum]) -> Value[Text]:
    """Return the ARN of the permissions boundary of a role or user."""
    return given(given(entry, "PermissionsBoundary", convert=record), "PermissionsBoundaryArn")


def limits(boundary: Value[Text], said: Callable[[str], Inventory[Statement]]) -> Inventory[Statement]:
    """Return what a boundary (its ARN) admits; `said` tells what the policy of an ARN says."""
    return said(str(boundary.value)) if isinstance(boundary, Known) else Inventory((), first_gap(boundary))


def united(said: Iterable[Inventory[Statement]], *gaps: Unknown | None) -> Inventory[Statement]:
    """Return what all policies say, and why they may say more."""
    held = tuple(said)
    statements = tuple(statement for each in held for statement in each)
    return Inventory(statements, first_gap(*gaps, *(each.gap for each in held)))


def version_in_force(aws: AwsApi, arn: str) -> Value[Text]:
    """Return the version of a managed policy that is in force."""
    return sent(answered(aws.ask(calls.GET_POLICY, arn, {"PolicyArn": arn})), "Policy", "DefaultVersionId")


def document_of(aws: AwsApi, arn: str, version: Text) -> Value[Record]:
    """Return what a version of a managed policy says, as data."""
    answer = answered(aws.ask(calls.GET_POLICY_VERSION, arn, {"PolicyArn": arn, "VersionId": str(version)}))
    return sent(answer, "PolicyVersion", "Document", convert=record)


def policy_fact(address: str, name: str, kind: str, statements: Inventory[Statement], holders: Known[Items]) -> Policy:
    """Return a policy, with those who have it, read where they were."""
    return Policy(
        address=address,
        declaration=address,
        origin=holders.at,
        name=Known(name, holders.at),
        exists=Known(True, holders.at),
        kind=Known(kind, holders.at),
        attached_to=holders,
        statements=statements,
    )
