"""The accounts of a root module: one for each provider configuration, and Region that resources name themselves."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from ssm_hardening.core.logic import contents, known_or, literal
from ssm_hardening.core.origins import CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Reference, Text, Unknown, Value, Why
from ssm_hardening.iam.texts import resource_type
from ssm_hardening.model import Account, Fact, Key, LogBucket, LogGroup, SessionDocument, UsageSign
from ssm_hardening.model.joins import place_in_arn
from ssm_hardening.model.stores import may_be_used, use_in_doubt
from ssm_hardening.read.converting import same
from ssm_hardening.read.facts import buckets, keys, log_groups, session_documents
from ssm_hardening.read.facts.arguments import argument_text, text_in
from ssm_hardening.read.facts.identity import DEFAULT_PROVIDER, Owners
from ssm_hardening.read.facts.index import NameIndex, ProviderRegion, Spots, Use, means, use, used_by
from ssm_hardening.read.facts.stacks import WithStacks, creators_of
from ssm_hardening.read.graph import Resource, Root
from ssm_hardening.read.selection import Prefixes

if TYPE_CHECKING:
    from ssm_hardening.read.facts.environment import Environment

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class PlacedFacts(Generic[F]):
    """Facts of one kind with their places; `gap` says why there may be more."""

    items: tuple[tuple[ProviderRegion, F], ...]
    gap: Unknown | None

    def at(self, place: ProviderRegion) -> Inventory[F]:
        """Return the facts of one place."""
        return Inventory(tuple(fact for where, fact in self.items if where == place), self.gap)

    def within(self, is_there: Callable[[ProviderRegion], bool]) -> Inventory[F]:
        """Return the facts of all places of which this holds."""
        return Inventory(tuple(fact for where, fact in self.items if is_there(where)), self.gap)

    def everywhere(self) -> Inventory[F]:
        """Return the facts of all places."""
        return Inventory(tuple(fact for _, fact in self.items), self.gap)


_GLOBAL = ("aws_iam_", "aws_ssoadmin_", "aws_identitystore_", "aws_organizations_")
"""Types of what belongs to no Region: their argument `region`, where there is one at all, places nothing."""


def is_global(resource_type: str) -> bool:
    """Say whether resources of this type belong to an AWS account as a whole."""
    return resource_type.startswith(_GLOBAL)


@dataclass(frozen=True, slots=True)
class Places:
    """Where resources belong, the Region of each place as it was read, and whose account it is of."""

    root: Root
    regions: dict[ProviderRegion, Value[Text]]
    owners: Owners
    alike: dict[tuple[str, str], ProviderRegion] = field(default_factory=dict)

    def owner_of(self, place: ProviderRegion) -> ProviderRegion:
        """Return what stands for all places of the AWS account that a place is of."""
        return ProviderRegion(self.owners.name(place.provider))

    def account_of(self, resource: Resource) -> Value[Text]:
        """Return what stands for the account of a resource: its provider's, or another that `account_id` names."""
        named, provider = text_in(resource.config, "account_id"), self.owners.of(resource.provider)
        match named, literal(_account_of(self.root, resource.provider)):
            case (Known(Reference() as told), _) if resource_type(told) == "aws_caller_identity":
                return provider
            case (Absent(), _):
                return provider
            case Known(str() as number), str() as own:
                return provider if number == own else named
            case _:
                return Unknown(Why.COMPUTED, named.at, f"whose account {resource.address} is about")

    def of(self, resource: Resource) -> ProviderRegion:
        """Return the provider's place, or one of its own where the resource names another Region."""
        own = self.region_of(resource.provider)
        written = Absent(resource.at) if is_global(resource.type) else text_in(resource.config, "region")
        if isinstance(written, Absent) or same(written, own):
            return self.place(ProviderRegion(resource.provider), own)
        shown = str(written.value) if isinstance(written, Known) else written.detail
        return self.place(ProviderRegion(resource.provider, shown), written)

    def place(self, of: ProviderRegion, region: Value[Text]) -> ProviderRegion:
        """Return the one place of an AWS account and Region, whichever provider configurations lead there."""
        where, owner = literal(region), self.owners.of(of.provider)
        found = of
        if where is not None and isinstance(owner, Known):
            found = self.alike.setdefault((str(owner.value), where), of)
        self.regions.setdefault(found, region)
        return found

    def of_provider(self, provider: str) -> ProviderRegion:
        """Return the place of a provider configuration."""
        return self.place(ProviderRegion(provider), self.region_of(provider))

    def region_of(self, provider: str) -> Value[Text]:
        """Return the Region of a provider configuration."""
        region = argument_text(self.root.provider_argument(provider, "region"), "region")
        if isinstance(region, Absent):
            return Unknown(Why.OUT_OF_SCOPE, region.at, f"provider {provider} sets no region in the code")
        return region

    def placed(self, found: Inventory[tuple[Resource, F]]) -> PlacedFacts[F]:
        """Return facts with the places of the resources that declare them."""
        return PlacedFacts(tuple((self.of(resource), fact) for resource, fact in found), found.gap)


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


