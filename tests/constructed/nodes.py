"""The node of a configuration, its network, and what launches it."""

from collections.abc import Callable, Iterator, Mapping

from tests.constructed.axes import DEFAULT_MANAGEMENT, Configuration, Exposure, Metadata, Node
from tests.constructed.holders import node_role, node_role_arn
from tests.constructed.places import layout
from tests.constructed.writing import Place, block, resource, setting

_IMAGE = (setting("image_id", "ami-0123456789abcdef0"), setting("instance_type", "t3.micro"))
_AMI = (setting("ami", "ami-0123456789abcdef0"), setting("instance_type", "t3.micro"))
_SUBNET = "aws_subnet.nodes.id"
_GROUPS = "[aws_security_group.node.id]"
_PROFILE = "aws_iam_instance_profile.node.name"
_SETTING = "/ssm/managed-instance/default-ec2-instance-management-role"
_MANAGER = "service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole"

LAUNCHERS: Mapping[Node, str] = {
    Node.GROUP_DEFAULT: "aws_autoscaling_group.node",
    Node.GROUP_LATEST: "aws_autoscaling_group.node",
    Node.GROUP_OLD: "aws_autoscaling_group.node",
    Node.CONFIGURATION: "aws_autoscaling_group.node",
    Node.MIXED: "aws_autoscaling_group.node",
    Node.SPOT: "aws_spot_instance_request.node",
    Node.SPOT_FLEET: "aws_spot_fleet_request.node",
    Node.FLEET: "aws_ec2_fleet.node",
    Node.CLUSTER: "aws_eks_node_group.node",
}
"""What each kind of node is known by, where it is no `aws_instance.node`."""


def node_parts(case: Configuration) -> Iterator[str]:
    """Yield the node, its network, and the setting of Default Host Management."""
    place = layout(case).home
    if case.node is Node.HYBRID:
        yield resource("aws_ssm_activation", "node", place, f"iam_role = {node_role(case)}")
        return
    yield from _network(case, place)
    if case.node in DEFAULT_MANAGEMENT:
        yield from _way_out(place)
        lines = (setting("setting_id", _SETTING), setting("setting_value", _MANAGER))
        yield resource("aws_ssm_service_setting", "management", place, *lines)
    yield from _NODES[case.node](case, place)


def _network(case: Configuration, place: Place) -> Iterator[str]:
    yield resource("aws_vpc", "main", place, setting("cidr_block", "10.0.0.0/16"))
    in_vpc = "vpc_id = aws_vpc.main.id"
    lines = (in_vpc, setting("cidr_block", "10.0.1.0/24"), "map_public_ip_on_launch = false")
    yield resource("aws_subnet", "nodes", place, *lines)
    rules = [_rule("egress", 443, "0.0.0.0/0")]
    if case.exposure is Exposure.SSH:
        rules.append(_rule("ingress", 22, "0.0.0.0/0"))
    if case.exposure is Exposure.INTERNAL:
        rules.append(_rule("ingress", 443, "10.0.0.0/16"))
    yield resource("aws_security_group", "node", place, setting("name", "ways-in"), in_vpc, *rules)
    if case.exposure is Exposure.APART:
        opened = ("from_port = 22", "to_port = 22", setting("ip_protocol", "tcp"), setting("cidr_ipv4", "0.0.0.0/0"))
        group = "security_group_id = aws_security_group.node.id"
        yield resource("aws_vpc_security_group_ingress_rule", "ssh", place, group, *opened)


def _rule(direction: str, port: int, source: str) -> str:
    lines = (f"from_port = {port}", f"to_port = {port}", setting("protocol", "tcp"), f'cidr_blocks = ["{source}"]')
    return block(direction, *lines)


