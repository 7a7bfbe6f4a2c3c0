"""An account among others: its Regions, and the organization, whose lists are refused where there is none."""

from boto3 import Session
from moto.account.responses import AccountResponse
from moto.core.responses import ActionResult
from moto.organizations.models import OrganizationsBackend, organizations_backends
from moto.organizations.responses import OrganizationsResponse

from ssm_hardening.sandbox.services.state import Item, Refusal, page

ALWAYS = {
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}  # fmt: skip
"""The Regions that no account has to enable; in others nothing is until somebody does."""

PATHS = ("{0}/listRegions$", "{0}/getRegionOptStatus$")
"""What moto's table of paths lacks."""


class AccountManagement(AccountResponse):
    """moto's Account Management with its Regions."""

    def list_regions(self) -> ActionResult:
        """Regions with their status, 50 to a page."""
        wanted = self._get_param("RegionOptStatusContains") or []
        found = [one for one in _regions() if not wanted or one["RegionOptStatus"] in wanted]
        paged = page(found, self._get_param("NextToken"), self._get_param("MaxResults"), most=50)
        return ActionResult({"Regions": paged["items"], "NextToken": paged["NextToken"]})

    def get_region_opt_status(self) -> ActionResult:
        """Say whether one Region is enabled."""
        wanted = self._get_param("RegionName")
        for one in _regions():
            if one["RegionName"] == wanted:
                return ActionResult(one)
        raise Refusal("ValidationException", f"{wanted} is not a Region")


def _regions() -> list[Item]:
    names = Session().get_available_regions("ssm")
    return [
        {"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT" if name in ALWAYS else "DISABLED"}
        for name in sorted(names)
    ]


_OF_ADMINISTRATORS = ("DescribePolicy", "ListParents", "ListPoliciesForTarget")
"""What delegated administrators may ask, and no other member."""


class Organizations(OrganizationsResponse):
    """moto's Organizations; who is no management account may ask as much as AWS lets them."""

    @property
    def organizations_backend(self) -> OrganizationsBackend:
        """The backend that answers: the management account's, to a delegated administrator who asks for policies."""
        own: OrganizationsBackend = super().organizations_backend
        if own.org is not None or self.current_account not in organizations_backends.master_accounts:
            return own
        if self._get_action() not in _OF_ADMINISTRATORS:
            return own
        management, partition = organizations_backends.master_accounts[self.current_account]
        found: OrganizationsBackend = organizations_backends[management][partition]
        if self.current_account not in {each.account.id for each in found.admins}:
            raise Refusal("AccessDeniedException", "You don't have permissions to access this resource.")
        return found

    def list_accounts(self) -> str:
        """Accounts, 20 to a page."""
        self.organizations_backend.describe_organization()
        return super().list_accounts()
