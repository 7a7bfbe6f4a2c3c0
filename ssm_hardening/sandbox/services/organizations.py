"""Organizations: lists are refused where there is no organization."""

from moto.organizations.responses import OrganizationsResponse


class Organizations(OrganizationsResponse):
    """moto's Organizations; it lists nothing where AWS says that there is no organization."""

    def list_accounts(self) -> str:
        """Accounts, 20 to a page."""
        self.organizations_backend.describe_organization()
        return super().list_accounts()
