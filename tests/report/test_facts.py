"""The facts for people, where there are too many for one paragraph each, or where another source does not read them."""

from dataclasses import replace
from typing import Any

from ssm_hardening.core.origins import ApiOrigin
from ssm_hardening.core.values import Absent, Inventory, Known, Record, Unknown, Why
from ssm_hardening.model import Account, Holding, Ownership, ServiceSetting
from ssm_hardening.report.facts import render_facts
from ssm_hardening.report.style import Style
from tests.rules import builders

ARN = "arn:aws:s3:::logs"
AT = ApiOrigin(ARN, "s3:HeadBucket")


def setting(number: int, **more: Any) -> ServiceSetting:
    fields = {"name": Known(f"/ssm/{number}", AT), "exists": Known(True, AT), "value": Known("Enable", AT)} | more
    return ServiceSetting(address=f"setting-{number}", declaration=f"setting-{number}", origin=AT, **fields)


def shown(**lists: Inventory[Any]) -> str:
    changed: dict[str, Any] = dict(lists)
    account: Account = replace(builders.account(), **changed)
    return render_facts([account], Style(width=100))


def test_an_object_in_brief() -> None:
    gap = Unknown(Why.DENIED, AT, "ssm:GetServiceSetting: AccessDenied")
    text = shown(settings=Inventory((setting(1), setting(2, value=gap), setting(3, value=Absent(AT)))))
    assert '    setting-1\n      name = "/ssm/1" · value = "Enable"\n' in text
    assert '    setting-2\n      name = "/ssm/2"\n      not known: value\n' in text
    assert '    setting-3\n      name = "/ssm/3"\n      not set: value\n' in text


def test_many_objects_are_counted() -> None:
    text = shown(settings=Inventory(tuple(map(setting, range(1000)))))
    assert "and 960 more (--format json lists all)" in text
    assert len(text.splitlines()) < 250


def test_what_a_source_does_not_read_takes_one_line() -> None:
    unread: Inventory[Any] = Inventory((), Unknown(Why.OUT_OF_SCOPE, AT, "not read from this source"))
    text = shown(trails=unread, sessions=unread, activations=Inventory())
    listed = " ".join(text.partition("  not read from this source: ")[2].split()).split(", ")
    assert {"trails", "sessions"} <= set(listed)
    assert "activations" not in listed
    assert "  activations  none\n" in text


def test_a_refused_list_says_so() -> None:
    denied: Inventory[Any] = Inventory((), Unknown(Why.DENIED, AT, "ssm:DescribeActivations: AccessDenied"))
    assert "  activations\n    ? there may be more: ssm:DescribeActivations: AccessDenied\n" in shown(
        activations=denied
    )


def test_what_could_be_imported_and_whose_it_is() -> None:
    held = [
        Holding(of=ARN, type=kind, import_id="logs", at=AT, settings=Known(Record({}), AT))
        for kind in ("aws_s3_bucket", "aws_s3_bucket_policy")
    ]
    owner, stack = Known("cloudformation", AT), Known("platform", AT)
    whose = Ownership(of=ARN, at=AT, owner=owner, name=stack, evidence=Absent(AT))
    text = shown(holdings=Inventory(tuple(held)), owners=Inventory((whose,)))
    assert f"  holdings\n    {ARN}\n      aws_s3_bucket · aws_s3_bucket_policy\n" in text
    assert f'  owners\n    {ARN}\n      "cloudformation" · "platform"\n' in text
    assert "no owner" in shown(owners=Inventory((replace(whose, owner=Absent(AT)),)))


def test_no_paragraph_is_wider_than_the_terminal() -> None:
    account = replace(builders.account(), settings=Inventory((setting(1, value=Known("word " * 60, AT)),)))
    lines = render_facts([account], Style(width=60)).splitlines()
    (first,) = [number for number, line in enumerate(lines) if line == "    setting-1"]
    assert 50 < max(map(len, lines[first : first + 6])) <= 60
