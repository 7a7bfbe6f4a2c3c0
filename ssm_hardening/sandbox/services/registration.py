"""Systems Manager's hybrid activations and State Manager's associations."""

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.moto_api._internal import mock_random

from ssm_hardening.sandbox.services.state import STATES, Item, Refusal, Regional, page, revive, without

_CARRIED = (
    "Name", "Parameters", "Targets", "ScheduleExpression", "OutputLocation", "AssociationName", "MaxErrors",
    "MaxConcurrency", "ComplianceSeverity", "SyncCompliance", "ApplyOnlyAtCronInterval", "CalendarNames",
    "AutomationTargetParameterName", "InstanceId", "ScheduleOffset", "Duration",
)  # fmt: skip
"""What an association keeps as it was given."""

_STAYING = {"Name", "InstanceId", "Targets", "SyncCompliance"}
"""What of it stays where an update does not say; of the last, Terraform's provider says nothing when it updates."""


class Registration(BaseResponse):
    """Operations of `ssm` on activations and associations."""

    @property
    def kept(self) -> Regional:
        """The items of the caller's account in the Region called."""
        return STATES[self.current_account, self.region]

    def create_activation(self) -> ActionResult:
        """Open an activation, for a day unless told otherwise."""
        now = datetime.now(UTC)
        activation = {
            "ActivationId": str(mock_random.uuid4()),
            "Description": self._get_param("Description"),
            "DefaultInstanceName": self._get_param("DefaultInstanceName"),
            "IamRole": self._get_param("IamRole"),
            "RegistrationLimit": self._get_param("RegistrationLimit", 1),
            "RegistrationsCount": 0,
            "ExpirationDate": _moment(self._get_param("ExpirationDate"), now + timedelta(days=1)),
            "Expired": False,
            "CreatedDate": now,
            "Tags": self._get_param("Tags") or [],
        }
        self.kept.activations.append(activation)
        code = mock_random.get_random_string(length=20)
        return ActionResult({"ActivationId": activation["ActivationId"], "ActivationCode": code})

    def describe_activations(self) -> ActionResult:
        """Activations, open and expired, 50 to a page."""
        found = self.kept.activations
        for one in self._get_param("Filters") or ():
            member = {"ActivationIds": "ActivationId", "IamRole": "IamRole"}.get(one["FilterKey"], one["FilterKey"])
            found = [item for item in found if item.get(member) in one["FilterValues"]]
        now = datetime.now(UTC)
        paged = page(found, self._get_param("NextToken"), self._get_param("MaxResults"), most=50)
        items = [{**item, "Expired": item.get("Expired") or _ended(item, now)} for item in paged["items"]]
        return ActionResult({"ActivationList": items, "NextToken": paged["NextToken"]})

    def delete_activation(self) -> ActionResult:
        """Close an activation."""
        wanted = self._get_param("ActivationId")
        left = without(self.kept.activations, ActivationId=wanted)
        if len(left) == len(self.kept.activations):
            raise Refusal("InvalidActivation", f"Activation {wanted} does not exist")
        self.kept.activations[:] = left
        return EmptyResult()

    def create_association(self) -> ActionResult:
        """Bind a document to targets."""
        given = {name: self._get_param(name) for name in _CARRIED if self._get_param(name) is not None}
        now = datetime.now(UTC)
        association = {
            **given,
            "AssociationId": str(mock_random.uuid4()),
            "AssociationVersion": "1",
            "DocumentVersion": self._get_param("DocumentVersion", "$DEFAULT"),
            "Date": now,
            "LastUpdateAssociationDate": now,
            "Overview": {"Status": "Pending", "DetailedStatus": "Creating", "AssociationStatusAggregatedCount": {}},
        }
        self.kept.associations.append(association)
        tags = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags") or ()}
        self.kept.tags["Association", association["AssociationId"]].update(tags)
        return ActionResult({"AssociationDescription": association})

    def update_association(self) -> ActionResult:
        """Make a new version of what is given. AWS forgets what is left out, except what the association is of."""
        found = self._association()
        given = {name: self._get_param(name) for name in _CARRIED if self._get_param(name) is not None}
        left = {name: member for name, member in found.items() if name not in _CARRIED or name in _STAYING}
        version = str(int(found["AssociationVersion"]) + 1)
        found.clear()
        found.update(left | given, AssociationVersion=version, LastUpdateAssociationDate=datetime.now(UTC))
        found["DocumentVersion"] = self._get_param("DocumentVersion", "$DEFAULT")
        return ActionResult({"AssociationDescription": found})

    def describe_association(self) -> ActionResult:
        """Return one association. It reports success, for there is no node that would apply it."""
        return ActionResult({"AssociationDescription": {**self._association(), "Overview": {"Status": "Success"}}})

    def list_associations(self) -> ActionResult:
        """Associations, 50 to a page."""
        found = self.kept.associations
        for one in self._get_param("AssociationFilterList") or ():
            found = [item for item in found if item.get(one["key"]) == one["value"]]
        paged = page(found, self._get_param("NextToken"), self._get_param("MaxResults"), most=50)
        return ActionResult({"Associations": paged["items"], "NextToken": paged["NextToken"]})

    def delete_association(self) -> ActionResult:
        """Unbind."""
        found = self._association()
        self.kept.associations[:] = without(self.kept.associations, AssociationId=found["AssociationId"])
        return EmptyResult()

    def _association(self) -> Item:
        wanted = self._get_param("AssociationId")
        for item in self.kept.associations:
            if item["AssociationId"] == wanted:
                return item
        raise Refusal("AssociationDoesNotExist", "The specified association does not exist.")


def _moment(given: Any, default: datetime) -> datetime:
    match given:
        case None:
            return default
        case int() | float():
            return datetime.fromtimestamp(given, UTC)
        case _:
            found = revive(given)
            return found if isinstance(found, datetime) else default


def _ended(item: Item, now: datetime) -> bool:
    expires = item.get("ExpirationDate")
    return isinstance(expires, datetime) and expires <= now
