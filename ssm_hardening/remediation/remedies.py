"""The table of remedies: what closes the gap of each rule, a row a rule.

What a column means, `Remedy` says. The order of rows is that in which new preferences name what they close, and in
which calls for rights are made: a later one may ask which there are already.
"""

from collections.abc import Mapping

from ssm_hardening.remediation import documents, keys, stores
from ssm_hardening.remediation.cases import AccessGap, Aspect, Effect, Remedy, Turn
from ssm_hardening.remediation.changes import Phase
from ssm_hardening.remediation.rights import guards, hosts, network, nodes
from ssm_hardening.remediation.withholding import CHANNEL, LOGS, S3

_PREFERENCES = "session-preferences"
_BUCKET, _GROUP, _KEYS = "log-bucket", "log-group", "session-keys"
_ENDPOINTS = "private-endpoints"

_DOCUMENTS = (
    Remedy(
        "PREF-01",
        Phase.PREFERENCES,
        _PREFERENCES,
        code=documents.no_preferences,
        undecided=documents.only_adds,
        in_new=True,
        makes_preferences=True,
    ),
    Remedy("PREF-02", Phase.PREFERENCES, _PREFERENCES, turn=Turn.FORM, code=documents.malformed, in_new=True),
    Remedy("PREF-03", Phase.PREFERENCES, _PREFERENCES, code=documents.no_destination, in_new=True),
    Remedy("PREF-04", Phase.PREFERENCES, _PREFERENCES, code=documents.not_both, in_new=True),
    Remedy("PREF-05", Phase.PREFERENCES, _PREFERENCES, code=documents.bucket_fails_open, switch=S3, in_new=True),
    Remedy(
        "PREF-06",
        Phase.PREFERENCES,
        _PREFERENCES,
        code=documents.group_fails_open,
        switch=LOGS,
        effect=Effect.GROUP_KEY,
        in_new=True,
    ),
    Remedy("PREF-07", Phase.PREFERENCES, _PREFERENCES, code=documents.no_idle_limit, in_new=True),
    Remedy("PREF-08", Phase.PREFERENCES, _PREFERENCES, code=documents.no_maximum, in_new=True),
    Remedy("PREF-09", Phase.PREFERENCES),
    Remedy("PREF-10", Phase.PREFERENCES, _PREFERENCES, code=documents.shared, in_new=True),
    Remedy("PREF-11", Phase.PREFERENCES),
    Remedy("PREF-12", Phase.PREFERENCES),
    Remedy("PREF-13", Phase.PREFERENCES, in_new=True),
    Remedy("PREF-14", Phase.PREFERENCES, code=documents.disagreement),
    Remedy("PREF-15", Phase.PREFERENCES, _PREFERENCES, code=documents.unguarded, in_new=True),
)

_STORES = (
    Remedy("S3-01", Phase.STORES, turn=Turn.STORES, code=stores.missing_store),
    Remedy("S3-02", Phase.STORES, _BUCKET, turn=Turn.STORES, code=stores.encryption, aspect=Aspect.ENCRYPTION),
    Remedy(
        "S3-03",
        Phase.STORES,
        _BUCKET,
        turn=Turn.STORES,
        code=stores.public_access,
        undecided=stores.is_named,
        aspect=Aspect.PUBLIC_ACCESS,
    ),
    Remedy("S3-04", Phase.STORES, _BUCKET, turn=Turn.STORES, code=stores.versioning, aspect=Aspect.VERSIONING),
    Remedy(
        "S3-05",
        Phase.STORES,
        _BUCKET,
        turn=Turn.STORES,
        code=stores.retention,
        aspect=Aspect.EXPIRY,
        effect=Effect.RETENTION,
    ),
    Remedy(
        "S3-06",
        Phase.STORES,
        _BUCKET,
        turn=Turn.STORES,
        code=stores.transport,
        aspect=Aspect.TRANSPORT,
        effect=Effect.TRANSPORT,
    ),
    Remedy("S3-07", Phase.RESTRICTIONS, turn=Turn.STORES, code=stores.policy_by_hand),
    Remedy("S3-08", Phase.STORES, _BUCKET, turn=Turn.STORES, code=stores.ownership, aspect=Aspect.OWNERSHIP),
    Remedy("S3-09", Phase.RESTRICTIONS, turn=Turn.STORES),
    Remedy("S3-10", Phase.STORES, turn=Turn.STORES),
    Remedy("CW-01", Phase.STORES, turn=Turn.STORES, code=stores.missing_store),
    Remedy(
        "CW-02",
        Phase.STORES,
        _GROUP,
        turn=Turn.STORES,
        code=stores.group_key,
        aspect=Aspect.GROUP_KEY,
        effect=Effect.GROUP_KEY,
    ),
    Remedy(
        "CW-03",
        Phase.STORES,
        _GROUP,
        turn=Turn.STORES,
        code=stores.group_retention,
        aspect=Aspect.GROUP_RETENTION,
        effect=Effect.RETENTION,
    ),
    Remedy("CW-04", Phase.RESTRICTIONS, turn=Turn.STORES),
)

