"""Which formatter prints what."""

import sys

from ssm_hardening.cli.options import Format
from ssm_hardening.cli.pipeline import Judged
from ssm_hardening.remediation.plan import RemediationPlan


def audit(judged: Judged, plan: RemediationPlan | None, output: Format) -> str:
    """Return the report of an audit."""
    if output is Format.JSON:
        from ssm_hardening.report.audit_json import render_audit_json  # noqa: PLC0415 - one format a run

        return render_audit_json(judged.audit, plan, notes=judged.notes)
    from ssm_hardening.report.style import style_for  # noqa: PLC0415 - one format a run
    from ssm_hardening.report.table import render_audit  # noqa: PLC0415 - as above

    return render_audit(judged.audit, plan, notes=judged.notes, style=style_for(sys.stdout))
