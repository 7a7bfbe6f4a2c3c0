"""Nodes whose way to a recorded session is whole, or broken at one link."""

from dataclasses import replace

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account
from tests.rules.builders import gap, known, lift, statement
from tests.rules.builders_live import HOST_ROLE, activation, instance, live_bucket, live_group, live_keys, setting
from tests.rules.builders_paths import (
    AGENT,
    CHANNELS,
    LENT,
    ONLY_EC2,
    RECORDS,
    endpoints,
    lent_to,
    node_role,
    path,
    subnet,
)
from tests.rules.builders_readers import allow


def scenarios() -> dict[str, Account]:
    reading = statement(actions=["ssmmessages:Open*"], resources=["*"], principals={"*": ["*"]})
    everything = statement(actions=["*"], resources=["*"], principals={"*": ["*"]})
    refusing = statement(effect="Deny", actions=["s3:PutObject"], resources=["*"], principals={"*": ["*"]})
    keys = live_keys()
    return {
        "a whole path": path(),
        "a whole path by endpoints": path(
            subnets=[subnet(None)], vpc_endpoints=endpoints(ssm=Inventory((everything,)))
        ),
        "a path without rights": path(roles=[node_role(AGENT)]),
        "a path without channels": path(roles=[node_role(RECORDS)]),
        "a path without way out": path(subnets=[subnet(None)]),
        "a path whose endpoint lets little through": path(
            subnets=[subnet(None)], vpc_endpoints=endpoints(ssmmessages=Inventory((reading,)))
        ),
        "a path to a bucket that refuses": path(
            log_buckets=[live_bucket(replicates_to=[], access_points=[], statements=Inventory((refusing,)))]
        ),
        "a path to DSSE": path(log_buckets=[live_bucket(encryption="aws:kms:dsse")]),
        "a path to a group without key": path(log_groups=[live_group(kms_key=None)]),
        "a path to a key for nobody": path(keys=[replace(each, statements=Inventory((refusing,))) for each in keys]),
        "a path of an unread role": path(roles=Inventory((), gap())),
        "a path without preferences": path(session_documents=[]),
        "a path of a node without profile": path(
            instances=[instance(tags={}, role=None, profile=None)], settings=[setting(HOST_ROLE, "$None")]
        ),
        **lending(),
    }


def lending() -> dict[str, Account]:
    """Return accounts where Default Host Management lends nodes a role, or may."""
    reads = instance(tags={}, ping="ConnectionLost")
    bare = replace(reads, role=lift(None), profile=lift(None))
    old, online = replace(bare, agent_version=known("3.2.581.0")), replace(bare, ping=known("Online"))
    reader, meant = node_role(allow("ssm:GetParameter")), node_role(CHANNELS)
    partial = node_role(allow("ssm:UpdateInstanceInformation"))
    return {
        "a role is lent to a node without profile": lent_to([bare]),
        "a role is lent beside a profile": lent_to([reads], replace(reader, instances=lift([reads.address]))),
        "a role that lacks rights is lent": lent_to([bare], lends=node_role(AGENT, **LENT)),
        "a role that nobody may lend is lent": lent_to([bare], lends=node_role(**{**LENT, **ONLY_EC2})),
        "a role of another path is lent": lent_to([bare], lends=node_role(**{**LENT, "path": "/"})),
        "a role is lent to an agent that is too old": lent_to([old]),
        "a role is lent, and a profile registers": lent_to([reads], replace(partial, instances=lift([reads.address]))),
        "nothing is lent, and a profile reads": lent_to(
            [reads], replace(reader, instances=lift([reads.address])), value="$None"
        ),
        "nothing is lent to an agent that is online": lent_to([online], value="$None"),
        "a role that opens channels runs nothing": lent_to([], meant, value="$None"),
        "a role of machines lacks rights": path(
            instances=[], roles=[node_role(AGENT, **LENT)], activations=[activation(role="lent")]
        ),
    }
