"""The access view as JSON: `ssm-harden/access/1`."""

import json
from collections.abc import Sequence
from typing import Any

from ssm_hardening.access.answers import Link, OpenPath, Path, PersonAnswer
from ssm_hardening.access.node_roles import NodeRole
from ssm_hardening.access.sessions import Starter
from ssm_hardening.access.view import AccessView, Chain, Row
from ssm_hardening.core.origins import ApiOrigin, CodeOrigin, Origin
from ssm_hardening.core.values import Unknown
from ssm_hardening.report.style import Style
from ssm_hardening.report.verdicts import example_json

SCHEMA = "ssm-harden/access/1"


def render_access_json(views: Sequence[AccessView], _style: Style) -> str:
    """Return the report as one JSON document."""
    told = {
        "schema": SCHEMA,
        "not_read": list(dict.fromkeys(name for view in views for name in view.not_read)),
        "accounts": [_account(view) for view in views],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _account(view: AccessView) -> dict[str, Any]:
    return {
        "account": view.account,
        "region": view.region,
        "root": view.root,
        "source": view.source,
        "people": [_row(row) for row in view.rows],
        "people_granted_nothing": view.idle,
        "more_people": _gap(view.gap),
        "nodes": view.nodes,
        "more_nodes": _gap(view.nodes_gap),
        "node_roles": [_role(role) for role in view.roles],
        "managed_policies": [
            {"policy": each.policy, "roles": list(each.roles), "nodes": list(each.nodes)} for each in view.carried
        ],
        "nodes_without_role": list(view.without_role),
        "unattached_policies": [_row(row) for row in view.unattached],
        "session_history": [_starter(each) for each in view.history],
        "more_history": _gap(view.history_gap),
    }


def _starter(found: Starter) -> dict[str, Any]:
    return {
        "who": found.who,
        "owner": found.owner,
        "sessions": found.sessions,
        "last": found.last,
        "granted": found.granted.value,
        "why": _gap(found.why),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "person": row.title,
        "address": row.address,
        "at": _origin(row.at),
        "doubt": _gap(row.doubt),
        "chains": [_chain(each) for each in row.chains],
        "answers": {cell.asked.value: _cell(cell) for cell in row.cells},
    }


def _chain(chain: Chain) -> dict[str, Any]:
    return {
        "roles": list(chain.roles),
        "reaches": [each.value for each in chain.reaches],
        "barred": chain.barred,
        "why": _gap(chain.why),
        "links": [_link(link) for link in chain.links],
    }


def _cell(cell: PersonAnswer) -> dict[str, Any]:
    return {
        "answer": cell.told.value,
        "short": cell.short,
        "why": _gap(cell.why),
        "paths": [_path(path) for path in cell.paths],
        **({} if cell.example is None else {"example": example_json(cell.example, _origin)}),
        **({"denied_by": list(cell.denied_by)} if cell.denied_by else {}),
        "undecided": [_undecided(each) for each in cell.undecided],
    }


def _undecided(found: OpenPath) -> dict[str, Any]:
    path = found.path
    return {"does": path.does, "on": path.on or None, "using": path.using or None, "why": _gap(found.why)}


def _path(path: Path) -> dict[str, Any]:
    return {
        "does": path.does,
        "on": path.on or None,
        "using": path.using or None,
        "outcome": path.outcome or None,
        "links": [_link(link) for link in path.links],
    }


def _role(role: NodeRole) -> dict[str, Any]:
    return {
        "role": role.name,
        "address": role.address,
        "at": _origin(role.at.at),
        "managed_policies": list(role.policies),
        "nodes": list(role.nodes),
        "beyond": [{"does": each.does, "links": [_link(link) for link in each.links]} for each in role.beyond],
        "lacks": list(role.lacks),
        "unknown": list(role.unknown),
    }


def _link(link: Link) -> dict[str, Any]:
    return {"what": link.what, "at": _origin(link.at)}


def _gap(gap: Unknown | None) -> dict[str, Any] | None:
    return None if gap is None else {"why": gap.why.value, "detail": gap.detail, "at": _origin(gap.at)}


def _origin(at: Origin) -> dict[str, Any]:
    match at:
        case CodeOrigin(file, line, _, module_path):
            return {"file": file, "line": line, "module": module_path or None}
        case ApiOrigin(arn, call):
            return {"arn": arn, "call": call}
