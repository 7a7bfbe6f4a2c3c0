"""An account among others: its Regions, and the organization, whose lists are refused where there is none."""

from boto3 import Session
from moto.account.responses import AccountResponse
from moto.core.responses import ActionResult
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


class Organizations(OrganizationsResponse):
    """moto's Organizations; it lists nothing where AWS says that there is no organization."""

    def list_accounts(self) -> str:
        """Accounts, 20 to a page."""
        self.organizations_backend.describe_organization()
        return super().list_accounts()
