"""Which account a key belongs to, where only its own policy can tell."""

from ssm_hardening.iam.analysis import granted
from ssm_hardening.iam.statements import Statement
from ssm_hardening.values import Absent, Inventory, Known, Text, Unknown, Value


def owner(statements: Inventory[Statement], account: Value[Text]) -> Value[Text]:
    """Return the account of a key: the one that is known, else the one its policy refers to as the caller's own.

    KMS refuses a policy that would lock its author out, so where a single account's root, and nobody else, may change
    the key policy, that account is the key's own. A number alone is not believed: the check can be bypassed, and
    knowing the account could then only show a stranger in the owner's place.
    """
    match account:
        case Known(str()):
            return account
        case Known() | Absent() | Unknown():
            pass
    managers = granted(statements, "kms:PutKeyPolicy")
    accounts = {grant.account for grant in managers.grants}
    if managers.doubt is not None or len(accounts) != 1:
        return account
    only = accounts.pop()
    return account if only is None or isinstance(only, str) else Known(only, managers.grants[0].statement.at)
