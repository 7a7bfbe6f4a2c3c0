"""To know less never turns a yes into a no, nor a no into a yes, but where a policy that denied it is hidden."""

from typing import Any

import pytest

from ssm_hardening.access.answers import Told, Topic
from ssm_hardening.access.view import AccessView, access_view
from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account
from tests.access.samples import (
    administrator,
    all_nodes,
    any_document,
    commands,
    granting,
    node_role,
    nodes,
    operators,
    role,
    scoped,
    user,
)
from tests.rules.builders import fact, port_document, preferences_document
from tests.rules.hiding import poorer

Answers = dict[str, dict[Topic, Told]]


def only(**more: Any) -> Account:
    """Return an account of few facts: to hide each of them takes long."""
    return operators(**{"roles": [node_role()], "users": [], "keys": [], "instances": nodes()[2:], **more})


def _group() -> Any:
    from ssm_hardening.model import Group

    statements = Inventory((granting("Start", ["ssm:StartSession"], ["*"]),))
    fields = {"name": "team", "managed_policies": [], "statements": statements, "members": ["ann"]}
    return fact(Group, "team", {}, fields)


ACCOUNTS = {
    "scoped": only(roles=[scoped(), node_role()], instances=nodes()[1:2]),
    "all nodes, a tunnel": only(
        roles=[all_nodes()], session_documents=[preferences_document(run_as_enabled=False), port_document()]
    ),
    "any document, no preferences": only(roles=[any_document()], session_documents=[], log_buckets=[]),
    "commands, no Run As user": only(
        roles=[commands()], session_documents=[preferences_document(run_as_default_user=None, s3_bucket=None)]
    ),
    "administrator": only(users=[administrator()], roles=[]),
    "a bounded role": only(
        roles=[
            role(
                "bounded",
                granting("All", ["*"], ["*"]),
                granting("No", ["ssm:StartSession"], ["*"], effect="Deny"),
                boundary="b",
                boundary_statements=Inventory((granting("Some", ["ssm:*"], ["*"]),)),
            )
        ]
    ),
    "a group": only(groups=[_group()], users=[user("ann", granting("Tag", ["iam:TagUser"], ["*"]), groups=["team"])]),
}


def _told(view: AccessView) -> Answers:
    return {row.address: {cell.asked: cell.told for cell in row.cells} for row in view.rows}


@pytest.mark.slow
@pytest.mark.parametrize("name", ACCOUNTS)
def test_hiding_anything_never_turns_an_answer_round(name: str) -> None:
    full = _told(access_view(ACCOUNTS[name]))
    granted = {person for person, answers in full.items() if Told.YES in answers.values()}
    turned: list[str] = []
    for each in poorer(ACCOUNTS[name]):
        view = access_view(each.account)
        less = _told(view)
        turned += [f"{each.what}: {person} vanished" for person in granted - set(less) if view.gap is None]
        kept = {Told.YES} if each.hides_policy else set()
        turned += [f"{each.what}: {change}" for change in _turned(full, less, kept)]
    assert turned == []


def _turned(full: Answers, less: Answers, granted: set[Told]) -> list[str]:
    """Return the answers that are others, and not open; who is not in the full view was granted nothing there.

    `granted` holds the yes where it may be one of a grant that nothing known denies any more.
    """
    return [
        f"{person} {asked} became {told}"
        for person, answers in less.items()
        for asked, told in answers.items()
        if told not in {Told.UNDECIDED, full.get(person, {}).get(asked, Told.NO), *granted}
    ]
