"""Five operators of different badness: the matrix, and what makes each cell so."""

import json
from typing import Any

import pytest

from ssm_hardening.access.answers import Path, PersonAnswer, Told, Topic
from ssm_hardening.access.view import AccessView, access_view, row_cell
from ssm_hardening.core.values import Inventory
from ssm_hardening.model import Account
from ssm_hardening.model.governance import Session
from ssm_hardening.read.snapshot import loads, to_json
from tests.access.samples import (
    ACCOUNT,
    CHECKED,
    NODES,
    PREFERENCES,
    SSM,
    administrator,
    all_nodes,
    granting,
    node,
    node_role,
    operators,
    role,
    scoped,
    user,
)
from tests.rules.builders import command_document, gap, port_document, preferences_document, unknown
from tests.rules.builders_live import session
from tests.rules.builders_people import group

MATRIX = {
    "user 5-administrator": ["all", "yes", "yes", "yes", "yes", "yes", "yes"],
    "role 4-commands": ["all", "yes", "yes", "no", "yes", "yes", "no"],
    "role 3-any-document": ["all", "yes", "yes", "no", "no", "no", "no"],
    "role 2-all-nodes": ["all", "no", "no", "no", "no", "no", "no"],
    "role 1-scoped": ["2 of 3", "no", "no", "no", "no", "no", "no"],
}


def shown(view: AccessView) -> dict[str, list[str]]:
    return {row.title: [cell.short for cell in row.cells] for row in view.rows}


def cell(account: Account, asked: Topic, person: str) -> PersonAnswer:
    row = next(each for each in access_view(account).rows if each.title.endswith(person))
    return row_cell(row, asked)


def of(person: Any, asked: Topic, **more: Any) -> PersonAnswer:
    """Return a cell of the one role there is beside the node's."""
    return cell(operators(**{"roles": [person, node_role()], "users": [], **more}), asked, person.name.value)


def what(path: Path) -> list[str]:
    return [each.what for each in path.links]


def test_the_matrix_the_worst_first() -> None:
    view = access_view(operators())
    assert shown(view) == MATRIX
    assert list(shown(view)) == list(MATRIX)


def test_an_account_as_json_gives_the_same_matrix() -> None:
    text = json.dumps(to_json([operators()]))
    assert [shown(access_view(each)) for each in loads(text, file="operators.json")] == [MATRIX]


@pytest.mark.parametrize(
    ("person", "asked", "on", "using", "links"),
    [
        (
            "1-scoped",
            Topic.NODES,
            "web-1, web-2",
            "SSM-SessionManagerRunShell",
            ["statement TaggedNodes", "statement Approved", "role web-node"],
        ),
        ("2-all-nodes", Topic.NODES, "every node", "SSM-SessionManagerRunShell", ["statement EveryNode"]),
        ("3-any-document", Topic.UNRECORDED, "every node", "AWS-StartSSHSession", ["statement Start"]),
        ("3-any-document", Topic.ROOT, "every node", "documents that other accounts share", ["statement Start"]),
        ("4-commands", Topic.COMMANDS, "every node", "AWS-RunShellScript", ["statement Commands"]),
        ("5-administrator", Topic.UNRECORDED, "every node", "a document that it creates", ["statement Everything"]),
    ],
)
def test_each_yes_has_its_path(person: str, asked: Topic, on: str, using: str, links: list[str]) -> None:
    paths = cell(operators(), asked, person).paths
    assert links in [what(path) for path in paths if (path.on, path.using) == (on, using)]


@pytest.mark.parametrize(
    ("asked", "does"),
    [
        (Topic.PREFERENCES, "change the preferences"),
        (Topic.PREFERENCES, "change service settings"),
        (Topic.SHELLS, "use the serial console"),
        (Topic.ESCALATION, "give a node a more powerful role"),
        (Topic.ESCALATION, "register its own node with a more powerful role"),
        (Topic.COMMANDS, "run commands with a change request"),
        (Topic.SHELLS, "open shells in containers"),
    ],
)
def test_powers_beside_sessions_have_theirs(asked: Topic, does: str) -> None:
    found = {path.does: what(path) for path in cell(operators(), asked, "5-administrator").paths}
    assert found[does] == ["statement Everything"]


def test_passing_a_role_alone_raises_nobody() -> None:
    person = role("passer", granting("Pass", ["iam:PassRole", "ssm:SendCommand"], ["*"]))
    assert of(person, Topic.ESCALATION).told is Told.NO


def test_the_example_of_a_power_has_each_request_that_it_takes() -> None:
    actions = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
    found = of(role("runner", granting("Run", [*actions, "ssm:StartSession"], ["*"])), Topic.ESCALATION)
    assert found.example is not None
    assert [each.action for each in (found.example, *found.example.also)] == actions


def test_a_boundary_bounds() -> None:
    boundary = Inventory((granting("Nothing", ["s3:*"], ["*"]),))
    bounded = role("bounded", granting("Start", ["ssm:*"], ["*"]), boundary="b", boundary_statements=boundary)
    assert not [row for row in access_view(operators(roles=[bounded], users=[])).rows if row.title == "role bounded"]


