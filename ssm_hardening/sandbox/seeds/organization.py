"""An organization: member accounts, each with a role that the management account may assume."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto.organizations import utils
from moto.organizations.models import organizations_backends

from ssm_hardening.sandbox.seeds.building import make_role, trust


def make_members(
    management: str, *, accounts: list[str], role: str = "SsmHardenAuditor", external_id: str = ""
) -> None:
    """Make an organization of these account ids, run by `management`.

    Each member has the role, assumable from the management account, with `external_id` where one is given.
    """
    organizations = organizations_backends[management]["aws"]
    if not organizations.org:
        organizations.create_organization("us-east-1", FeatureSet="ALL")
    condition = {"StringEquals": {"sts:ExternalId": external_id}} if external_id else {}
    for number in accounts:
        with _next_account_id(number):
            organizations.create_account(
                AccountName=f"member-{number}", Email=f"{number}@example.com", RoleName="OrganizationAccountAccessRole"
            )
        make_role(number, role, trusted=trust({"AWS": f"arn:aws:iam::{management}:root"}, **condition))


@contextmanager
def _next_account_id(number: str) -> Iterator[None]:
    """Have moto give the next account this id instead of one that it draws."""
    drawing = utils.make_random_account_id
    utils.make_random_account_id = lambda: number
    try:
        yield
    finally:
        utils.make_random_account_id = drawing
