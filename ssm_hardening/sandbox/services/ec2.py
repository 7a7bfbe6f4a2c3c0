"""EC2: defaults that AWS fills in, and descriptions of rules that moto loses."""

from typing import Any

from moto.core.responses import ActionResult
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
            template = self.ec2_backend._get_template_from_args(named).data  # noqa: SLF001 - moto finds versions so
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
            raise TypeError("moto answers CreateVpcEndpoint in another shape")