_OF_KEYS = (
    Remedy("KMS-01", Phase.KEYS, _PREFERENCES, code=documents.no_session_key, switch=CHANNEL, in_new=True),
    Remedy("KMS-02", Phase.KEYS, _KEYS, turn=Turn.STORES, code=keys.unusable_key, commands=keys.usable),
    Remedy("KMS-03", Phase.KEYS, _KEYS, turn=Turn.STORES, code=keys.hasty_key, commands=keys.rotated),
    Remedy("KMS-04", Phase.RESTRICTIONS, code=stores.policy_by_hand, commands=keys.one_statement),
    Remedy("KMS-05", Phase.KEYS, _KEYS, code=keys.allow_logs, commands=keys.one_statement),
    Remedy("KMS-06", Phase.RESTRICTIONS),
    Remedy("KMS-07", Phase.KEYS),
)

_RUN_AS = (
    Remedy("RUNAS-01", Phase.PREFERENCES, _PREFERENCES, code=documents.no_run_as, in_new=True),
    Remedy("RUNAS-02", Phase.RUN_AS, _PREFERENCES, code=documents.privileged_run_as, in_new=True),
)

_ELSEWHERE = (
    "the account of this node was not read, so no module call can be made for it; call module host-baseline in the "
    "code of its account, or audit that account together with this evidence"
)
_HOSTS = (
    Remedy(
        "HOST-01",
        Phase.AGENT,
        hosts.MODULE,
        rights=hosts.make,
        by_hand=(
            "an update restarts the agent, and a node that is offline or has never registered needs a role, a route, "
            "and a running agent before it can be updated; afterwards, keep_agent_current of module host-baseline "
            "keeps the agent current"
        ),
    ),
    Remedy("HOST-02", Phase.RESTRICTIONS, hosts.MODULE, rights=hosts.make, gap=AccessGap.PRIVILEGE, by_hand=_ELSEWHERE),
    Remedy("HOST-03", Phase.RESTRICTIONS, hosts.MODULE, rights=hosts.make, gap=AccessGap.PRIVILEGE, by_hand=_ELSEWHERE),
    Remedy(
        "HOST-04",
        Phase.AGENT,
        hosts.MODULE,
        rights=hosts.make,
        by_hand=(
            "the purpose of a setting from another source is unknown, and a wrong setting disconnects the node; fix "
            "the file on one node, restart the agent there, then let agent_settings of module host-baseline maintain "
            "it"
        ),
    ),
    Remedy(
        "HOST-05",
        Phase.AGENT,
        hosts.MODULE,
        rights=hosts.make,
        gap=AccessGap.TOOLS,
        by_hand="the owner of the node decides which packages and policies it may have",
    ),
)

_ROLES = (
    Remedy("ROLE-01", Phase.RESTRICTIONS, nodes.MODULE, rights=nodes.make, gap=AccessGap.WIDER),
    Remedy("ROLE-02", Phase.RESTRICTIONS, nodes.MODULE, rights=nodes.make, gap=AccessGap.PARAMETERS),
    Remedy("ROLE-03", Phase.RIGHTS, nodes.MODULE, rights=nodes.make, gap=AccessGap.LACKING),
    Remedy("ROLE-04", Phase.RESTRICTIONS, nodes.MODULE, rights=nodes.make, gap=AccessGap.WIDER),
    Remedy("ROLE-05", Phase.RESTRICTIONS),
    Remedy("ROLE-06", Phase.RESTRICTIONS, nodes.MODULE, rights=nodes.make, gap=AccessGap.WIDER),
    Remedy("ROLE-07", Phase.RESTRICTIONS, effect=Effect.PROFILE),
)