def test_an_update_of_the_agent_is_no_side_door() -> None:
    document = "arn:aws:ssm:*::document/AWS-UpdateSSMAgent"
    person = role("updater", granting("Update", ["ssm:SendCommand"], [NODES, document]), *scoped().statements)
    assert of(person, Topic.COMMANDS).told is Told.NO


def test_a_deny_pinned_to_the_account_does_not_reach_documents_of_aws() -> None:
    pinned = granting("Pinned", ["ssm:StartSession"], [f"{SSM}document/AWS-StartSSHSession"], effect="Deny")
    person = role("pinned", granting("Start", ["ssm:StartSession"], ["*"]), pinned)
    assert "AWS-StartSSHSession" in [path.using for path in of(person, Topic.UNRECORDED).paths]
    right = granting("Right", ["ssm:StartSession"], ["arn:aws:ssm:*:*:document/AWS-StartSSHSession"], effect="Deny")
    denied = role("denied", granting("Start", ["ssm:StartSession"], ["*"]), right)
    assert "AWS-StartSSHSession" not in [path.using for path in of(denied, Topic.UNRECORDED).paths]


def test_whether_the_preferences_must_be_named_is_open() -> None:
    bare = role("bare", granting("Nodes", ["ssm:StartSession"], [NODES]))
    told = of(bare, Topic.NODES)
    assert told.told is Told.UNDECIDED
    assert told.why is not None
    assert "preferences document" in told.why.detail


@pytest.mark.parametrize(
    ("documents", "unrecorded", "root"),
    [
        ([preferences_document()], Told.UNDECIDED, Told.NO),  # the bucket is none that was read
        ([preferences_document(s3_bucket=None, cloudwatch_log_group=None)], Told.YES, Told.NO),
        ([preferences_document(run_as_enabled=False)], Told.UNDECIDED, Told.YES),
        ([preferences_document(run_as_default_user="ec2-user")], Told.UNDECIDED, Told.YES),
        ([preferences_document(run_as_enabled=unknown())], Told.UNDECIDED, Told.UNDECIDED),
        ([], Told.YES, Told.YES),
    ],
)
def test_recorded_and_as_whom_by_the_preferences(documents: list[Any], unrecorded: Told, root: Told) -> None:
    there = operators(session_documents=documents, log_buckets=[], log_groups=[])
    assert cell(there, Topic.UNRECORDED, "2-all-nodes").told is unrecorded
    assert cell(there, Topic.ROOT, "2-all-nodes").told is root


def test_the_tag_on_the_person_names_the_user() -> None:
    tagged = role("tagged", *all_nodes().statements, tags={"SSMSessionRunAs": "root"})
    assert of(tagged, Topic.ROOT).told is Told.YES
    assert of(role("plain", *all_nodes().statements), Topic.ROOT).told is Told.NO
    assert of(role("unread", *all_nodes().statements, tags=unknown()), Topic.ROOT).told is Told.UNDECIDED


def test_tunnels_and_elevated_commands_of_the_account() -> None:
    elevated = command_document(properties={"linux": {"commands": "reboot", "runAsElevated": True}})
    documents = [preferences_document(), elevated, port_document()]
    person = role("custom", granting("Start", ["ssm:StartSession"], [NODES, f"{SSM}document/Example-*"]))
    there = {"session_documents": documents}
    assert {path.using for path in of(person, Topic.ROOT, **there).paths} == {"Example-Tail"}
    assert "Example-Database" in [path.using for path in of(person, Topic.UNRECORDED, **there).paths]


def test_nodes_are_counted_in_classes_and_ids_one_by_one() -> None:
    fleet = [node(f"web-{index}", f"i-{index:017x}", tags={"env": "dev", "Name": f"w{index}"}) for index in range(40)]
    fleet += [node("db", "i-0ffffffffffffffff", tags={"env": "prod"})]
    assert of(scoped(), Topic.NODES, instances=fleet).short == "40 of 41"
    one = granting("One", ["ssm:StartSession"], [NODES.replace("*", f"i-{3:017x}"), PREFERENCES], conditions=CHECKED)
    assert of(role("one", one), Topic.NODES, instances=fleet).short == "1 of 41"


def test_nodes_to_come_are_asked_by_their_tags() -> None:
    assert of(scoped(), Topic.NODES, instances=[]).short == "by tag"


def test_a_gap_among_the_statements_is_no_no() -> None:
    person = role("half", granting("Read", ["ssm:DescribeSessions"], ["*"]), statements=Inventory((), gap()))
    assert {of(person, asked).told for asked in Topic} == {Told.UNDECIDED}


def test_a_role_that_may_be_a_nodes_is_undecided() -> None:
    person = role("maybe", *administrator().statements, kind=unknown())
    assert {of(person, asked).told for asked in Topic} == {Told.UNDECIDED}
    assert of(person, Topic.NODES).paths


