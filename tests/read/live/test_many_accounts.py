"""An organization of 22 accounts, more than a page lists, in 3 Regions, read as a whole.

One account is denied and one Region disabled.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ssm_hardening.model import Account
from ssm_hardening.read.live.calls import ApiCall
from ssm_hardening.read.live.clients import CONCURRENT
from ssm_hardening.read.live.reach import PICTURES, read_all, targets
from ssm_hardening.sandbox.faults import Fault, FaultKind, ReceivedCall
from ssm_hardening.sandbox.server import ACCOUNT, REGION, Sandbox
from tests.read.live import fleet
from tests.read.live.reading import plain

MEMBERS = [f"{200000000000 + number:012d}" for number in range(1, 22)]
REGIONS = (REGION, "eu-central-1", "us-east-1")
DENIED, DISABLED = MEMBERS[6], "eu-central-1"
PER_PICTURE = 40
"""More threads than a picture ever has: eight collectors, each with at most ten calls under way behind one gate."""


@dataclass(frozen=True)
class Read:
    accounts: tuple[Account, ...]
    seen: list[ReceivedCall]
    heard: int
    most_threads: int


@pytest.fixture(scope="module")
def whole(server: Sandbox) -> Iterator[Read]:
    server.reset("empty")
    others = [each for each in MEMBERS if each != DENIED]
    server.put(organization={"accounts": others, "role": "Auditor"})
    server.put(organization={"accounts": [DENIED], "role": "AnotherRole"})
    for number in others[:3]:
        node = fleet.agent(f"mi-{number:0>17}", ResourceType="ManagedInstance", IamRole="till")
        server.put(account=number, region="us-east-1", instance_information=[node])
    server.set_faults([Fault(kind=FaultKind.REGION_DISABLED, region=DISABLED)])
    heard: list[ApiCall] = []
    threads = 0

    def watch(call: ApiCall) -> None:
        nonlocal threads
        heard.append(call)
        threads = max(threads, threading.active_count())

    with pytest.MonkeyPatch.context() as patch:
        for name, text in server.environment().items():
            patch.setenv(name, text)
        aims = targets(organization=True, role_name="Auditor", regions=REGIONS)
        server.reset_calls()
        accounts = read_all(aims, watch=watch)
        yield Read(accounts, server.calls(), len(heard), threads)


def unread(account: Account) -> str:
    return account.gaps[0].detail if len(account.gaps) == 1 and account.instances.gap is not None else ""


def test_every_account_and_region_is_there_in_order(whole: Read) -> None:
    expected = [f"{account}/{region}" for account in sorted([ACCOUNT, *MEMBERS]) for region in sorted(REGIONS)]
    assert [account.root for account in whole.accounts] == expected
    assert len(expected) == 66


def test_the_denied_account_and_the_disabled_region_say_so_and_nobody_else(whole: Read) -> None:
    why = {account.root: unread(account) for account in whole.accounts}
    denied = {root for root, reason in why.items() if reason == "sts:AssumeRole: AccessDenied"}
    disabled = {root for root, reason in why.items() if "the Region is not enabled" in reason}
    assert denied == {f"{DENIED}/{region}" for region in REGIONS}
    assert disabled == {f"{account}/{DISABLED}" for account in (ACCOUNT, *MEMBERS) if account != DENIED}
    assert {reason for root, reason in why.items() if root not in denied | disabled} == {""}


def test_no_account_has_what_is_anothers(whole: Read) -> None:
    nodes = {account.root: [plain(each.name) for each in account.instances] for account in whole.accounts}
    found = {root: names for root, names in nodes.items() if names}
    others = [each for each in MEMBERS if each != DENIED][:3]
    assert found == {f"{number}/us-east-1": [f"mi-{number:0>17}"] for number in others}


def test_the_calls_are_few_and_each_role_is_assumed_once(whole: Read) -> None:
    assumed = Counter(call.operation for call in whole.seen)["AssumeRole"]
    assert assumed == len(MEMBERS)
    readable = 21 * 2
    assert len(whole.seen) / readable < 20
    assert whole.heard <= len(whole.seen) + len(REGIONS)


def test_concurrency_is_bounded(whole: Read) -> None:
    assert whole.most_threads <= 1 + PICTURES * PER_PICTURE
    assert CONCURRENT < PER_PICTURE
