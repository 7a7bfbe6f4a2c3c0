"""The selectors: which objects of an account a rule is about, and what is said of those that were launched alike."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from ssm_hardening.core.logic import Answer, ask, every, is_no, is_yes, known_or, negated, some, text_of
from ssm_hardening.core.origins import ApiOrigin, Origin
from ssm_hardening.core.values import Inventory, Known, Template, Text, Unknown, Why
from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account, Key, LogBucket, LogGroup, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.joins import could_be
from ssm_hardening.model.session import aws_defaults
from ssm_hardening.model.stores import may_be_used, use_in_doubt
from ssm_hardening.rules.kit.checks import gaps, required
from ssm_hardening.rules.kit.sources import has_nodes
from ssm_hardening.rules.registry import Selector

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Instance

F = TypeVar("F", LogBucket, LogGroup, Key)


def is_preferences(document: SessionDocument) -> Answer:
    """Say whether this is the Region's preferences document, by its name."""
    return ask(document.name, lambda name: _means_preferences(name, document.name.at), absent=False)


def _means_preferences(name: Text, at: Origin) -> bool | Unknown:
    if isinstance(name, str):
        return name == PREFERENCES_NAME
    if isinstance(name, Template) and not could_be(name, PREFERENCES_NAME):
        return False
    return Unknown(Why.COMPUTED, at, f"its name, {name}")


def _preferences(account: Account) -> Inventory[SessionDocument]:
    """Return the preferences document, with every document that may turn out to be it."""
    documents = account.session_documents
    return Inventory(tuple(item for item in documents.items if not is_no(is_preferences(item))), documents.gap)


def _sessions(account: Account) -> Inventory[SessionDocument]:
    """Return every document that may be one for sessions, by its type or by the name of the preferences."""
    documents = account.session_documents
    kept = (item for item in documents.items if not is_no(_is_for_sessions(item)) or not is_no(is_preferences(item)))
    return Inventory(tuple(kept), documents.gap)


def _custom(account: Account) -> Inventory[SessionDocument]:
    documents = _sessions(account)
    return Inventory(tuple(item for item in documents.items if not is_yes(is_preferences(item))), documents.gap)


def _is_for_sessions(document: SessionDocument) -> Answer:
    """Say whether the document's type is Session."""
    return ask(document.document_type, lambda text: _means_sessions(text, document.document_type.at), absent=False)


def _means_sessions(text: Text, at: Origin) -> bool | Unknown:
    return text == "Session" if isinstance(text, str) else Unknown(Why.COMPUTED, at, f"its type, {text}")


def _type_in_doubt(document: SessionDocument) -> Unknown | None:
    """Say why it is unknown whether this is a document for sessions; None where it can."""
    if is_yes(is_preferences(document)):
        return None
    meant = _is_for_sessions(document)
    return next(gaps(meant), None if is_yes(meant) else name_in_doubt(document))


def _custom_in_doubt(document: SessionDocument) -> Unknown | None:
    doubt = name_in_doubt(document)
    return _type_in_doubt(document) if doubt is None else doubt


def name_in_doubt(document: SessionDocument) -> Unknown | None:
    """Say why it is unknown whether this is the preferences document; None where it can."""
    return next(gaps(is_preferences(document)), None)


def _used(inventory: Inventory[F]) -> Inventory[F]:
    return Inventory(tuple(item for item in inventory.items if may_be_used(item)), inventory.gap)


def _named(name: str, of: Callable[[Account], Inventory[F]]) -> Selector[F]:
    return Selector(name, lambda account: _used(of(account)), use_in_doubt)


the_account: Selector[Account] = Selector("accounts", lambda account: Inventory((account,)))
session_documents: Selector[SessionDocument] = Selector("session documents", _sessions, _type_in_doubt)
preferences: Selector[SessionDocument] = Selector("preferences documents", _preferences, name_in_doubt)
custom_documents: Selector[SessionDocument] = Selector("custom session documents", _custom, _custom_in_doubt)
log_buckets: Selector[LogBucket] = _named("session log buckets", lambda a: a.log_buckets)
log_groups: Selector[LogGroup] = _named("session log groups", lambda a: a.log_groups)
keys: Selector[Key] = _named("keys used by sessions or their logs", lambda a: a.keys)


