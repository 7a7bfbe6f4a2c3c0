"""One rule on one document, without a source."""

from typing import Any

from ssm_hardening.model import Account, SessionDocument
from ssm_hardening.rules.catalogue import load_rule
from ssm_hardening.rules.registry import Context
from ssm_hardening.verdicts.findings import Verdict
from ssm_hardening.verdicts.standards import BUILT_IN
from tests.rules.builders import account


def verdict_on(rule: str, subject: Any, *, within: Account | None = None, standard: str = "baseline") -> Verdict:
    """Judge one subject; a document is judged in an account of its own unless another is given."""
    if within is None:
        within = account(session_documents=[subject]) if isinstance(subject, SessionDocument) else account()
    chosen = BUILT_IN[standard]
    return load_rule(rule).judge(subject, Context(within, chosen.thresholds, chosen.severities))
