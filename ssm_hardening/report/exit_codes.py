"""What a run says to a pipeline."""

from ssm_hardening.core.errors import ExitCode
from ssm_hardening.verdicts.findings import Audit, Crashed, Failed, Finding, NotApplicable, Passed, Severity, Undecided

_PRECEDENCE = (ExitCode.FAULT, ExitCode.USAGE, ExitCode.GAPS, ExitCode.UNDECIDED, ExitCode.OK)


def worst(*codes: ExitCode) -> ExitCode:
    """Return the code that counts where several apply; OK where there is none."""
    return min(codes, key=_PRECEDENCE.index, default=ExitCode.OK)


def of_audit(audit: Audit, *, fail_on: Severity = Severity.LOW, fail_on_undecided: bool = False) -> ExitCode:
    """Return the code of an audit; waived findings do not count."""
    counted = (finding for finding in audit.findings if finding.waiver is None)
    return worst(*(_of_finding(finding, fail_on, fail_on_undecided=fail_on_undecided) for finding in counted))


def _of_finding(finding: Finding, fail_on: Severity, *, fail_on_undecided: bool) -> ExitCode:
    match finding.verdict:
        case Crashed():
            return ExitCode.FAULT
        case Failed():
            return ExitCode.GAPS if finding.severity.rank <= fail_on.rank else ExitCode.OK
        case Undecided():
            return ExitCode.UNDECIDED if fail_on_undecided else ExitCode.OK
        case Passed() | NotApplicable():
            return ExitCode.OK
