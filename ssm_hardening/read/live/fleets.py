"""What Auto Scaling groups launch: one node for each launch template or configuration of a group.

The instances that a group runs now are nodes of their own. A template that is gone launches nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ssm_hardening.core.logic import each, flag, known_or, some
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Record, Text, Unknown, Value, Why
from ssm_hardening.model import Instance, Subnet
from ssm_hardening.model.joins import names
from ssm_hardening.read.converting import default
from ssm_hardening.read.live import calls
from ssm_hardening.read.live.answers import Description, identified, known_texts, last_name, listed
from ssm_hardening.read.live.asking import AwsApi

T = TypeVar("T")

_BATCH = 50
_DEFAULT, _LATEST = "$Default", "$Latest"
_GONE = (
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateId.VersionNotFound",
    "InvalidLaunchTemplateName.NotFoundException",
)


@dataclass(frozen=True, slots=True)
class _Named:
    """A template and version, or a configuration (`version` is empty), as a group names it."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Launched:
    """What a group launches of one template or configuration.

    `body` is the content, with its place; it has a gap where the content could not be read.
    """

    group: Description
    named: _Named
    body: Description
    number: int

    @property
    def profile(self) -> Value[Text]:
        """The name or ARN of the instance profile."""
        if not self.named.version:
            return self.body.text_or_absent("IamInstanceProfile")
        name, arn = (self.body.text_or_absent("IamInstanceProfile", key) for key in ("Name", "Arn"))
        return arn if isinstance(name, Absent) else name


def launched(aws: AwsApi) -> Inventory[Launched]:
    """Return what the Auto Scaling groups of the Region launch; groups that may have no instance launch nothing."""
    call = calls.DESCRIBE_AUTO_SCALING_GROUPS
    found = aws.all(call, "AutoScalingGroups", aws.who.root, {"PaginationConfig": {"PageSize": 100}})
    at = call.at(aws.who.root)
    groups = identified(found, at, "AutoScalingGroupARN", "AutoScalingGroupName", arn=lambda _, arn: arn)
    used = [(group, named) for group in groups if group.data.get("MaxSize") != 0 for named in _named(group)]
    wanted = [named for _, named in used]
    bodies = {**_templates(aws, wanted), **_configurations(aws, wanted)}
    numbers: dict[str, int] = {}
    known: list[Launched] = []
    for group, named in used:
        if named in bodies:
            number = numbers[group.at.arn] = numbers.get(group.at.arn, 0) + 1
            known.append(Launched(group, named, bodies[named], number))
    return Inventory(tuple(known), groups.gap)


def _named(group: Description) -> Iterator[_Named]:
    """Yield the templates and configurations of a group, each once; the template that others replace is no more one."""
    mixed = group.inside("MixedInstancesPolicy", "LaunchTemplate")
    overrides = mixed.entries("Overrides")
    own = [
        each.inside("LaunchTemplateSpecification") for each in overrides if "LaunchTemplateSpecification" in each.data
    ]
    parts = [group.inside("LaunchTemplate")]
    if not overrides or len(own) < len(overrides):
        parts.append(mixed.inside("LaunchTemplateSpecification"))
    found = [_Named(name, _version(each)) for each in (*parts, *own) if (name := _template_id(each))]
    configuration = group.data.get("LaunchConfigurationName")
    found += [_Named(configuration)] if isinstance(configuration, str) and configuration else []
    yield from dict.fromkeys(found)


def _template_id(specification: Description) -> str:
    return str(specification.data.get("LaunchTemplateId") or "")


def _version(specification: Description) -> str:
    return str(specification.data.get("Version") or _DEFAULT)


def _templates(aws: AwsApi, wanted: Iterable[_Named]) -> Mapping[_Named, Description]:
    """Return the content of the versions that are in use, one call for each template."""
    versions: dict[str, set[str]] = {}
    for named in wanted:
        if named.version:
            versions.setdefault(named.name, set()).add(named.version)
    ids = sorted(versions)
    answers = aws.each(lambda id_: _versions(aws, id_, sorted(versions[id_])), ids)
    return {named: body for found in answers for named, body in found.items()}