@dataclass(frozen=True, slots=True)
class _Picture:
    """Everything the resources of a root say, joined."""

    documents: PlacedFacts[SessionDocument]
    buckets: PlacedFacts[LogBucket]
    groups: PlacedFacts[LogGroup]
    keys: PlacedFacts[Key]
    uses_of_keys: tuple[Use, ...]


def accounts_of(root: Root, *, whole: Root | None = None) -> tuple[Account, ...]:
    """Return what a root module says, one account for each place; one at least, so that gaps are heard of.

    `whole` is the same root with every module it calls, where the environment of sessions is wanted, too.
    A bucket belongs to its provider's account; its users may be documents of another one, since names of buckets
    are global.
    """
    creators = creators_of(root if whole is None else whole)
    root, whole = WithStacks(root, creators), None if whole is None else WithStacks(whole, creators)
    places = _places(root)
    picture = _joined(root, places)
    around = None if whole is None else replace(places, root=whole)
    environment = None if around is None else _environment(around)
    for provider in root.providers():
        places.of_provider(provider)
    if not places.regions:
        places.of_provider(DEFAULT_PROVIDER)
    ordered = sorted(places.regions, key=lambda place: (place.provider, place.region))
    accounts = (_account(picture, place, places) for place in ordered)
    if whole is None or environment is None:
        return tuple(accounts)
    gaps = tuple(dict.fromkeys((*root.gaps, *whole.gaps)))
    pairs = zip(accounts, ordered, strict=True)
    return tuple(environment.on(replace(account, gaps=gaps), place) for account, place in pairs)


def _places(root: Root) -> Places:
    """Return no place yet; where others lead to that of the default provider, they are of its place."""
    places = Places(root, {}, Owners(root))
    places.of_provider(DEFAULT_PROVIDER)
    places.regions.clear()
    return places


def _environment(places: Places) -> "Environment":
    from ssm_hardening.read.facts.environment import environment_of  # noqa: PLC0415 - see there

    return environment_of(places.root, places)


def _account(picture: _Picture, place: ProviderRegion, places: Places) -> Account:
    root, owner = places.root, _account_of(places.root, place.provider)
    guests = _guests(picture, place, places)
    buckets, keys = picture.buckets.at(place), picture.keys.at(place)
    gap = next(_foreign_keys(picture.uses_of_keys, place, owner), None) if keys.gap is None else keys.gap
    return Account(
        source="terraform",
        root=root.path,
        at=CodeOrigin(root.path, 0),
        account=owner,
        region=places.regions[place],
        session_documents=picture.documents.at(place),
        log_buckets=replace(buckets, items=(*buckets.items, *guests)),
        log_groups=picture.groups.at(place),
        keys=replace(keys, gap=gap),
        usage_signs=usage_signs(root, picture.documents.gap),
        gaps=root.gaps,
        identity=places.owners.of(place.provider),
        guests=tuple(each.address for each in guests),
    )


