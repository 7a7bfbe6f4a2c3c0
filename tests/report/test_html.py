"""The HTML report, by an HTML5 parser: it is whole, loads nothing, and no name or message acts."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from ssm_hardening.access.view import access_view
from ssm_hardening.judge.engine import run
from ssm_hardening.model import Account
from ssm_hardening.remediation.plan import ManualStep, RemediationPlan, Stage
from ssm_hardening.report.picture import PictureLink, State, picture
from ssm_hardening.report.style import printable
from ssm_hardening.rules.catalogue import load_rules
from ssm_hardening.verdicts.findings import (
    Audit,
    Crashed,
    Failed,
    Finding,
    NotApplicable,
    Passed,
    Since,
    Undecided,
    Waiver,
)
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.report import samples
from tests.report.builders import AT, audit_of, finding, info
from tests.report.consumers import HOSTILE, Dom, from_aws, hostile, many, name_of, render, text_in
from tests.report.test_live_reports import audit, elsewhere, unread
from tests.rules import builders, builders_live, builders_people

MEBIBYTE = 1 << 20


def whole() -> str:
    """Return a page with every part that a page can have."""
    accounts = [elsewhere("111122223333", region, account_with_people()) for region in ("eu-central-1", "us-east-1")]
    return render(
        "html",
        samples.audit(),
        plan=samples.plan(),
        notes=["TF_VAR_x was used"],
        unread=["main.tf:3: cannot be parsed"],
        accounts=tuple(accounts),
        access=lambda: [access_view(each) for each in accounts],
    )


def account_with_people() -> Account:
    anywhere = builders_people.role(builders_people.allow(["ssm:StartSession"]))
    return builders_live.live_account(roles=[anywhere], users=[], groups=[])


PAGES: Mapping[str, Callable[[], str]] = {
    "whole": whole,
    "empty": lambda: render("html", audit_of()),
    "hostile": lambda: render("html", hostile(), notes=HOSTILE, unread=HOSTILE),
    "crashed": lambda: render("html", samples.crashed()),
    "live": lambda: render("html", from_aws()),
}


@pytest.fixture(scope="module", params=PAGES)
def dom(request: pytest.FixtureRequest) -> Dom:
    return Dom(PAGES[request.param]())


def test_headings_and_landmarks(dom: Dom) -> None:
    levels = [int(name_of(each)[1]) for each in dom.root.iter() if re.fullmatch(r"h[1-6]", name_of(each))]
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    assert [len(dom.all(tag)) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert dom.all("html")[0].attrib["lang"] == "en"


def test_every_reference_leads_somewhere(dom: Dom) -> None:
    names = [each.attrib["id"] for each in dom.having("id")]
    assert len(names) == len(set(names))
    links = [each.attrib["href"] for each in dom.all("a")]
    assert {link[0] for link in links} == {"#"}
    labels = [name for each in dom.having("aria-labelledby") for name in each.attrib["aria-labelledby"].split()]
    assert {link[1:] for link in links} | set(labels) <= set(names)


def test_tables_have_captions_and_scopes(dom: Dom) -> None:
    for table in dom.all("table"):
        assert any(name_of(each) == "caption" for each in table.iter())
        assert all("scope" in each.attrib for each in table.iter() if name_of(each) == "th")


def test_nothing_is_loaded(dom: Dom) -> None:
    (policy,) = (each.attrib["content"] for each in dom.having("http-equiv"))
    (script,) = dom.all("script")
    digest = base64.b64encode(hashlib.sha256((script.text or "").encode()).digest()).decode()
    assert policy.split("; ")[:3] == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        f"script-src 'sha256-{digest}'",
    ]
    assert not dom.having("src")
    assert [each.attrib["href"] for each in dom.all("link")] == ["data:,"]
    (style,) = dom.all("style")
    assert not re.search(r"url\(|@import|https?:", f"{style.text}{script.text}")
    attributes = {name for each in dom.root.iter() for name in each.attrib}
    assert not {name for name in attributes if name.startswith("on") or name in {"style", "srcset", "action"}}


def test_hostile_text_stays_text() -> None:
    mild = hostile()
    page = Dom(render("html", mild, notes=HOSTILE, unread=HOSTILE))
    assert not page.all("img")
    assert len(page.all("script")) == 1
    for text in HOSTILE:
        assert _bare(printable(text)) in _bare(page.text("notes"))
    assert "\\u202e" in page.text("main")
    assert "&#8238;" not in render("html", mild)


def _bare(text: str) -> str:
    """Return a text without blanks, and without the backticks that the page shows as code."""
    return re.sub(r"[\s`]", "", text)


def test_a_whole_audit() -> None:
    page = Dom(whole())
    kinds = [each.attrib["data-kind"] for each in page.all("article")]
    assert {kind: kinds.count(kind) for kind in kinds} == {"failed": 4, "undecided": 2, "waived": 1}
    first = next(each for each in page.all("article") if "S3-03" in text_in(each))
    for words in (
        "critical",
        "Log bucket can be public",
        "block_public_acls is false",
        "prod/logs.tf:1",
        "Transcripts",
    ):
        assert words in text_in(first)
    assert [each.attrib["href"] for each in first.iter() if name_of(each) == "a"] == ["#stage-2-module-1"]
    assert "Log stores" in page.text("stage-2")
    assert '+ idleSessionTimeout = "15"' in page.text("stage-7-edit-1")
    assert "until 2027-01-31" in page.text("main")
    assert "pass it with --var kms_key=" in page.text("main")
    assert "role operators" in page.text("people")
    assert "us-east-1" in page.text("accounts")
    assert "main.tf:3: cannot be parsed" in page.text("notes")


def test_a_headline_says_what_is_wrong() -> None:
    rule = info("PREF-03", title="Sessions are recorded", headline="Sessions are recorded nowhere")
    special = Failed(AT, "no bucket", headline="Sessions of Windows are recorded nowhere")
    page = Dom(render("html", audit_of(finding(rule, Failed(AT, "no")), finding(rule, special))))
    told = [text_in(each) for each in page.all("h3")]
    assert {"Sessions are recorded nowhere", "Sessions of Windows are recorded nowhere"} <= set(told)


def test_a_step_for_another_subject_is_not_offered() -> None:
    rule = info("OWN-01", remedy=None, manual="ask the owner")
    steps = tuple(ManualStep(what=f"{name}: ask", why="", at="", closes=("OWN-01",)) for name in ("role a", "role b"))
    plan = RemediationPlan(stages=(Stage(number=1, title="People", manual=steps),))
    failed = audit_of(*(finding(rule, Failed(AT, f"{name} is wide"), subject=name) for name in ("role a", "role b")))
    cards = [text_in(each) for each in Dom(render("html", failed, plan=plan)).all("article")]
    assert ["role b: ask" in card for card in cards] == [False, True]


def test_no_findings() -> None:
    page = Dom(render("html", audit_of()))
    assert page.text("overview-title") == "Nothing failed"
    assert not page.all("article")
    assert not page.having("id", "people")
    assert not page.having("id", "remediation")


def test_three_hundred_findings() -> None:
    failed = [
        finding(info(f"PREF-{each:03}"), Failed(samples.DOCUMENT, f"message {each} " * 9), subject=f"s{each}")
        for each in range(300)
    ]
    text = render("html", audit_of(*failed), plan=samples.plan())
    assert len(Dom(text).all("article")) == 300
    assert len(text) < MEBIBYTE


def test_one_gap_of_many_subjects_is_one_card() -> None:
    (card,) = Dom(render("html", many(300))).all("article")
    assert card.attrib["data-count"] == "300"
    assert "294 more" in text_in(card)


def test_several_accounts_and_one_that_was_not_read() -> None:
    accounts = [elsewhere("111122223333", "eu-central-1", builders_live.live_account(session_documents=[]))]
    accounts += [elsewhere("444455556666", "eu-central-1", builders_live.live_account()), unread("777788889999", "x-1")]
    page = Dom(render("html", audit(accounts), accounts=tuple(accounts)))
    assert "not read: sts:AssumeRole: AccessDenied" in page.text("accounts")
    assert page.text("accounts").index("777788889999") > page.text("accounts").index("111122223333")


def states(links: Sequence[PictureLink]) -> dict[str, State]:
    return {link.key: link.state for link in links}


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ([], State.UNKNOWN),
        ([Passed(AT, "")], State.GOOD),
        ([Passed(AT, ""), Failed(AT, "")], State.BROKEN),
        ([Passed(AT, ""), Undecided(AT, samples.NO_KEY)], State.UNKNOWN),
        ([Undecided(AT, samples.NO_KEY), Failed(AT, "")], State.BROKEN),
        ([Passed(AT, ""), Crashed(AT, "")], State.UNKNOWN),
        ([Passed(AT, ""), NotApplicable(AT, "")], State.GOOD),
        ([NotApplicable(AT, "")], State.UNKNOWN),
    ],
)
def test_a_link_is_as_its_rules_say(verdicts: Sequence[object], state: State) -> None:
    findings: list[Finding] = [finding(info("S3-09"), verdict) for verdict in verdicts]  # type: ignore[arg-type]  # verdicts of every kind
    found = states(picture(findings, ()))
    assert found.pop("bucket") is state
    assert set(found.values()) == {State.UNKNOWN}


def test_what_is_waived_breaks_no_link() -> None:
    waived = finding(info("S3-09"), Failed(AT, ""), waiver=Waiver("accepted", AT))
    assert states(picture([waived], ()))["bucket"] is State.UNKNOWN
    assert states(picture([waived, finding(info("S3-01"), Passed(AT, ""))], ()))["bucket"] is State.GOOD


def judged(account: Account) -> Audit:
    return run(load_rules(only=["PATH-01"]), [account], BUILT_IN["baseline"])


def test_a_broken_step_breaks_its_own_link_alone() -> None:
    account = builders_live.live_account(session_documents=[])
    found = {each.key: each for each in picture(judged(account).findings, [account])}
    assert found["settings"].state is State.BROKEN
    assert found["settings"].failed == ("PATH-01",)
    assert found["node"].state is not State.BROKEN
    assert found["bucket"].state is State.UNKNOWN


def test_a_broken_path_without_its_account_breaks_no_link_in_particular() -> None:
    account = builders_live.live_account(session_documents=[])
    assert State.BROKEN not in states(picture(judged(account).findings, [])).values()


def test_the_picture_says_in_words_what_it_shows() -> None:
    page = Dom(render("html", audit_of(finding(info("CW-01"), Failed(AT, "")), finding(info("S3-01"), Passed(AT, "")))))
    for drawing in page.all("svg"):
        assert drawing.attrib["role"] == "img"
        (told,) = (text_in(each) for each in drawing.iter() if name_of(each) == "desc")
        assert "Node to Log bucket: good." in told
        assert "Node to Log group: broken." in told
        assert "Operator to Session Manager: unknown." in told


def test_people_of_one_root_module_are_told_apart_by_region() -> None:
    regions = ("eu-central-1", "us-east-1")
    people = (elsewhere("111122223333", region, account_with_people()) for region in regions)
    made = [replace(each, source="terraform", root="infra") for each in people]
    text = render("html", audit_of(), accounts=tuple(made), access=lambda: [access_view(each) for each in made])
    captions = [text_in(each) for each in Dom(text).all("caption") if "People" in text_in(each)]
    assert [region in caption for region, caption in zip(regions, captions, strict=True)] == [True, True]


def test_what_belongs_to_no_region_names_the_account_alone() -> None:
    rule = info("OPER-01")
    found = [
        finding(rule, Failed(AT, "wide"), account="1" * 12, region=each)
        for each in ("global", "us-east-1", "us-west-2")
    ]
    text = Dom(render("html", audit_of(*found))).text("main")
    assert "in 111111111111 (global)" in text


def test_code_without_people_has_no_matrix_of_people() -> None:
    account = builders.account()
    text = render("html", audit_of(), accounts=(account,), access=lambda: [access_view(account)])
    assert not Dom(text).having("id", "people")


def test_what_the_baseline_knows_is_no_new_failure() -> None:
    known = replace(finding(info("NET-01"), Failed(AT, "open")), since=Since.KNOWN)
    page = Dom(render("html", audit_of(known)))
    text = page.text("main")
    assert "No new failures" in text
    assert "1 known from the baseline" in text
    assert "Look at these first" not in text
