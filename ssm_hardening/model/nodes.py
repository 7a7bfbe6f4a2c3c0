"""The nodes that sessions reach: as AWS describes them, and from inside, as a probe that ran there saw them."""

from dataclasses import dataclass, field

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Inventory, Items, Record, Text, Value
from ssm_hardening.model.facts import Fact, not_read, not_there


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance(Fact):
    """An EC2 instance, a node registered with Systems Manager (`mi-…`), or the instances that something launches alike.

    `launcher` is Absent for one node, and else the kind of what launches instances (`autoscaling-group`, `ec2-fleet`,
    `spot-fleet`, `eks-node-group`, `batch-environment`) or registers machines (`hybrid-activation`), which has the
    address; `template` is its launch template, Unknown where another version than the one that was read may be in
    force, Absent where there is none. `subnets` are those that a launcher may choose from; where it has several,
    `subnet` is unknown. `imds_endpoint` is `enabled` or `disabled`.

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
    launcher: Value[Text] = field(default_factory=not_there)
    template: Value[Text] = field(default_factory=not_there)
    subnets: Value[Items] = field(default_factory=not_there)
    imds_endpoint: Value[Text] = field(default_factory=not_there)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An OS user that sessions run as, or may: `ssm-user`, a Run As user.

    `exists` is whether the node resolves the name. `uid` and `gid` (the primary group's) are Absent on Windows and
    where there is no such user. `groups` lists names. `sudo` holds the rules that reach the user, as `sudo -l` lists
    them (`(ALL) NOPASSWD: ALL`): empty where none does or sudo is not installed. Windows has none.
    """

    at: Origin
    name: Value[Text]
    exists: Value[bool]
    uid: Value[int]
    gid: Value[int]
    groups: Value[Items]
    sudo: Inventory[Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class SudoFile:
    """A file that sudo reads. `owner` is its uid, `mode` octal (`0440`).

    `grants` lists its lines that speak of a user of sessions by name; Unknown where it could not be read.
    """

    at: Origin
    path: Value[Text]
    owner: Value[int]
    mode: Value[Text]
    grants: Value[Items]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An established connection of the agent. `peer` is an IP address, `private` whether it is in a private range."""

    at: Origin
    process: Value[Text]
    peer: Value[Text]
    port: Value[int]
    private: Value[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedName:
    """What a service's name (`ssm.eu-west-1.amazonaws.com`) resolves to on the node; no `addresses`: it does not."""

    at: Origin
    name: Value[Text]
    addresses: Value[Items]


@dataclass(frozen=True, slots=True, kw_only=True)
class Host(Fact):
    """The inside of one node. `name` is its id (`i-…`, `mi-…`), `address` that id with ` (inside)`.

    `platform` is `Linux`, `Windows` or `macOS`; `elevated` whether the probe ran as root or administrator. `domain` is
    a Windows node's role: `workgroup`, `member` or `controller`. `service` is the agent's state (`running`, `stopped`),
    `autostart` whether it starts with the machine. `agent_version` is Absent where no agent is installed.
    `config` is `amazon-ssm-agent.json` as data, Absent where there is none (the agent's defaults hold then);
    `config_owner` a uid or account name, `config_mode` octal, `config_writers` the names of others than root, SYSTEM
    and administrators who may write it (Windows). `administrators` lists the names of the local group of SID
    S-1-5-32-544, `administrators_name` what it is called there; Absent on Linux and macOS. `script` and `screen` are
    paths, Absent where not installed. `transcription` is whether a machine policy turns PowerShell's on;
    `powershell` the version of the Windows PowerShell that sessions use. `session_logs` counts files of sessions left
    on disk, `session_logs_days` the age of the oldest.
    """

    label: Value[Text]
    platform: Value[Text]
    elevated: Value[bool]
    domain: Value[Text]
    agent_version: Value[Text]
    service: Value[Text]
    autostart: Value[bool]
    config: Value[Record]
    config_path: Value[Text]
    config_owner: Value[Text]
    config_mode: Value[Text]
    config_writers: Value[Items]
    identities: Inventory[Identity]
    sudo_files: Inventory[SudoFile]
    administrators: Value[Items]
    administrators_name: Value[Text]
    connections: Inventory[Connection]
    names: Inventory[ResolvedName]
    script: Value[Text]
    screen: Value[Text]
    powershell: Value[Text]
    transcription: Value[bool]
    session_logs: Value[int]
    session_logs_days: Value[int]
