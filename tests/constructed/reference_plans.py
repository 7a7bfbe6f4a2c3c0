"""The verdicts that follow from a configuration as code, as a plan, or as both."""

from collections.abc import Iterator

from tests.constructed.expecting import FAILED, GLOBAL, NOT_PASSED, PASSED, UNDECIDED, UNSURE, Expected
from tests.constructed.places import HOME
from tests.constructed.plan_forms import (
    Blocks,
    Expiry,
    Joined,
    Many,
    Metadata,
    Named,
    PlanForm,
    Port,
    Rights,
    Source,
    Stage,
    Switch,
    Versions,
    Where,
)

DOCUMENT, NODE, ROLE = "aws_ssm_document.preferences", "aws_instance.node", "aws_iam_role.node"

_CREATED = {Stage.NEW, Stage.REPLACED}
"""Where the bucket gets its id when the plan is applied."""


def of_plan(case: PlanForm) -> Iterator[Expected]:
    """Yield the verdicts on the preferences, the bucket, and the node: of code and its own plan, one on each."""
    for rule, right in _of_document(case).items():
        yield Expected(rule, DOCUMENT, HOME, right, once=True)
    index = {Many.ONE: "", Many.COUNT: "[0]", Many.EACH: '["one"]'}[case.many]
    bucket = f"{'module.stores.' if case.where is Where.MODULE else ''}aws_s3_bucket.records{index}"
    for rule, right in _of_bucket(case).items():
        yield Expected(rule, bucket, "*", right, once=True)
    yield from _of_node(case)


def _is_told(case: PlanForm) -> bool:
    """Say whether the content of the preferences is known: a plan knows the id of what it creates after apply only."""
    return case.source is not Source.PLAN or case.named is not Named.ID or case.stage not in _CREATED


def _of_document(case: PlanForm) -> dict[str, frozenset[str]]:
    if not _is_told(case):
        # It refers to the bucket; which input does, and what the others are, is not in the plan.
        return {"PREF-03": UNSURE, "PREF-05": UNDECIDED, "S3-01": UNSURE}
    return {"PREF-03": PASSED, "PREF-05": FAILED if case.switch is Switch.OFF else PASSED, "S3-01": PASSED}


def _is_joined(case: PlanForm) -> bool:
    """Say whether it is known which bucket the settings are of: no plan says what a local value refers to."""
    return case.source is not Source.PLAN or case.joined is not Joined.LOCAL or case.stage not in _CREATED


def _of_bucket(case: PlanForm) -> dict[str, frozenset[str]]:
    if not _is_joined(case):
        return {
            "S3-03": NOT_PASSED if case.blocks is Blocks.OFF else UNDECIDED,
            "S3-04": FAILED if case.versions is Versions.UNSET else UNDECIDED,
            "S3-05": {Expiry.UNSET: FAILED, Expiry.SHORT: NOT_PASSED, Expiry.LONG: UNDECIDED}[case.expiry],
        }
    return {
        "S3-03": _blocked(case),
        "S3-04": PASSED if case.versions is Versions.ENABLED else FAILED,
        "S3-05": PASSED if case.expiry is Expiry.LONG else FAILED,
    }


def _blocked(case: PlanForm) -> frozenset[str]:
    if case.stage is Stage.REMOVED and case.source is not Source.CODE:
        return NOT_PASSED  # the plan deletes it
    return {Blocks.ON: PASSED, Blocks.OFF: FAILED, Blocks.UNSET: UNDECIDED}[case.blocks]


def _of_node(case: PlanForm) -> Iterator[Expected]:
    is_open = case.port is Port.SSH
    yield Expected("NET-01", NODE, HOME, FAILED if is_open else PASSED, "critical" if is_open else "", once=True)
    yield Expected("ROLE-07", NODE, HOME, _metadata(case), once=True)
    is_all = case.rights is Rights.EVERYTHING
    right = FAILED if is_all else PASSED
    yield Expected("ROLE-01", ROLE, GLOBAL, right, "critical" if is_all else "", once=True)
    yield Expected("ROLE-02", ROLE, GLOBAL, right, once=True)
    needed = PASSED if _is_told(case) else UNSURE
    yield Expected("ROLE-03", ROLE, GLOBAL, needed, once=True)


def _metadata(case: PlanForm) -> frozenset[str]:
    """Return what is right about tokens. Where they are not set, a plan knows what an instance that exists has."""
    match case.metadata:
        case Metadata.REQUIRED:
            return PASSED
        case Metadata.OPTIONAL:
            return FAILED
        case Metadata.UNSET:
            if case.stage is not Stage.UPDATED or case.source is Source.CODE:
                return UNDECIDED
            return FAILED if case.source is Source.PLAN else NOT_PASSED