_OPERATORS = (
    Remedy("OPER-01", Phase.RESTRICTIONS, guards.OPERATORS, rights=guards.guard_operators, gap=AccessGap.GUARDED),
    Remedy(
        "OPER-02",
        Phase.RESTRICTIONS,
        guards.OPERATORS,
        rights=guards.guard_operators,
        gap=AccessGap.CONDITION,
        effect=Effect.CONDITION,
    ),
    Remedy("OPER-03", Phase.RESTRICTIONS, guards.OPERATORS, rights=guards.guard_operators, gap=AccessGap.GUARDED),
    Remedy("OPER-04", Phase.DENIES, guards.OPERATORS, rights=guards.guard_operators, gap=AccessGap.GUARDED),
    Remedy("OPER-05", Phase.RESTRICTIONS, guards.OPERATORS, rights=guards.guard_operators, gap=AccessGap.GUARDED),
    Remedy("OPER-06", Phase.DENIES, guards.OPERATORS, rights=guards.guard_operators, gap=AccessGap.OF_ADMINISTRATORS),
    Remedy("OPER-07", Phase.RESTRICTIONS, guards.OPERATORS, rights=guards.guard_operators, gap=AccessGap.GUARDED),
    Remedy(
        "OPER-08", Phase.RESTRICTIONS, guards.OPERATORS, rights=guards.guard_operators, gap=AccessGap.OTHER_STATEMENTS
    ),
    Remedy("OPER-09", Phase.RESTRICTIONS),
    Remedy(
        "OPER-10", Phase.RESTRICTIONS, guards.OPERATORS, rights=guards.guard_operators, gap=AccessGap.OTHER_STATEMENTS
    ),
    Remedy("OPER-11", Phase.RESTRICTIONS),
    Remedy("OPER-12", Phase.RESTRICTIONS),
)

_NETWORK = (
    Remedy("NET-01", Phase.RESTRICTIONS),
    Remedy(
        "NET-02", Phase.RESTRICTIONS, network.GROUP, rights=network.make, gap=AccessGap.OPEN, effect=Effect.OUTBOUND
    ),
    Remedy("NET-03", Phase.ENDPOINTS, _ENDPOINTS, rights=network.make, gap=AccessGap.CLOSED, effect=Effect.ENDPOINTS),
    Remedy(
        "NET-04",
        Phase.ENDPOINTS,
        _ENDPOINTS,
        rights=network.make,
        effect=Effect.PRIVATE_DNS,
        by_hand=(
            "the endpoint then answers every client that resolves through its VPC; ask the owners of other workloads, "
            "then set private_dns_enabled and allow TCP 443 from the nodes in its security groups"
        ),
    ),
    Remedy(
        "NET-05",
        Phase.RESTRICTIONS,
        _ENDPOINTS,
        rights=network.make,
        by_hand=("other uses of the endpoint are unknown; list them, then restrict its policy"),
    ),
)

_ACCOUNT = (
    Remedy("ACCT-01", Phase.PREFERENCES, guards.GUARDRAILS, rights=guards.make_guardrails),
    Remedy("ACCT-02", Phase.PREFERENCES),
    Remedy("ACCT-03", Phase.PREFERENCES, guards.GUARDRAILS, rights=guards.make_guardrails),
    Remedy("ACCT-04", Phase.PREFERENCES),
    Remedy("ACCT-05", Phase.PREFERENCES),
    Remedy("ACCT-06", Phase.PREFERENCES),
    Remedy("ACCT-07", Phase.PREFERENCES),
    Remedy("REC-01", Phase.PREFERENCES),
    Remedy("PATH-01", Phase.PREFERENCES),
    Remedy("READ-01", Phase.PREFERENCES),
)

TABLE = (*_DOCUMENTS, *_STORES, *_OF_KEYS, *_RUN_AS, *_HOSTS, *_ROLES, *_OPERATORS, *_NETWORK, *_ACCOUNT)
REMEDIES: Mapping[str, Remedy] = {each.rule: each for each in TABLE}

RIGHTS = tuple(dict.fromkeys(each.rights for each in TABLE if each.rights is not None))
"""What makes calls for rights, in order."""

IN_NEW_PREFERENCES = tuple(each.rule for each in TABLE if each.in_new)
"""What AWS's defaults lack where there are no preferences, and new ones do not."""

RULE_OF_ASPECT: Mapping[Aspect, str] = {each.aspect: each.rule for each in TABLE if each.aspect is not None}
RULE_OF_SWITCH: Mapping[str, str] = {each.switch.key: each.rule for each in TABLE if each.switch is not None}


def effect_of(rule: str) -> Effect | None:
    """Return what else is touched where the gap of a rule is closed."""
    return REMEDIES[rule].effect
