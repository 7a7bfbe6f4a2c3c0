"""The providers of a configuration, and which object is where."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.constructed.axes import Configuration, Elsewhere, Regions
from tests.constructed.writing import Place, block, setting

OWNER, STRANGER = "111122223333", "444455556666"
"""The account of the preferences, and the other one."""

HOME, OTHER, THIRD = "eu-west-1", "us-east-1", "eu-central-1"
BOTH = (HOME, THIRD)
"""The Regions of preferences in each of two."""

HERE = Place()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the objects of a configuration are.

    `home`: the preferences, where they are in one Region, and the nodes. `each`: what is in each of two Regions; then
    `home` is one of them. `other`: another Region than that of the preferences, or than that of some of them, and its
    name. `third`: the Region of a second document.
    """

    providers: tuple[str, ...]
    home: Place
    other: Place
    other_region: str
    each: Place | None = None
    third: Place | None = None


def layout(case: Configuration) -> Layout:
    """Return where the objects of the configuration are."""
    return _LAYOUTS[case.regions]


def identities(case: Configuration) -> Place:
    """Return where roles and people are declared, those of the node included."""
    where = layout(case)
    if case.elsewhere is Elsewhere.IDENTITIES:
        return where.other
    return HERE if case.regions is Regions.TWO else where.home


def people(case: Configuration) -> Place:
    """Return where people are declared."""
    return ABROAD if case.elsewhere is Elsewhere.ACCOUNT else identities(case)


def account_of_people(case: Configuration) -> str:
    """Return the account whose people may open sessions, which is their own."""
    return STRANGER if case.elsewhere is Elsewhere.ACCOUNT else OWNER


def _alias(name: str) -> Place:
    return Place(f"provider = aws.{name}", f"providers = {{ aws = aws.{name} }}")


def _provider(region: str, *lines: str, owner: str = OWNER) -> str:
    named = setting("region", region) if region else ""
    return block('provider "aws"', *lines, named, f'allowed_account_ids = ["{owner}"]')


def _aliased(name: str, region: str) -> str:
    return _provider(region, setting("alias", name))


PROVIDER = _provider(HOME)
"""The only provider of a configuration, in the Region of the preferences."""

_REGIONS = block("locals", f'regions = toset(["{HOME}", "{THIRD}"])')
_VERSION = block("terraform", block("required_providers", 'aws = { source = "hashicorp/aws", version = ">= 6.0" }'))
_BY_REGION = block(
    'provider "aws"',
    setting("alias", "by_region"),
    "for_each = local.regions",
    "region = each.key",
    f'allowed_account_ids = ["{OWNER}"]',
)
_SECOND = 'provider = aws.by_region["eu-central-1"]'

ABROAD = _alias("abroad")
FOREIGN = _provider(
    HOME,
    setting("alias", "abroad"),
    block("assume_role", setting("role_arn", f"arn:aws:iam::{STRANGER}:role/deploy")),
    owner=STRANGER,
)
"""The provider of the other account."""

_LAYOUTS: Mapping[Regions, Layout] = {
    Regions.ONE: Layout((_provider(HOME),), HERE, HERE, HOME),
    Regions.UNNAMED: Layout((_provider(""),), HERE, HERE, ""),
    Regions.TWO: Layout((_provider(OTHER), _aliased("here", HOME)), _alias("here"), HERE, OTHER),
    Regions.THREE: Layout(
        (_provider(HOME), _aliased("second", OTHER), _aliased("third", THIRD)),
        HERE,
        _alias("second"),
        OTHER,
        third=_alias("third"),
    ),
    Regions.ARGUMENT: Layout(
        (_VERSION, _provider(HOME), _REGIONS),
        HERE,
        HERE,
        HOME,
        each=Place("for_each = local.regions\nregion = each.value"),
    ),
    Regions.FOR_EACH: Layout(
        (_provider(HOME), _REGIONS, _BY_REGION),
        HERE,
        Place(_SECOND, f"providers = {{ aws = {_SECOND.removeprefix('provider = ')} }}"),
        THIRD,
        each=Place("for_each = local.regions\nprovider = aws.by_region[each.value]"),
    ),
}
