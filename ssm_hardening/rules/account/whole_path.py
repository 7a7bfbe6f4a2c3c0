"""From a node to a recorded session, link by link: PATH-01."""

from typing import TYPE_CHECKING

from ssm_hardening.access.paths import broken, open_links, path_of
from ssm_hardening.core.values import Inventory, Unknown
from ssm_hardening.model import Account
from ssm_hardening.rules.kit.sources import told, unless_declared
from ssm_hardening.rules.registry import Context, Selector, rule
from ssm_hardening.verdicts.findings import Failed, Passed, Question, Related, Requirement, Severity, Undecided, Verdict

if TYPE_CHECKING:
    # Loaded on demand: the pre-commit check, which reads code, never needs them.
    from ssm_hardening.model import Instance


def _nodes(account: Account) -> "Inventory[Instance]":
    return told(account, account.instances)


_all_nodes: "Selector[Instance]" = Selector(
    "nodes", _nodes, silence=unless_declared(lambda account: account.instances, "which nodes there are")
)


@rule(
    id="PATH-01",
    title="A session on the node starts, and is recorded",
    severity=Severity.HIGH,
    over=_all_nodes,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    also=(Requirement.SECURE_ACCESS,),
    manual="the step is that of the link that is broken, which the finding names",
)
def leads_to_a_recorded_session(node: "Instance", context: Context) -> Verdict:
    """Each part may be in order by itself while the parts disagree: a bucket whose key the node's role may not use.

    Followed for each node: its role and the rights of the agent; the services that sessions need, by endpoint or way
    out, and the endpoints' policies; the preferences; the session key; the log bucket, its policy and its key; the log
    group, its key and what the key's policy lets CloudWatch Logs do. The first link that is broken is the finding, the
    others stand beside it.

    It cannot tell where a link is not known and none is broken, such as the role of a node without instance profile,
    or what is behind a transit gateway. Service control policies and the host itself are not looked at: a path that
    holds here has to be walked once, with a canary.

    Reference: AWS Systems Manager User Guide, "Setting up Session Manager".
    """
    links = path_of(node, context.account)
    wrong = broken(links)
    if wrong:
        first, *others = wrong
        related = tuple(Related(each.at, f"{each.step}: {each.broken}") for each in others)
        return Failed(node.origin, f"the path breaks at the {first.step}: {first.broken}", related=related)
    for link in open_links(links):
        if isinstance(link.answer, Unknown):
            detail = f": {link.broken}" if link.broken else ""
            return Undecided(node.origin, link.answer, f"whether the {link.step} holds cannot be told{detail}")
    return Passed(node.origin, f"all {len(links)} links from the node to the recording hold, as far as policies say")