_PREFACE = f"there is no {PREFERENCES_NAME}, so the AWS defaults apply: "
_PERHAPS = f"if there are nodes but no {PREFERENCES_NAME}, the AWS defaults apply: "


def in_force(document: SessionDocument) -> Answer:
    """Say whether this is the Region's preferences document, and exists."""
    return every((exists(document), is_preferences(document)), document.origin)


def defaults_in_force(account: Account) -> Inventory[SessionDocument]:
    """Return the AWS defaults, as a document, where a live Region may have nodes and no preferences document.

    Whether that is so is the document's `exists`. The gap says why its address is unknown.
    """
    documents = account.session_documents
    if account.source != LIVE or documents.gap is not None:
        return Inventory()
    missing = negated(some((in_force(document) for document in documents.items), account.at))
    apply = every((missing, has_nodes(account)), account.at)
    if is_no(apply):
        return Inventory()
    address = preferences_arn(account)
    if isinstance(address, Unknown):
        return Inventory((), address)
    if any(document.address == address for document in documents.items):
        return Inventory()
    return Inventory((aws_defaults(address, apply),))


def preferences_arn(account: Account) -> str | Unknown:
    """Return the ARN that the preferences document of this account and Region has, or would have."""
    untold = "which account and Region this is"
    region = required(text_of(account.region), Why.OUT_OF_SCOPE, untold)
    owner = required(text_of(account.account), Why.OUT_OF_SCOPE, untold)
    if isinstance(region, Unknown):
        return region
    if isinstance(owner, Unknown):
        return owner
    return f"arn:{_partition(account)}:ssm:{region.value}:{owner.value}:document/{PREFERENCES_NAME}"


def _partition(account: Account) -> str:
    """Return the partition of the ARN that the account was read under."""
    match account.at:
        case ApiOrigin(arn) if arn.count(":") > 1:
            return arn.split(":")[1]
        case _:
            return "aws"


def _with_defaults(selector: Selector[SessionDocument]) -> Selector[SessionDocument]:
    def select(account: Account) -> Inventory[SessionDocument]:
        found, defaults = selector.select(account), defaults_in_force(account)
        return Inventory((*found.items, *defaults.items), found.gap if defaults.gap is None else defaults.gap)

    return Selector(selector.noun, select, selector.doubt, preface=_preface)


def _preface(document: SessionDocument) -> str:
    if not isinstance(document.name, Known) or not document.name.defaulted:
        return ""
    return _PERHAPS if isinstance(document.exists, Unknown) else _PREFACE


preferences_in_force = _with_defaults(preferences)
documents_in_force = _with_defaults(session_documents)


_LAUNCHERS: Mapping[str, str] = {
    "autoscaling-group": "Auto Scaling group",
    "ec2-fleet": "EC2 fleet",
    "spot-fleet": "spot fleet",
    "eks-node-group": "EKS node group",
    "batch-environment": "AWS Batch environment",
}
_ACTIVATION = "hybrid-activation"


def of_launched(node: "Instance") -> str:
    """Return what messages about the instances of a launcher begin with; empty for a node of its own."""
    kind = str(known_or(node.launcher, ""))
    if kind == _ACTIVATION:
        return "machines that register with this activation: "
    return f"instances that this {_LAUNCHERS.get(kind, 'launcher')} launches: " if kind else ""


def in_another_version(node: "Instance") -> Iterator[Unknown]:
    """Yield that the version of the launch template that is in force may say something else than what was read.

    What is wrong in the version that was read stays wrong: the next version, or the first one, is made of it.
    """
    if isinstance(node.template, Unknown):
        yield node.template