def _versions(aws: AwsApi, id_: str, versions: list[str]) -> Mapping[_Named, Description]:
    call = calls.DESCRIBE_LAUNCH_TEMPLATE_VERSIONS
    at = call.at(aws.who.arn("ec2", f"launch-template/{id_}"))
    asked = {"LaunchTemplateId": id_, "Versions": versions}
    answer = aws.all(call, "LaunchTemplateVersions", at.arn, asked, missing=_GONE)
    told = [Description(each, at) for each in answer]
    if answer.gap is not None:
        return {_Named(id_, version): Description({}, at, answer.gap) for version in versions}
    found = ((version, _of_version(told, version)) for version in versions)
    return {_Named(id_, version): each.inside("LaunchTemplateData") for version, each in found if each is not None}


def _of_version(told: list[Description], version: str) -> Description | None:
    if version == _DEFAULT:
        return next((each for each in told if each.data.get("DefaultVersion") is True), None)
    if version == _LATEST:
        return max(told, key=_number, default=None)
    return next((each for each in told if str(each.data.get("VersionNumber")) == version), None)


def _number(version: Description) -> int:
    return known_or(version.number("VersionNumber"), 0)


def _configurations(aws: AwsApi, wanted: Iterable[_Named]) -> Mapping[_Named, Description]:
    """Return the launch configurations that are in use, asked for in batches."""
    call = calls.DESCRIBE_LAUNCH_CONFIGURATIONS
    ordered = sorted({named.name for named in wanted if not named.version})
    batches = [ordered[n : n + _BATCH] for n in range(0, len(ordered), _BATCH)]
    found: dict[_Named, Description] = {}
    for batch in batches:
        answer = aws.all(call, "LaunchConfigurations", aws.who.root, {"LaunchConfigurationNames": batch})
        at = call.at(aws.who.root)
        if answer.gap is not None:
            found |= {_Named(name): Description({}, at, answer.gap) for name in batch}
        for each_found in identified(
            Inventory(answer.items), at, "LaunchConfigurationName", "LaunchConfigurationARN", arn=_own_arn
        ):
            found[_Named(str(each_found.data["LaunchConfigurationName"]))] = each_found
    return found


def _own_arn(configuration: Description, _name: str) -> str:
    return str(configuration.data["LaunchConfigurationARN"])


def profile_names(found: Iterable[Launched]) -> list[str]:
    """Return the instance profiles that groups name, to look up their roles."""
    return list(known_texts(each.profile for each in found))


def node(found: Launched, role: Value[Text], ping: Value[Text]) -> Instance:
    """Return the node that a group launches. `ping` is what is heard of the agents of its instances."""
    group, body = found.group, found.body
    subnets = _subnets(group)
    return Instance(
        address=_address(found),
        declaration=group.at.arn,
        origin=group.at,
        name=group.text("AutoScalingGroupName"),
        exists=Known(True, group.at),
        label=_label(found),
        kind=Known("ec2", group.at),
        platform=_at_launch(found, "the platform"),
        state=_at_launch(found, "the state"),
        profile=_profile_name(found.profile),
        role=role,
        security_groups=_groups(found),
        subnet=_subnet(subnets, group),
        public_ip=_public_ip(found),
        key_name=body.text_or_absent("KeyName"),
        imds_tokens=_or_at_launch(found, body.text_or_absent("MetadataOptions", "HttpTokens"), "http_tokens"),
        imds_hop_limit=_or_at_launch(
            found, body.number_or_absent("MetadataOptions", "HttpPutResponseHopLimit"), "http_put_response_hop_limit"
        ),
        agent_version=_at_launch(found, "the agent version"),
        agent_latest=_at_launch(found, "the agent version"),
        ping=_at_launch(found, "the state of the agent") if isinstance(ping, Absent) else ping,
        connected=_at_launch(found, "the connection of the agent"),
        tags=_tags(found),
        launcher=Known("autoscaling-group", group.at),
        template=Known(found.named.name, group.at) if found.named.version else Absent(group.at),
        subnets=subnets,
        imds_endpoint=default(body.text_or_absent("MetadataOptions", "HttpEndpoint"), "enabled"),
    )


def _address(found: Launched) -> str:
    """Return the group's ARN; further templates of it are named behind it."""
    arn, named = found.group.at.arn, found.named
    version = "" if not named.version or named.version.startswith("$") else f" version {named.version}"
    return arn if found.number == 1 else f"{arn} ({named.name}{version})"


def _at_launch(found: Launched, what: str) -> Unknown:
    name = found.group.data["AutoScalingGroupName"]
    return Unknown(Why.COMPUTED, found.group.at, f"decided at launch: {what} of the instances of {name}")


