"""What runs at the start of every session: PREF-12."""

import re
from collections.abc import Iterator

from ssm_hardening.core.logic import known_or, mapped, setting, text_of
from ssm_hardening.core.secret_kinds import PATTERNS
from ssm_hardening.core.values import Known, Text, Value
from ssm_hardening.model import SessionDocument
from ssm_hardening.model.placeholders import written
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps
from ssm_hardening.rules.kit.subjects import session_documents
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import Passed, Question, Requirement, Severity, Verdict

_PATTERNS = {
    **{f"holds {kind}": pattern for kind, pattern in PATTERNS.items()},
    "pipes a download into a shell": (
        r"\b(?:curl|wget)\b[^\n;]{0,300}\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:\S*/)?(?:ba|z|k|da)?sh\b"
    ),
    "runs a download": (
        r"(?:\beval\b|\bsource\b|(?:^|(?<=[\s;]))\.|\b(?:ba|z|k|da)?sh\b)[^\n;|]{0,300}(?:<\(|\$\(|`)\s*(?:curl|wget)\b"
    ),
    "runs a download (PowerShell)": (
        r"(?i)\b(?:iex|Invoke-Expression)\b[^\n]{0,300}\b(?:DownloadString|iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\b"
        r"|\b(?:iwr|irm|Invoke-WebRequest|Invoke-RestMethod|DownloadString)\b[^\n]{0,300}\|\s*(?:iex|Invoke-Expression)\b"
    ),
    "switches the history off": (
        r"\bunset\s+(?:-v\s+)?HIST\w+|\bHISTFILE=(?:/dev/null|['\"]{2}|\s|$)|\bHIST(?:FILE)?SIZE=0\b"
        r"|\bset\s+\+o\s+history\b|\bhistory\s+-\w*c|(?i:-HistorySaveStyle\s+SaveNothing)"
    ),
    "stops the transcript": r"(?i)\bStop-Transcript\b",
    "stops the agent": (
        r"\b(?:stop|disable|mask|kill|remove)\b[^\n;|&]{0,300}amazon-ssm-agent|\bamazon-ssm-agent\S*\s+stop\b"
        r"|\b(?:pkill|killall|kill)\b[^\n;|&]{0,300}ssm-(?:agent|session|document)|(?i:\bStop-Service\b[^\n;|]{0,300}AmazonSSMAgent)"
    ),
    "stops the system's own logs": (
        r"\bsystemctl\b[^\n;|&]{0,300}\b(?:stop|disable|mask)\b[^\n;|&]{0,300}\b(?:auditd|rsyslog|systemd-journald)"
        r"|\bauditctl\s+-(?:e\s*0|D)\b"
    ),
    "deletes logs": r"\b(?:rm|shred|truncate)\b[^\n;|&]{0,300}\s(?:/var/log|/var/lib/amazon/ssm)",
}
"""What a shell profile should not do → the pattern that shows it."""


@rule(
    id="PREF-12",
    title="Shell profile harmless",
    severity=Severity.MEDIUM,
    over=session_documents,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    also=(Requirement.CROSS_PLATFORM,),
    manual="only its author knows what a shell profile is for: take out the lines named here",
)
def has_a_harmless_profile(document: SessionDocument, _context: Context) -> Verdict:
    """A shell profile is typed into every session, as its user, and whoever may read the document may read it.

    It must hold no secret, run nothing that is downloaded at that moment, and leave the history, the transcript and the
    agent alone. Only well-known spellings are looked for: a pass means that none of them was found.

    It cannot tell where a profile, or a part of it, is not known and the rest shows nothing.

    Reference: AWS Systems Manager User Guide, "Allow configurable shell profiles".
    """
    profiles = {"linux": document.shell_profile_linux, "windows": document.shell_profile_windows}
    return conclude(
        document.origin,
        (check for platform, profile in profiles.items() for check in _checks(platform, setting(profile))),
        passed=Passed(document.origin, _what_runs(profiles)),
        undecided="what the shell profile does cannot be told",
    )


def _what_runs(profiles: dict[str, Value[Text]]) -> str:
    if any(isinstance(setting(profile), Known) for profile in profiles.values()):
        return "the shell profile shows no secret, download or tampering"
    return "no shell profile runs at the start of sessions"


def _checks(platform: str, profile: Value[Text]) -> Iterator[Check]:
    text = known_or(mapped(profile, written), "")
    for what, pattern in _PATTERNS.items():
        found = re.search(pattern, text, re.MULTILINE)
        if found is not None:
            line = text.count("\n", 0, found.start()) + 1
            yield Problem(profile.at, f"line {line} of the {platform} profile {what}")
    yield from gaps(text_of(profile))
