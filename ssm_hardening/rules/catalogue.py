"""The explicit table of rules: id → module, loaded on use. Ids are never reused."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module

from ssm_hardening.core.errors import UsageError
from ssm_hardening.rules.registry import AnyRule, Rule
from ssm_hardening.verdicts.findings import matching, nearest

_MODULES: dict[str, tuple[str, ...]] = {
    "preferences.preferences": ("PREF-01", "PREF-09", "PREF-10", "PREF-15"),
    "preferences.content": ("PREF-02", "PREF-07", "PREF-08", "PREF-12"),
    "preferences.destinations": ("PREF-03", "PREF-04", "PREF-05", "PREF-06", "PREF-14"),
    "preferences.custom_documents": ("PREF-11", "PREF-13"),
    "stores.log_buckets": ("S3-01", "S3-02", "S3-03", "S3-04", "S3-05", "S3-06", "S3-07", "S3-08"),
    "stores.log_groups": ("CW-01", "CW-02", "CW-03"),
    "keys.keys": ("KMS-01", "KMS-02", "KMS-03"),
    "keys.key_policies": ("KMS-04", "KMS-05"),
    "preferences.run_as": ("RUNAS-01", "RUNAS-02"),
    "nodes.node_roles": ("ROLE-01",),
    "nodes.role_minimum": ("ROLE-03",),
    "nodes.role_rights": ("ROLE-02", "ROLE-04", "ROLE-06"),
    "nodes.role_trust": ("ROLE-05", "ROLE-07"),
    "network.security_groups": ("NET-02",),
    "network.ways_in": ("NET-01",),
    "network.endpoints": ("NET-03", "NET-04"),
    "network.endpoint_policies": ("NET-05",),
    "people.session_scope": ("OPER-01", "OPER-03", "OPER-11"),
    "people.session_documents": ("OPER-02", "OPER-04"),
    "people.shells": ("OPER-05", "OPER-10"),
    "people.escalation": ("OPER-06", "OPER-07"),
    "people.evidence": ("OPER-08", "OPER-09"),
    "people.trust": ("OPER-12",),
    "hosts.agents": ("HOST-01", "HOST-05"),
    "hosts.host_users": ("HOST-02", "HOST-03"),
    "hosts.agent_config": ("HOST-04",),
    "account.service_settings": ("ACCT-01", "ACCT-04", "ACCT-06"),
    "account.trails": ("ACCT-02", "ACCT-07"),
    "account.alerts": ("ACCT-03",),
    "account.session_history": ("ACCT-05",),
    "account.recordings": ("REC-01", "PATH-01"),
    "stores.readers": ("S3-09", "S3-10", "CW-04"),
    "keys.key_users": ("KMS-06", "KMS-07"),
    "reading.unread_code": ("READ-01",),
}
"""Topic module → the ids of the rules it holds; their functions say what they ask."""

_AROUND_SESSIONS = frozenset(
    topic
    for topic in _MODULES
    if topic.partition(".")[0] in {"account", "hosts", "network", "nodes", "people"}
    or topic in {"stores.readers", "keys.key_users"}
)
"""Topics about what only a whole picture of an account holds; a check of changed code reads none of it."""


def rule_ids() -> tuple[str, ...]:
    """Return every id, in the catalogue's order (families as first listed, then by number), without loading a rule."""
    identifiers = [identifier for held in _MODULES.values() for identifier in held]
    families = list(dict.fromkeys(_family(identifier) for identifier in identifiers))
    return tuple(sorted(identifiers, key=lambda identifier: (families.index(_family(identifier)), identifier)))


def _family(identifier: str) -> str:
    return identifier.split("-", maxsplit=1)[0]


@cache
def load_rule(identifier: str) -> AnyRule:
    """Return the rule with this id. Raises UsageError where there is none."""
    for module_name, identifiers in _MODULES.items():
        if identifier in identifiers:
            held = vars(import_module(f"ssm_hardening.rules.{module_name}")).values()
            return next(each for each in held if isinstance(each, Rule) and each.info.id == identifier)
    raise _no_rule(identifier)


def _no_rule(identifier: str) -> UsageError:
    meant = nearest(identifier, rule_ids(), otherwise="")
    hint = f"{meant} run `ssm-harden rules` to list all rules".strip()
    return UsageError(f"rule {identifier!r} does not exist", hint=hint)


def rules_named(words: Iterable[str]) -> frozenset[str]:
    """Return the ids that words name: ids and patterns such as `S3-*`, in any case, several joined by commas.

    Raises UsageError for what matches no rule, an empty word included: no choice at all must not mean every rule.
    """
    found: set[str] = set()
    for word in _apart(words):
        matched = matching(word, rule_ids())
        if not matched:
            raise _no_rule(word)
        found.update(matched)
    return frozenset(found)


def _apart(words: Iterable[str]) -> Iterator[str]:
    for joined in words:
        yield from (word.strip() for word in joined.split(","))


def load_rules(
    *, only: Iterable[str] = (), skip: Iterable[str] = (), documents_alone: bool = False
) -> tuple[AnyRule, ...]:
    """Return the rules asked for (all of them by default), in the catalogue's order; `rules_named` reads the words.

    `documents_alone`: unless named in `only`, leave out those about what stands around sessions; loading them takes a
    tenth of a check. Raises UsageError for what matches no rule, in `skip` as well as in `only`.
    """
    words = tuple(only)
    chosen, left_out = rules_named(words), rules_named(skip)
    if documents_alone:
        left_out |= _around() - _meant(words)
    wanted = [i for i in rule_ids() if (not chosen or i in chosen) and i not in left_out]
    return tuple(load_rule(identifier) for identifier in wanted)


def _around() -> frozenset[str]:
    return frozenset(i for topic in _AROUND_SESSIONS for i in _MODULES[topic])


def _meant(words: Iterable[str]) -> frozenset[str]:
    """Return the rules that are named although a check leaves them out: by their id, or by a pattern of them alone."""
    named = (frozenset(matching(word, rule_ids())) for word in _apart(words))
    return frozenset().union(*(rules for rules in named if len(rules) == 1 or rules <= _around()))