def _or_at_launch(found: Launched, value: Value[T], what: str) -> Value[T]:
    return _at_launch(found, what) if isinstance(value, Absent) else value


def _profile_name(profile: Value[Text]) -> Value[Text]:
    return Known(last_name(str(profile.value)), profile.at) if isinstance(profile, Known) else profile


def _subnets(group: Description) -> Value[Items]:
    """Return the subnets, which AWS lists in one text; Absent where it chooses them by Availability Zone."""
    text = group.text_or_absent("VPCZoneIdentifier")
    if not isinstance(text, Known):
        return text
    return listed((Known(name.strip(), text.at) for name in str(text.value).split(",") if name.strip()), at=group.at)


def _subnet(subnets: Value[Items], group: Description) -> Value[Text]:
    match subnets:
        case Known(Items((only,), None)):
            return only
        case Unknown() as gap:
            return gap
        case _:
            name = group.data["AutoScalingGroupName"]
            return Unknown(Why.COMPUTED, group.at, f"which of its subnets {name} launches an instance in")


def _groups(found: Launched) -> Value[Items]:
    """Return the groups of all interfaces; AWS takes the VPC's default group where nobody names one."""
    body = found.body
    if body.gap is not None:
        return body.gap
    named = [*body.texts("SecurityGroupIds"), *body.texts("SecurityGroups")]
    for interface in body.entries("NetworkInterfaces"):
        own = interface.texts("Groups")
        named += own or ([] if named else [_at_launch(found, "the security groups")])
    return listed(named, at=body.at) if named else _at_launch(found, "the security groups")


def _public_ip(found: Launched) -> Value[bool]:
    """Return what the template says of public addresses; Absent where it leaves that to the subnets."""
    body, key = found.body, "AssociatePublicIpAddress"
    if body.gap is not None:
        return body.gap
    parts = (body, *body.entries("NetworkInterfaces"))
    said = [part.flag(key) for part in parts if key in part.data]
    return some([flag(value, absent=False) for value in said], body.at) if said else Absent(body.at)


def with_addresses(instances: Inventory[Instance], subnets: Inventory[Subnet]) -> Inventory[Instance]:
    """Return the nodes; where a template leaves it to the subnets, one that assigns public addresses suffices."""
    return replace(instances, items=tuple(_with_address(node, subnets) for node in instances))


def _with_address(node: Instance, subnets: Inventory[Subnet]) -> Instance:
    if isinstance(node.launcher, Absent) or not isinstance(node.public_ip, Absent):
        return node
    chosen = each(node.subnets) or (node.subnet,)
    answers = [flag(_assigns(name, subnets), absent=False) for name in chosen]
    return replace(node, public_ip=some(answers, node.public_ip.at))


def _assigns(name: Value[Text], subnets: Inventory[Subnet]) -> Value[bool]:
    if isinstance(name, Known):
        found = next((subnet for subnet in subnets if names(name, subnet)), None)
        if found is not None:
            return found.public_ip
    detail = f"whether {known_or(name, 'its subnet')} assigns public IP addresses"
    return name if isinstance(name, Unknown) else Unknown(Why.UNAVAILABLE, name.at, detail)


def _tags(found: Launched) -> Value[Record]:
    """Return the tags of the template, those that the group passes on, and the one that AWS adds."""
    group, body = found.group, found.body
    if body.gap is not None:
        return body.gap
    tags: dict[str, Value[Text]] = {}
    for specification in body.entries("TagSpecifications"):
        if specification.data.get("ResourceType") == "instance":
            tags |= _pairs(specification.entries("Tags"))
    tags |= _pairs(each for each in group.entries("Tags") if each.data.get("PropagateAtLaunch") is True)
    tags["aws:autoscaling:groupName"] = group.text("AutoScalingGroupName")
    return Known(Record(dict(sorted(tags.items()))), group.at)


def _pairs(entries: Iterable[Description]) -> Iterator[tuple[str, Value[Text]]]:
    for entry in entries:
        value = entry.text_or_absent("Value")
        yield str(entry.data.get("Key")), Known("", entry.at) if isinstance(value, Absent) else value


def _label(found: Launched) -> Value[Text]:
    tags = _tags(found)
    return tags.value.get("Name", tags.at) if isinstance(tags, Known) else found.body.absent()