def _way_out(place: Place) -> Iterator[str]:
    elsewhere = (
        setting("subnet_id", "subnet-0123456789abcdef0"),
        setting("allocation_id", "eipalloc-0123456789abcdef0"),
    )
    yield resource("aws_nat_gateway", "out", place, *elsewhere)
    route = block("route", setting("cidr_block", "0.0.0.0/0"), "nat_gateway_id = aws_nat_gateway.out.id")
    yield resource("aws_route_table", "nodes", place, "vpc_id = aws_vpc.main.id", route)
    lines = (f"subnet_id = {_SUBNET}", "route_table_id = aws_route_table.nodes.id")
    yield resource("aws_route_table_association", "nodes", place, *lines)


def _metadata(case: Configuration) -> str:
    match case.metadata:
        case Metadata.UNSET:
            return ""
        case Metadata.DISABLED:
            return block("metadata_options", setting("http_endpoint", "disabled"))
        case Metadata.REQUIRED:
            return _options("required")
        case Metadata.OPTIONAL:
            return _options("optional")


def _options(tokens: str) -> str:
    enabled = setting("http_endpoint", "enabled")  # the provider sends no option of a launch configuration without it
    return block("metadata_options", enabled, setting("http_tokens", tokens), "http_put_response_hop_limit = 1")


def _key_pair(case: Configuration) -> str:
    return setting("key_name", "operators") if case.exposure is Exposure.KEY_PAIR else ""


def _public(case: Configuration) -> str:
    return f"associate_public_ip_address = {str(case.exposure is Exposure.PUBLIC).lower()}"


def _instance(case: Configuration, type_: str, place: Place, profile: str = _PROFILE) -> str:
    lines = (
        *_AMI,
        profile and f"iam_instance_profile = {profile}",
        f"subnet_id = {_SUBNET}",
        f"vpc_security_group_ids = {_GROUPS}",
        _public(case),
        _key_pair(case),
        _metadata(case),
    )
    return resource(type_, "node", place, *lines)


def _template(case: Configuration, place: Place, *lines: str, label: str = "node") -> str:
    profile = "" if case.node is Node.CLUSTER else block("iam_instance_profile", f"name = {_PROFILE}")
    interface = block("network_interfaces", _public(case), f"security_groups = {_GROUPS}")
    own = (*_IMAGE, _key_pair(case), profile, interface, _metadata(case))
    return resource("aws_launch_template", label, place, *own, *lines)


def _use(version: str, label: str = "node", name: str = "id") -> tuple[str, str]:
    return f"{name} = aws_launch_template.{label}.id", setting("version", version)


def _plain(case: Configuration, place: Place) -> Iterator[str]:
    yield _instance(case, "aws_instance", place)


def _without_profile(case: Configuration, place: Place) -> Iterator[str]:
    yield _instance(case, "aws_instance", place, profile="")


def _spot(case: Configuration, place: Place) -> Iterator[str]:
    yield _instance(case, "aws_spot_instance_request", place)


def _from_template(case: Configuration, place: Place) -> Iterator[str]:
    yield _template(case, place)
    yield resource("aws_instance", "node", place, f"subnet_id = {_SUBNET}", block("launch_template", *_use("$Latest")))


def _interface(case: Configuration, place: Place) -> Iterator[str]:
    yield resource("aws_network_interface", "node", place, f"subnet_id = {_SUBNET}", f"security_groups = {_GROUPS}")
    named = "network_interface_id = aws_network_interface.node.id"
    is_primary = case.node is Node.PRIMARY
    attached = ("primary_network_interface", named) if is_primary else ("network_interface", named, "device_index = 0")
    interface = block(*attached)
    profile = f"iam_instance_profile = {_PROFILE}"
    yield resource("aws_instance", "node", place, *_AMI, profile, _key_pair(case), _metadata(case), interface)


def _group(place: Place, *lines: str) -> str:
    sizes = ("min_size = 1", "max_size = 3", f"vpc_zone_identifier = [{_SUBNET}]")
    return resource("aws_autoscaling_group", "node", place, *sizes, *lines)


