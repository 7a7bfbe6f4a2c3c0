"""The table of remedies: rule id → the changes that close the gap."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from ssm_hardening.remediation import documents, form, keys, stores
from ssm_hardening.remediation.cases import Case
from ssm_hardening.remediation.changes import Change

Remedy: TypeAlias = Callable[[Case], Iterable[Change]]

REMEDIES: Mapping[str, Remedy] = {
    "PREF-01": documents.no_preferences,
    "PREF-02": form.malformed,
    "PREF-03": documents.no_destination,
    "PREF-04": documents.not_both,
    "PREF-05": documents.bucket_fails_open,
    "PREF-06": documents.group_fails_open,
    "PREF-07": documents.no_idle_limit,
    "PREF-08": documents.no_maximum,
    "PREF-10": documents.shared,
    "PREF-14": documents.disagreement,
    "PREF-15": documents.unguarded,
    "RUNAS-01": documents.no_run_as,
    "RUNAS-02": documents.privileged_run_as,
    "S3-01": stores.missing_store,
    "S3-02": stores.encryption,
    "S3-03": stores.public_access,
    "S3-04": stores.versioning,
    "S3-05": stores.retention,
    "S3-06": stores.transport,
    "S3-07": stores.policy_by_hand,
    "S3-08": stores.ownership,
    "CW-01": stores.missing_store,
    "CW-02": stores.group_key,
    "CW-03": stores.group_retention,
    "KMS-01": documents.no_session_key,
    "KMS-02": keys.unusable_key,
    "KMS-03": keys.hasty_key,
    "KMS-04": stores.policy_by_hand,
    "KMS-05": keys.admit_logs,
}
"""The rules of the first answer (recording, encryption, identity); a rule that is not here has its step by hand."""

ALSO_UNDECIDED = frozenset({"PREF-01", "S3-03"})
"""Rules whose remedy only adds, so that it is proposed where they are undecided too."""
