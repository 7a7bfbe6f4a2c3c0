"""Tags of what moto's Systems Manager does not know: associations, activations, hybrid nodes."""

from moto.core.responses import ActionResult, EmptyResult
from moto.ssm.responses import SimpleSystemManagerResponse

from ssm_hardening.sandbox.services.state import STATES

_OURS = {"Association", "Automation", "ManagedInstance"}


class Tags(SimpleSystemManagerResponse):
    """Operations of `ssm` on tags; those of moto's own resources stay moto's."""

    def add_tags_to_resource(self) -> ActionResult:
        """Add or replace tags."""
        if self._get_param("ResourceType") not in _OURS:
            return super().add_tags_to_resource()
        self._tags().update({tag["Key"]: tag["Value"] for tag in self._get_param("Tags")})
        return EmptyResult()

    def remove_tags_from_resource(self) -> ActionResult:
        """Remove tags."""
        if self._get_param("ResourceType") not in _OURS:
            return super().remove_tags_from_resource()
        for key in self._get_param("TagKeys"):
            self._tags().pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """List tags."""
        if self._get_param("ResourceType") not in _OURS:
            return super().list_tags_for_resource()
        return ActionResult({"TagList": [{"Key": key, "Value": value} for key, value in self._tags().items()]})

    def _tags(self) -> dict[str, str]:
        state = STATES[self.current_account, self.region]
        return state.tags[self._get_param("ResourceType"), self._get_param("ResourceId")]
