"""The accounts of a root module: one for each provider configuration, and Region that resources name themselves."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Unknown, Value, Why
from ssm_hardening.model import Account, Fact, Key, LogBucket, LogGroup, SessionDocument, UsageSign
from ssm_hardening.read.facts import buckets, keys, lifecycle, log_groups
from ssm_hardening.read.facts.arguments import argument_text
from ssm_hardening.read.facts.attachments import means
from ssm_hardening.read.facts.index import Index
from ssm_hardening.read.facts.session_documents import session_document
from ssm_hardening.read.facts.uses import Place, Use, use, used_by
from ssm_hardening.read.graph import Resource, Root

if TYPE_CHECKING:
    from ssm_hardening.read.facts.surroundings import Surroundings

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Placed(Generic[F]):
    """Facts of one kind with their places; `gap` says why there may be more."""

    items: tuple[tuple[Place, F], ...]
    gap: Unknown | None

    def at(self, place: Place) -> Inventory[F]:
        """Return the facts of one place."""
        return Inventory(tuple(fact for where, fact in self.items if where == place), self.gap)

    def everywhere(self) -> Inventory[F]:
        """Return the facts of all places."""
        return Inventory(tuple(fact for _, fact in self.items), self.gap)


@dataclass(frozen=True, slots=True)
class Places:
    """Where resources belong, and the Region of each place as it was read."""

    root: Root
    regions: dict[Place, Value[Any]]

    def of(self, resource: Resource) -> Place:
        """Return the provider's place, or one of its own where the resource names another Region."""
        written = argument_text(resource.config.get("region"), "region")
        own = self.region_of(resource.provider)
        if isinstance(written, Absent) or _equal(written, own):
            place, region = Place(resource.provider), own
        else:
            shown = str(written.value) if isinstance(written, Known) else written.detail
            place, region = Place(resource.provider, shown), written
        self.regions.setdefault(place, region)
        return place

    def region_of(self, provider: str) -> Value[Any]:
        """Return the Region of a provider configuration."""
        match argument_text(self.root.provider_argument(provider, "region"), "region"):
            case Absent(at):
                return Unknown(Why.OUT_OF_SCOPE, at, f"provider {provider} names no region in the code")
            case Known() | Unknown() as region:
                return region

    def placed(self, found: Inventory[tuple[Resource, F]]) -> Placed[F]:
        """Return facts with the places of the resources that declare them."""
        return Placed(tuple((self.of(resource), fact) for resource, fact in found), found.gap)


def _equal(one: Value[Any], other: Value[Any]) -> bool:
    return isinstance(one, Known) and isinstance(other, Known) and bool(one.value == other.value)


_OF_ANY_SERVICE = frozenset({"aws_ssm_document", "aws_ssm_service_setting", "aws_ssm_activation"})
"""Words that make a root worth reading, though what they name may have nothing to do with sessions."""


def usage_signs(root: Root, gap: Unknown | None) -> Inventory[UsageSign]:
    """Return one sign for each place; `gap` says why there may be more.

    That there are documents says nothing beyond the documents themselves: those for Run Command are none of ours. The
    same holds for settings and activations.
    """
    literals = root.literals()
    found = sorted(
        (at, literal) for literal, places in literals.items() if literal not in _OF_ANY_SERVICE for at in places
    )
    return Inventory(tuple(UsageSign(literal, at) for at, literal in found), gap)


U = TypeVar("U", LogBucket, LogGroup, Key)

DOCUMENT = "aws_ssm_document"
TYPES = (
    *(DOCUMENT, buckets.TYPE, *buckets.SOURCES, *buckets.BESIDE),
    *(log_groups.TYPE, log_groups.FILTER, log_groups.ACCOUNT_POLICY),
    *(*keys.TYPES, "aws_kms_key_policy", "aws_kms_alias", keys.GRANT),
)
"""Every resource type that facts are read from."""

DEFAULT_PROVIDER = "aws"


@dataclass(frozen=True, slots=True)
class _Picture:
    """Everything the resources of a root say, joined."""

    documents: Placed[SessionDocument]
    buckets: Placed[LogBucket]
    groups: Placed[LogGroup]
    keys: Placed[Key]


