"""Nodes whose way to a recorded session is whole, or broken at one link."""

from dataclasses import replace

from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account
from tests.rules.builders import gap, statement
from tests.rules.builders_live import HOST_ROLE, instance, live_bucket, live_group, live_keys, setting
from tests.rules.builders_paths import AGENT, RECORDS, endpoints, node_role, path, subnet


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
    }
