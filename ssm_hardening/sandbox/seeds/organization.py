"""An organization: member accounts, each with a role that the management account may assume."""

from ssm_hardening.sandbox.seeds.building import make_role, trust


def make_members(
    management: str, *, accounts: list[str], role: str = "SsmHardenAuditor", external_id: str = ""
) -> None:
    """Make an organization of these account ids, run by `management`.

    Each member has the role, assumable from the management account, with `external_id` where one is given. A member
    that is there already only gets the role.
    """
    from moto.organizations.models import organizations_backends  # noqa: PLC0415 - the child process only

    organizations = organizations_backends[management]["aws"]
    if not organizations.org:
        organizations.create_organization("us-east-1", FeatureSet="ALL")
    known = {account.id for account in organizations.accounts}
    for number in accounts:
        if number not in known:
            organizations.create_account(AccountName=f"member-{number}", Email=f"{number}@example.com", RoleName=role)
            organizations.accounts[-1].id = number
        condition = {"StringEquals": {"sts:ExternalId": external_id}} if external_id else {}
        make_role(number, role, trusted=trust({"AWS": f"arn:aws:iam::{management}:root"}, **condition))