def accounts_of(root: Root, *, around: Root | None = None) -> tuple[Account, ...]:
    """Return what a root module says, one account for each place; one at least, so that gaps are heard of.

    `around` is the same root with every module it calls, where the kinds that stand around sessions are wanted.
    A bucket belongs to its provider's account; its users may be documents of another one, since names of buckets
    are global.
    """
    places = Places(root, {})
    picture = _joined(root, places)
    surroundings = None if around is None else _surroundings(around, Places(around, places.regions))
    for provider in root.providers():
        places.regions.setdefault(Place(provider), places.region_of(provider))
    if not places.regions:
        places.regions[Place(DEFAULT_PROVIDER)] = places.region_of(DEFAULT_PROVIDER)
    ordered = sorted(places.regions, key=lambda place: (place.provider, place.region))
    accounts = (_account(root, picture, place, places.regions[place]) for place in ordered)
    if around is None or surroundings is None:
        return tuple(accounts)
    gaps = tuple(dict.fromkeys((*root.gaps, *around.gaps)))
    pairs = zip(accounts, ordered, strict=True)
    return tuple(surroundings.on(replace(account, gaps=gaps), place) for account, place in pairs)


def _surroundings(around: Root, places: Places) -> "Surroundings":
    from ssm_hardening.read.facts.surroundings import surroundings_of  # noqa: PLC0415 - see there

    return surroundings_of(around, places)


def _account(root: Root, picture: _Picture, place: Place, region: Value[Any]) -> Account:
    at = CodeOrigin(root.path, 0)
    return Account(
        source="terraform",
        root=root.path,
        at=at,
        account=_account_of(root, place.provider),
        region=region,
        session_documents=picture.documents.at(place),
        log_buckets=picture.buckets.at(place),
        log_groups=picture.groups.at(place),
        keys=picture.keys.at(place),
        usage_signs=usage_signs(root, picture.documents.gap),
        gaps=root.gaps,
    )


def _account_of(root: Root, provider: str) -> Value[Any]:
    """Return the account that a provider configuration is held to, where it names just one."""
    match root.provider_argument(provider, "allowed_account_ids"):
        case Known(Items((Known(str() as account, at),), None)):
            return Known(account, at)
        case Known() | Absent() | Unknown():
            detail = f"the account is not in the code; provider {provider} may name it in allowed_account_ids"
            return Unknown(Why.OUT_OF_SCOPE, CodeOrigin(root.path, 0), detail)


def _joined(root: Root, places: Places) -> _Picture:
    documents = places.placed(_documents(root))
    groups = places.placed(log_groups.log_groups_of(root))
    stores = places.placed(buckets.buckets_of(root, _prefixes_of(documents)))
    own_keys = places.placed(keys.keys_of(root))
    uses = _uses(documents, stores, groups)
    return _Picture(
        documents,
        _with_users(stores, uses["bucket"], everywhere=True),
        _with_users(groups, uses["group"]),
        _with_users(own_keys, uses["key"]),
    )


def _documents(root: Root) -> Inventory[tuple[Resource, SessionDocument]]:
    resources = root.resources(DOCUMENT)
    follow = buckets.through_settings(root)
    found: list[tuple[Resource, SessionDocument]] = []
    for resource in resources:
        document = session_document(resource)
        if document is not None:
            found.append((resource, replace(document, s3_bucket=follow(document.s3_bucket))))
    return Inventory(tuple(found), resources.gap)


def _prefixes_of(documents: Placed[SessionDocument]) -> buckets.PrefixesOf:
    """Return a function that tells under which prefixes documents write, or may write, to a bucket."""

    def prefixes(bucket: Fact) -> lifecycle.Prefixes:
        writers = (each for _, each in documents.items if means(each.s3_bucket, bucket) is not False)
        return tuple(each.s3_key_prefix for each in writers)

    return prefixes


def _uses(
    documents: Placed[SessionDocument], stores: Placed[LogBucket], groups: Placed[LogGroup]
) -> Mapping[str, tuple[Use, ...]]:
    """Return who names which kind of object."""
    return {
        "bucket": _named(documents, lambda document: document.s3_bucket),
        "group": _named(documents, lambda document: document.cloudwatch_log_group),
        "key": (
            *_named(documents, lambda document: document.kms_key),
            *_named(stores, lambda bucket: bucket.kms_key),
            *_named(groups, lambda group: group.kms_key),
        ),
    }


def _named(users: Placed[F], what: Callable[[F], Value[Any]]) -> tuple[Use, ...]:
    return tuple(each for place, fact in users.items for each in use(fact, place, what(fact)))


def _with_users(found: Placed[U], uses: Iterable[Use], *, everywhere: bool = False) -> Placed[U]:
    known = Index((each.value, each) for each in uses)
    return Placed(
        tuple(
            (place, replace(fact, used_by=used_by(fact, place, known, everywhere=everywhere)))
            for place, fact in found.items
        ),
        found.gap,
    )
