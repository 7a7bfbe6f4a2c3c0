"""EC2 and Auto Scaling: defaults that AWS fills in, and descriptions of rules that moto loses."""

from collections.abc import Generator
from importlib import import_module
from typing import Any

from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import Ami
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.responses import EC2Response

from ssm_hardening.sandbox.services.account import ALWAYS
from ssm_hardening.sandbox.services.state import STATES

_FROM_TEMPLATE = ("IamInstanceProfile", "MetadataOptions", "KeyName")
"""What moto does not take from a launch template, though an instance names none itself."""

_METADATA = ("HttpTokens", "HttpPutResponseHopLimit", "HttpEndpoint", "InstanceMetadataTags", "HttpTokensEnforced")


def mend_rules() -> None:
    """Let a rule for a security group keep its description, as one for an address range does."""
    SecurityGroupRule.description = property(_description)  # type: ignore[method-assign, assignment]


def _description(rule: SecurityGroupRule) -> str | None:
    return rule.ip_range.get("Description") or rule.source_group.get("Description")


class Compute(EC2Response):
    """moto's EC2 with what it lacks."""

    def get_instance_metadata_defaults(self) -> ActionResult:
        """Return the Region's defaults for instance metadata; none where none were set."""
        return ActionResult({"AccountLevel": STATES[self.current_account, self.region].metadata_defaults})

    def modify_instance_metadata_defaults(self) -> ActionResult:
        """Set defaults; "no-preference" and a hop limit of -1 unset them."""
        defaults = STATES[self.current_account, self.region].metadata_defaults
        for name in _METADATA:
            given = self._get_param(name)
            if given in {"no-preference", -1}:
                defaults.pop(name, None)
            elif given is not None:
                defaults[name] = given
        return ActionResult({"Return": True})

    def run_instances(self) -> ActionResult:
        """Take from the launch template what the call does not say."""
        named = self._get_param("LaunchTemplate", {})
        if named:
            template = self.ec2_backend._get_template_from_args(named).data
            for name in _FROM_TEMPLATE:
                if name in template and self._get_param(name) is None:
                    self.params[name] = template[name]
        return super().run_instances()

    def describe_regions(self) -> ActionResult:
        """Leave out the Regions that nobody has enabled, unless all are asked for."""
        answer = super().describe_regions()
        match answer.result:
            case {"Regions": list(regions)} if not self._get_bool_param("AllRegions", if_none=False):
                return ActionResult({"Regions": [each for each in regions if each.name in ALWAYS]})
        return answer

    def create_vpc_endpoint(self) -> ActionResult:
        """Give an interface endpoint without a group its VPC's default group."""
        answer = super().create_vpc_endpoint()
        endpoint: Any = self.ec2_backend.vpc_end_points[_endpoint_id(answer)]
        endpoint.vpc_endpoint_type = endpoint.vpc_endpoint_type or "Gateway"
        if endpoint.vpc_endpoint_type == "Interface" and not endpoint.security_group_ids:
            default = self.ec2_backend.get_default_security_group(endpoint.vpc_id)
            endpoint.security_group_ids = [default.id] if default else []
        return answer

    def modify_security_group_rules(self) -> ActionResult:
        """Change the description of a rule for a security group as well."""
        for given in self._get_param("SecurityGroupRules", []):
            changed = given["SecurityGroupRule"]
            if changed.get("IpProtocol") == "-1":  # all ports, which moto wants to be named
                changed.update(FromPort=changed.get("FromPort", -1), ToPort=changed.get("ToPort", -1))
            for rule in self.ec2_backend.describe_security_group_rules([given["SecurityGroupRuleId"]], {}):
                if rule.source_group and "Description" in changed:
                    rule.source_group["Description"] = changed["Description"]
        return super().modify_security_group_rules()


def _endpoint_id(answer: ActionResult) -> str:
    match answer.result:
        case {"VpcEndpoint": endpoint}:
            return str(endpoint.id)
        case _:
            raise TypeError("moto returned an unexpected CreateVpcEndpoint response")


_keys: dict[tuple[object, ...], tuple[str, ...]] = {}

_describe_images = EC2Backend.describe_images


def speed_up() -> None:
    """Put them in place; the answers stay the same."""
    import_module("moto.core.responses").XFormedAttributePicker = RememberingPicker  # type: ignore[attr-defined]
    EC2Backend.describe_images = _describe_images_by_id  # type: ignore[method-assign, assignment]
    EC2Backend.reset = _dropped  # type: ignore[method-assign, assignment]


class RememberingPicker(XFormedAttributePicker):
    """Remembers under which names a member of an answer may be found in an object of a class."""

    def get_possible_keys(self, context: AttributePickerContext) -> Generator[str]:
        """Return the names in moto's order, each once."""
        service = context.service_model.service_name if context.service_model else ""
        parent = getattr(context.shape, "parent", None)
        around = parent.name if parent else ""
        place = (service, around, context.shape.name, context.key, type(context.obj))
        if place not in _keys:
            _keys[place] = tuple(dict.fromkeys(super().get_possible_keys(context)))
        yield from _keys[place]


def _describe_images_by_id(self: EC2Backend, *given: Any, **named: Any) -> list[Ami]:
    """Look an image up by its id where only that is asked, as each new instance does, instead of trying all."""
    match given, named:
        case (), {"filters": {"image-id": str() as wanted, **others}} if not others and len(named) == 1:
            return [self.amis[wanted]] if wanted in self.amis else []
        case _:
            return _describe_images(self, *given, **named)


def _dropped(_self: EC2Backend) -> None:
    """Make no thousand images anew: to start over, moto resets each store and then drops it."""


_ADDRESS = "AssociatePublicIpAddress"


class AutoScaling(AutoScalingResponse):
    """moto's Auto Scaling with what it lacks."""

    def create_launch_configuration(self) -> ActionResult:
        """Keep it open whether instances get a public address, where the call does not say so."""
        answer = super().create_launch_configuration()
        if self._get_param(_ADDRESS) is None:
            made = self.autoscaling_backend.launch_configurations[self._get_param("LaunchConfigurationName")]
            made.associate_public_ip_address = None  # type: ignore[assignment]
        return answer
