"""Evidence joins the account that holds the node; where none was read, it is an account of its own."""

from dataclasses import replace
from typing import Any

import pytest

from ssm_hardening.core.errors import UsageError
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin
from ssm_hardening.core.values import Absent, Inventory, Items, Known, Unknown, Value, Why
from ssm_hardening.model import HOST, LIVE, Account, Instance
from ssm_hardening.read.hosts.facts import Evidence
from ssm_hardening.read.hosts.joining import with_evidence
from ssm_hardening.read.snapshot import from_json, to_json
from tests.hosts.documents import COLLECTED, collected, document, read
from tests.rules import builders

NODE = COLLECTED["instance"]
OTHER = "i-0fedcba9876543210"
AT = ApiOrigin("arn:aws:ec2:eu-west-1:111122223333:instance/x", "ec2:DescribeInstances")
NONE = Absent(AT)
RUNNING = Known("running", AT)
THERE = Known(True, AT)


def node(name: str, *, state: Value[Any] = RUNNING, exists: Value[bool] = THERE) -> Instance:
    return Instance(
        address=f"arn:aws:ec2:eu-west-1:111122223333:instance/{name}",
        declaration=name,
        origin=AT,
        name=Known(name, AT),
        exists=exists,
        label=NONE,
        kind=Known("ec2", AT),
        platform=Known("Linux", AT),
        state=state,
        profile=NONE,
        role=NONE,
        security_groups=Known(Items(()), AT),
        subnet=NONE,
        public_ip=Known(False, AT),
        key_name=NONE,
        imds_tokens=NONE,
        imds_hop_limit=NONE,
        agent_version=NONE,
        agent_latest=NONE,
        ping=NONE,
        connected=NONE,
    )


def live(*nodes: Instance, account: str = "111122223333", region: str = "eu-west-1", **more: Any) -> Account:
    instances = Inventory(nodes, more.pop("gap", None))
    return builders.account(source=LIVE, account=account, region=region, instances=instances, **more)


def hosts(account: Account) -> list[str]:
    return [host.address for host in account.hosts]


def evidence(**changes: str) -> Evidence:
    """Return evidence of the node that the changes name, which says it is that node."""
    data = collected(**changes)
    name = changes.get("instance", NODE)
    return read(data | {"node": data["node"] | {"id": name}}, file=f"{name}.json")


def test_collected_evidence_joins_its_account() -> None:
    accounts = (live(account="999988887777"), live(node(NODE)), live(region="us-east-1"))
    joined = with_evidence(accounts, [evidence()])
    assert [hosts(account) for account in joined] == [[], [f"{NODE} (inside)"], []]
    assert joined[1].hosts.gap is None
    assert (joined[0], joined[2]) == (accounts[0], accounts[2])
    assert replace(joined[1], hosts=accounts[1].hosts) == accounts[1]


def test_no_evidence_changes_nothing() -> None:
    accounts = (live(node(NODE)), builders.account())
    assert with_evidence(accounts, []) == accounts


def test_code_is_not_joined() -> None:
    code = builders.account(account="111122223333", region="eu-west-1", instances=[node(NODE)])
    kept, alone = with_evidence([code], [evidence()])
    assert kept == code
    assert alone.source == HOST


def test_evidence_without_a_collection_joins_the_only_account_that_has_the_node() -> None:
    joined = with_evidence((live(node(OTHER), region="us-east-1"), live(node(NODE))), [read(document())])
    assert [hosts(account) for account in joined] == [[], [f"{NODE} (inside)"]]


def test_evidence_that_two_accounts_may_hold_joins_none() -> None:
    accounts = (live(node(NODE)), live(node(NODE), region="us-east-1"))
    *kept, alone = with_evidence(accounts, [read(document())])
    assert tuple(kept) == accounts
    assert (alone.source, hosts(alone)) == (HOST, [f"{NODE} (inside)"])
    assert isinstance(alone.account, Unknown)


def test_evidence_alone_is_an_account_for_each_pair() -> None:
    found = with_evidence((), [evidence(), evidence(instance=OTHER), evidence(instance="i-1", region="us-east-1")])
    assert [(a.source, a.root, len(a.hosts)) for a in found] == [
        (HOST, f"{NODE}.json, {OTHER}.json", 2),
        (HOST, "i-1.json", 1),
    ]
    first = found[0]
    assert first.at == CodeOrigin(first.root, 0)
    assert isinstance(first.account, Known)
    assert (first.account.value, first.hosts.gap) == ("111122223333", None)