def _guests(picture: _Picture, place: ProviderRegion, places: Places) -> tuple[LogBucket, ...]:
    """Return the buckets of the account's other Regions that documents of a place write to: names are global."""
    writers = {document.address for document in picture.documents.at(place)}
    owner = places.owner_of(place)
    return tuple(
        bucket
        for where, bucket in picture.buckets.items
        if where != place and places.owner_of(where) == owner and writers & set(contents(bucket.used_by))
    )


def _foreign_keys(uses: Iterable[Use], place: ProviderRegion, owner: Value[Text]) -> Iterator[Unknown]:
    """Yield why nothing is known of keys of other accounts: whether they work is for those accounts to say."""
    own = literal(owner)
    for each in uses:
        named = place_in_arn(each.value.value)[1] if each.place == place and isinstance(each.value, Known) else ""
        if own is not None and named not in {"", own}:
            yield Unknown(Why.OUT_OF_SCOPE, each.value.at, f"the key of {each.user} belongs to account {named}")


def _account_of(root: Root, provider: str) -> Value[Text]:
    """Return the account that a provider configuration is held to, where it names just one."""
    numbers = known_or(root.provider_argument(provider, "allowed_account_ids"), None)
    only = numbers.items[0] if isinstance(numbers, Items) and len(numbers.items) == 1 and numbers.rest is None else None
    if isinstance(only, Known) and isinstance(only.value, str):
        return Known(only.value, only.at)
    detail = f"the account ID is not in the code; set allowed_account_ids in provider {provider}"
    return Unknown(Why.OUT_OF_SCOPE, CodeOrigin(root.path, 0), detail)


def _joined(root: Root, places: Places) -> _Picture:
    documents = places.placed(session_documents.session_documents_of(root))
    groups = places.placed(log_groups.log_groups_of(root, places.of))
    stores = places.placed(buckets.buckets_of(root, _prefixes_of(documents), places.account_of))
    own_keys = places.placed(keys.keys_of(root))
    owners = {place: _account_of(root, place.provider) for place in places.regions}
    spots = {place: (literal(places.regions[place]) or "", literal(owner) or "") for place, owner in owners.items()}
    stores = _with_users(stores, _named(documents, lambda document: document.s3_bucket), everywhere=True)
    groups = _with_users(groups, _named(documents, lambda document: document.cloudwatch_log_group), spots=spots)
    uses_of_keys = (*_named(documents, lambda document: document.kms_key), *_of_sessions(stores), *_of_sessions(groups))
    return _Picture(documents, stores, groups, _with_users(own_keys, uses_of_keys, spots=spots), uses_of_keys)


def _of_sessions(stores: PlacedFacts[LogBucket] | PlacedFacts[LogGroup]) -> Iterator[Use]:
    """Yield which keys the stores of sessions use; where sessions may use a store, so they may its key."""
    for place, store in stores.items:
        if may_be_used(store):
            yield from (replace(found, doubt=use_in_doubt(store)) for found in use(store, place, store.kms_key))


def _prefixes_of(documents: PlacedFacts[SessionDocument]) -> buckets.PrefixesOf:
    """Return a function that tells under which prefixes documents write, or may write, to a bucket."""
    known = NameIndex((each.s3_bucket, each) for _, each in documents.items)

    def prefixes(bucket: Fact) -> Prefixes:
        writers = (each for name, each in known.candidates(bucket) if means(name, bucket) is not False)
        return tuple(each.s3_key_prefix for each in writers)

    return prefixes


def _named(users: PlacedFacts[F], what: Callable[[F], Value[Text]]) -> tuple[Use, ...]:
    return tuple(each for place, fact in users.items for each in use(fact, place, what(fact)))


def _with_users(
    found: PlacedFacts[U], uses: Iterable[Use], *, everywhere: bool = False, spots: Spots | None = None
) -> PlacedFacts[U]:
    known = NameIndex((each.value, each) for each in uses)
    return PlacedFacts(
        tuple(
            (place, replace(fact, used_by=used_by(fact, place, known, everywhere=everywhere, spots=spots)))
            for place, fact in found.items
        ),
        found.gap,
    )
