"""What applies to sessions that name no document: the preferences, or AWS's defaults where a live Region has none."""

from ssm_hardening.core.logic import Answer, every, is_no, negated, some, text_of
from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Inventory, Known, Unknown, Why
from ssm_hardening.model import LIVE, PREFERENCES_NAME, Account, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.session import aws_defaults
from ssm_hardening.rules.kit.checks import required
from ssm_hardening.rules.kit.sources import has_nodes
from ssm_hardening.rules.kit.subjects import is_preferences, preferences, session_documents
from ssm_hardening.rules.registry import Selector

_PREFACE = f"there is no {PREFERENCES_NAME}, so AWS's defaults apply: "
_PERHAPS = f"if there are nodes and no {PREFERENCES_NAME}, AWS's defaults apply: "


def in_force(document: SessionDocument) -> Answer:
    """Say whether this is the Region's preferences document, and exists."""
    return every((exists(document), is_preferences(document)), document.origin)


def defaults_in_force(account: Account) -> Inventory[SessionDocument]:
    """Return AWS's defaults, as a document, where a live Region may have nodes and no preferences document.

    Whether that is so is the document's `exists`. The gap says why its address cannot be told.
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
