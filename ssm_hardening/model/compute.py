"""The nodes that sessions reach."""

from dataclasses import dataclass, field

from ssm_hardening.core.values import Items, Record, Text, Value
from ssm_hardening.model.facts import Fact, not_read


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance(Fact):
    """An EC2 instance, or a node registered with Systems Manager (`mi-…`).

    `name` is the instance id (in code: a reference), `label` the tag Name. `kind` is `ec2` or `managed`. `platform` is
    `Linux`, `Windows` or `macOS`, `state` EC2's (`running`). `profile` and `role` are names, `security_groups` ids,
    `subnet` an id. `public_ip` says whether it has or gets a public IPv4 address. `imds_tokens` is `required` or
    `optional`.
    `agent_version`, `agent_latest` and `ping` (`Online`, `ConnectionLost`, `Inactive`) are what Systems Manager last
    heard of the agent, Absent where it never did; `connected` is what GetConnectionStatus says of Session Manager's own
    channel. `tags` are what conditions on `ssm:resourceTag/…` ask for.
    """

    label: Value[Text]
    kind: Value[Text]
    platform: Value[Text]
    state: Value[Text]
    profile: Value[Text]
    role: Value[Text]
    security_groups: Value[Items]
    subnet: Value[Text]
    public_ip: Value[bool]
    key_name: Value[Text]
    imds_tokens: Value[Text]
    imds_hop_limit: Value[int]
    agent_version: Value[Text]
    agent_latest: Value[bool]
    ping: Value[Text]
    connected: Value[bool]
    tags: Value[Record] = field(default_factory=not_read)
