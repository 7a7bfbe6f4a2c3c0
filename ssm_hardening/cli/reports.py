"""Which formatter prints what."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ssm_hardening.cli.options import Format
from ssm_hardening.cli.pipeline import Judged
from ssm_hardening.remediation.plan import RemediationPlan

if TYPE_CHECKING:
    from ssm_hardening.report.beside import Beside


def audit(judged: Judged, plan: RemediationPlan | None, output: Format) -> str:
    """Return the report of an audit."""
    if output is Format.JSON:
        return as_json(judged, plan)
    from ssm_hardening.report.style import style_for
    from ssm_hardening.report.table import render_audit

    style = style_for(sys.stdout)
    return render_audit(
        judged.redactor.hide(judged.audit),
        plan,
        notes=judged.notes,
        style=style,
        beside=_beside(judged),
    )


def _beside(judged: Judged) -> "Beside":
    from ssm_hardening.report.beside import Beside

    hide = judged.redactor.hide
    accounts = tuple(replace(each, account=hide(each.account), gaps=hide(each.gaps)) for each in judged.accounts)
    return Beside(accounts=accounts, comparison=hide(judged.comparison))


def as_json(judged: Judged, plan: RemediationPlan | None) -> str:
    """Return the audit in its public contract."""
    from ssm_hardening.report.audit_json import render_audit_json
    from ssm_hardening.report.verdicts import working_tree

    return render_audit_json(
        judged.redactor.hide(judged.audit),
        plan,
        notes=judged.notes,
        base=working_tree(Path.cwd()),
        beside=_beside(judged),
    )