def test_the_roles_behind_a_managed_policy() -> None:
    view = access_view(operators())
    assert [(each.policy, each.roles, each.nodes) for each in view.carried] == [
        ("AmazonSSMManagedInstanceCore", ("web-node",), ("web-1", "web-2"))
    ]
    assert view.without_role == ("db-1",)
    (found,) = view.roles
    assert [each.does for each in found.beyond] == ["read parameters"]
    assert found.lacks == ()


def test_a_node_role_that_was_not_read_is_said() -> None:
    view = access_view(operators(roles=[]))
    (found,) = view.roles
    assert (found.name, found.policies, found.nodes) == ("web-node", ("?",), ("web-1", "web-2"))


def test_what_is_beyond_is_asked_of_the_whole_table() -> None:
    actions = ["ssm:GetParametersByPath", "ssm:GetParameter", "logs:StartQuery", "s3:PutReplicationConfiguration"]
    more = granting("More", [*actions, "kms:PutKeyPolicy", "ssm:UpdateAssociation", "sts:AssumeRole"], ["*"])
    (found,) = access_view(operators(roles=[node_role(statements=Inventory((more,)))])).roles
    assert [each.does for each in found.beyond] == [
        "read parameters (and 1 similar permission)",
        "query recordings with CloudWatch Logs Insights",
        "change or stop the replication of recordings",
        "change the key policy",
        "change what an association runs",
        "assume other roles",
    ]


def test_what_a_deny_takes_back_is_not_beyond() -> None:
    core = granting("Core", ["ssm:GetParameter"], ["*"])
    denied = granting("No", ["ssm:GetParameter*"], ["*"], effect="Deny")
    (found,) = access_view(operators(roles=[node_role(statements=Inventory((core, denied)))])).roles
    assert found.beyond == ()
    assert "heartbeat" in found.lacks


def started(number: int, owner: str, **more: Any) -> Session:
    return session(number, owner=f"arn:aws:{owner}", target="i-0aaaaaaaaaaaaaaa1", **more)


ALICE, BOB = f"iam::{ACCOUNT}:user/people/alice", f"sts::{ACCOUNT}:assumed-role/left-role/bob"
SCOPED, ROOT, FOREIGN = (
    f"sts::{ACCOUNT}:assumed-role/1-scoped/eve",
    f"iam::{ACCOUNT}:root",
    "iam::444455556666:user/zoe",
)


def test_the_history_stands_beside_what_policies_grant() -> None:
    sessions = [started(1, ALICE), started(2, ALICE), started(3, BOB), started(4, SCOPED), started(5, FOREIGN)]
    view = access_view(operators(roles=[scoped()], users=[user("alice")], sessions=sessions))
    assert [(each.who, each.sessions, each.granted) for each in view.history] == [
        ("user alice", 2, Told.NO),
        ("bob (role left-role)", 1, Told.NO),
        ("eve (role 1-scoped)", 1, Told.YES),
        ("user zoe", 1, Told.UNDECIDED),
    ]
    words = [text for _, text in view.history_in_words()]
    assert words[1].startswith("no policy that was read lets user alice and bob (role left-role) start sessions")
    assert "444455556666" in words[2]


def test_the_history_contradicts_nothing_that_was_not_read() -> None:
    sessions = [started(1, ALICE), started(2, BOB), started(3, ROOT)]
    view = access_view(operators(roles=Inventory((), gap()), users=Inventory((), gap()), sessions=sessions))
    assert {each.who: each.granted for each in view.history} == {
        "user alice": Told.UNDECIDED,
        "bob (role left-role)": Told.UNDECIDED,
        "the root user": Told.YES,
    }
    nameless = access_view(operators(sessions=[session(1, owner=unknown())]))
    assert [(each.who, each.granted) for each in nameless.history] == [("an unknown owner", Told.UNDECIDED)]


def test_a_user_of_the_history_has_the_policies_of_its_groups() -> None:
    staff = group(granting("Start", ["ssm:StartSession"], ["*"]), name="staff")
    member = user("alice", groups=[staff.address])
    view = access_view(operators(roles=[], users=[member], groups=[staff], sessions=[started(1, ALICE)]))
    assert [each.granted for each in view.history] == [Told.YES]


def test_code_has_no_history_and_a_live_account_that_hides_it_says_so() -> None:
    assert access_view(operators(source="code", sessions=Inventory((), gap()))).history_gap is None
    assert access_view(operators(sessions=Inventory((), gap()))).history_gap is not None


def test_a_document_that_may_be_granted_stays_beside_one_that_is() -> None:
    ssh, mine = "arn:aws:ssm:*::document/AWS-StartSSHSession", PREFERENCES
    person = role("pinned", granting("Pinned", ["ssm:StartSession"], [NODES.replace(ACCOUNT, "*"), ssh, mine]))
    told = of(person, Topic.NODES, account=unknown(), instances=[])
    assert {path.using for path in told.paths} == {"AWS-StartSSHSession"}
    assert "SSM-SessionManagerRunShell" in [each.path.using for each in told.undecided]
    assert not of(person, Topic.NODES, instances=[]).undecided