def _latest(case: Configuration, place: Place) -> Iterator[str]:
    yield _template(case, place)
    yield _group(place, block("launch_template", *_use("$Latest")))


def _default(case: Configuration, place: Place) -> Iterator[str]:
    yield _template(case, place, "update_default_version = true")
    yield _group(place, block("launch_template", *_use("$Default")))


def _old(case: Configuration, place: Place) -> Iterator[str]:
    yield _template(case, place, "default_version = 1")
    yield _group(place, block("launch_template", *_use("$Default")))


def _configuration(case: Configuration, place: Place) -> Iterator[str]:
    profile = f"iam_instance_profile = {_PROFILE}"
    lines = (*_IMAGE, profile, f"security_groups = {_GROUPS}", _public(case), _key_pair(case), _metadata(case))
    yield resource("aws_launch_configuration", "node", place, *lines)
    yield _group(place, "launch_configuration = aws_launch_configuration.node.name")


def _mixed(case: Configuration, place: Place) -> Iterator[str]:
    interface = block("network_interfaces", "associate_public_ip_address = false", f"security_groups = {_GROUPS}")
    profile = block("iam_instance_profile", f"name = {_PROFILE}")
    yield resource("aws_launch_template", "base", place, *_IMAGE, profile, interface, _options("required"))
    yield _template(case, place)
    base = block("launch_template_specification", *_use("$Latest", "base", "launch_template_id"))
    own = block("launch_template_specification", *_use("$Latest", name="launch_template_id"))
    override = block("override", setting("instance_type", "t3.large"), own)
    yield _group(place, block("mixed_instances_policy", block("launch_template", base, override)))


def _spot_fleet(case: Configuration, place: Place) -> Iterator[str]:
    yield _template(case, place)
    role = setting("iam_fleet_role", "arn:aws:iam::111122223333:role/aws-ec2-spot-fleet-tagging-role")
    own = block("launch_template_specification", *_use("$Latest"))
    launch = block("launch_template_config", own, block("overrides", f"subnet_id = {_SUBNET}"))
    yield resource("aws_spot_fleet_request", "node", place, role, "target_capacity = 1", launch)


def _fleet(case: Configuration, place: Place) -> Iterator[str]:
    yield _template(case, place)
    own = block("launch_template_specification", *_use("$Latest", name="launch_template_id"))
    launch = block("launch_template_config", own, block("override", f"subnet_id = {_SUBNET}"))
    kind = setting("default_target_capacity_type", "on-demand")
    capacity = block("target_capacity_specification", kind, "total_target_capacity = 1")
    yield resource("aws_ec2_fleet", "node", place, launch, capacity)


def _cluster(case: Configuration, place: Place) -> Iterator[str]:
    yield _template(case, place)
    named = (setting("cluster_name", "main"), f"node_role_arn = {node_role_arn(case)}", f"subnet_ids = [{_SUBNET}]")
    sizes = block("scaling_config", "desired_size = 1", "max_size = 3", "min_size = 1")
    template = block(
        "launch_template", "id = aws_launch_template.node.id", "version = aws_launch_template.node.latest_version"
    )
    yield resource("aws_eks_node_group", "node", place, *named, sizes, template)


_NODES: Mapping[Node, Callable[[Configuration, Place], Iterator[str]]] = {
    Node.INSTANCE: _plain,
    Node.TEMPLATE: _from_template,
    Node.GROUP_DEFAULT: _default,
    Node.GROUP_LATEST: _latest,
    Node.GROUP_OLD: _old,
    Node.CONFIGURATION: _configuration,
    Node.MIXED: _mixed,
    Node.SPOT: _spot,
    Node.SPOT_FLEET: _spot_fleet,
    Node.FLEET: _fleet,
    Node.CLUSTER: _cluster,
    Node.INTERFACE: _interface,
    Node.PRIMARY: _interface,
    Node.NO_PROFILE: _without_profile,
    Node.BARE_PROFILE: _plain,
    Node.HEARTBEAT: _plain,
}