def test_an_account_of_evidence_alone_has_read_nothing_else() -> None:
    (account,) = with_evidence((), [evidence()])
    for name in (
        "session_documents",
        "log_buckets",
        "log_groups",
        "keys",
        "usage_signs",
        "roles",
        "instances",
        "trails",
    ):
        assert getattr(account, name).gap.why is Why.OUT_OF_SCOPE, name


def test_a_node_of_which_there_is_no_evidence_is_a_gap() -> None:
    (account,) = with_evidence([live(node(NODE), node(OTHER), node("i-1"))], [evidence()])
    gap = account.hosts.gap
    assert gap is not None
    assert gap.why is Why.UNAVAILABLE
    command = f"`ssm-harden host run --live --target {OTHER} --target i-1`"
    wanted = f"no evidence from inside {OTHER}, i-1; collect it with {command}"
    assert gap.detail == wanted


@pytest.mark.parametrize(
    ("state", "exists", "silent"),
    [
        (Known("stopped", AT), Known(True, AT), False),
        (Known("terminated", AT), Known(True, AT), False),
        (Known("running", AT), Known(False, AT), False),
        (Known("running", AT), Known(True, AT), True),
        (Unknown(Why.DENIED, AT, "denied"), Known(True, AT), True),
        (NONE, Known(True, AT), True),
    ],
)
def test_which_nodes_need_evidence(state: Value[Any], exists: Value[bool], *, silent: bool) -> None:
    (account,) = with_evidence([live(node(NODE), node(OTHER, state=state, exists=exists))], [evidence()])
    assert (account.hosts.gap is not None) is silent


def test_nodes_that_could_not_be_listed_are_a_gap() -> None:
    denied = Unknown(Why.DENIED, AT, "ec2:DescribeInstances is denied")
    (account,) = with_evidence([live(node(NODE), gap=denied)], [evidence()])
    assert account.hosts.gap == denied


def test_many_nodes_without_evidence_are_counted() -> None:
    (account,) = with_evidence([live(node(NODE), *(node(f"i-{n:03}") for n in range(30)))], [evidence()])
    assert account.hosts.gap is not None
    assert "and 20 more" in account.hosts.gap.detail
    assert account.hosts.gap.detail.count("--target") == 10


def test_the_later_of_two_pieces_of_evidence_counts() -> None:
    old, new = evidence(at="2026-11-27T06:00:00Z"), evidence(at="2026-11-27T07:00:00+00:00")
    for pair in ([old, new], [new, old]):
        (account,) = with_evidence([live(node(NODE))], pair)
        assert account.hosts.items == (new.host,)


def test_times_are_compared_as_moments() -> None:
    old, new = evidence(at="2026-11-27T08:00:00+02:00"), evidence(at="2026-11-27T07:00:00+00:00")
    (account,) = with_evidence((), [new, old])
    assert account.hosts.items == (new.host,)


@pytest.mark.parametrize("second", [collected(), document()])
def test_two_pieces_of_evidence_of_one_node_without_an_order_are_refused(second: dict[str, Any]) -> None:
    pair = [read(collected(), file="a.json"), read(second, file="b.json")]
    for accounts in ((), (live(node(NODE)),)):
        with pytest.raises(UsageError, match=f"a.json and b.json are both evidence from {NODE}"):
            with_evidence(accounts, pair)


def test_two_files_of_nodes_without_an_id_are_two_nodes() -> None:
    nameless = document() | {"node": {"id": None, "hostname": "web", "os": None}}
    (account,) = with_evidence((), [read(nameless, file="a.json"), read(nameless, file="b.json")])
    assert hosts(account) == ["a.json (inside)", "b.json (inside)"]


def test_evidence_replaces_what_a_snapshot_had_recorded_of_the_node() -> None:
    (recorded,) = with_evidence([live(node(NODE), node(OTHER))], [evidence(), evidence(instance=OTHER)])
    newer = evidence(at="2026-12-01T00:00:00Z")
    (account,) = with_evidence([recorded], [newer])
    assert account.hosts.gap is None
    assert newer.host in account.hosts.items
    assert len(account.hosts) == 2


def test_an_account_with_hosts_survives_a_snapshot() -> None:
    accounts = with_evidence([live(node(NODE))], [evidence()])
    assert from_json(to_json(accounts)) == accounts
