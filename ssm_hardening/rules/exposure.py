"""What is found in a resource's own policy, as checks of a rule."""

from collections.abc import Iterator

from ssm_hardening.iam.analysis import Exposure
from ssm_hardening.rules.settings import Check, Problem


def exposed(exposure: Exposure, problem: str) -> Iterator[Check]:
    """Yield a problem for each grant that is certain, and the doubt whether there are more."""
    for grant in exposure.grants:
        named = "" if grant.principal == "everybody" else f": {grant.principal}"
        yield Problem(grant.statement.at, f"{problem}{named}")
    if exposure.doubt is not None:
        yield exposure.doubt
