"""The path of a session as a picture: operator, Session Manager, node, stores and keys, and what is known of each link.

A link is good only where rules that speak about it passed and none of them is undecided; one failure breaks it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from ssm_hardening.access.path_links import PathLink, Step
from ssm_hardening.access.paths import path_of
from ssm_hardening.core.logic import is_no
from ssm_hardening.core.values import Unknown
from ssm_hardening.model import Account
from ssm_hardening.verdicts.findings import Crashed, Failed, Finding, NotApplicable, Passed, Undecided, Verdict

_PATH = "PATH"
"""The family of the rule that follows the whole path: of its failures, only the steps that are broken count."""


class State(StrEnum):
    """What is known of a link."""

    GOOD = "good"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class _Stretch(NamedTuple):
    """A link of the picture: between what, what it is about, and which rules and steps of the path speak about it."""

    key: str
    ends: tuple[str, str]
    about: str
    families: tuple[str, ...]
    steps: tuple[Step, ...] = ()


_STRETCHES = (
    _Stretch("start", ("Operator", "Session Manager"), "who may start sessions, and on what", ("OPER",)),
    _Stretch(
        "settings",
        ("Session Manager", "Preferences"),
        "what is recorded, and the settings of sessions and of the account",
        ("PREF", "ACCT", "REC"),
        (Step.PREFERENCES,),
    ),
    _Stretch(
        "node",
        ("Session Manager", "Node"),
        "the network, the role of the node, its agent, and the user that a session runs as",
        ("NET", "ROLE", "HOST", "RUNAS"),
        (Step.ROLE, Step.NETWORK),
    ),
    _Stretch("bucket", ("Node", "Log bucket"), "recordings in Amazon S3", ("S3",), (Step.BUCKET,)),
    _Stretch("group", ("Node", "Log group"), "recordings in CloudWatch Logs", ("CW",), (Step.GROUP,)),
    _Stretch(
        "keys",
        ("Node", "KMS keys"),
        "the keys of sessions, of the bucket, and of the log group",
        ("KMS",),
        (Step.SESSION_KEY, Step.BUCKET_KEY, Step.GROUP_KEY),
    ),
)


class PictureLink(NamedTuple):
    """A link as it is drawn: rules are listed by id, `where` names the roots in which one failed."""

    key: str
    start: str
    end: str
    about: str
    state: State
    failed: tuple[str, ...]
    undecided: tuple[str, ...]
    passed: tuple[str, ...]
    where: tuple[str, ...]


class _Vote(NamedTuple):
    """What one finding says about a link."""

    state: State
    finding: Finding


def picture(findings: Sequence[Finding], accounts: Sequence[Account]) -> tuple[PictureLink, ...]:
    """Return the links in the order of the path. Waived findings count neither way."""
    counted = [each for each in findings if each.waiver is None and not isinstance(each.verdict, NotApplicable)]
    walked = [(each, _steps(each, accounts)) for each in counted if _family(each) == _PATH]
    return tuple(_drawn(each, [*_votes(each, counted), *_walked(each, walked)]) for each in _STRETCHES)


def _family(finding: Finding) -> str:
    return finding.rule.id.rpartition("-")[0]


def _votes(stretch: _Stretch, findings: Iterable[Finding]) -> Iterator[_Vote]:
    for finding in findings:
        if _family(finding) in stretch.families:
            yield _Vote(_state(finding.verdict), finding)


def _state(verdict: Verdict) -> State:
    match verdict:
        case Passed():
            return State.GOOD
        case Failed():
            return State.BROKEN
        case Undecided() | Crashed() | NotApplicable():
            return State.UNKNOWN


def _walked(stretch: _Stretch, walked: Iterable[tuple[Finding, Mapping[Step, State]]]) -> Iterator[_Vote]:
    for finding, steps in walked:
        yield from (_Vote(steps[step], finding) for step in stretch.steps if step in steps)


def _steps(finding: Finding, accounts: Iterable[Account]) -> dict[Step, State]:
    """Return what the path of a node says of each of its steps.

    A failure whose node is not at hand breaks some step, and nobody knows which.
    """
    if isinstance(finding.verdict, Crashed):
        return dict.fromkeys(Step, State.UNKNOWN)
    for account in accounts:
        node = next((each for each in account.instances if each.address == finding.subject), None)
        if node is not None and account.root == finding.root:
            return _of_links(path_of(node, account))
    return dict.fromkeys(Step, State.GOOD if isinstance(finding.verdict, Passed) else State.UNKNOWN)


def _of_links(links: Iterable[PathLink]) -> dict[Step, State]:
    found: dict[Step, list[State]] = {}
    for link in links:
        state = State.BROKEN if is_no(link.answer) else State.GOOD
        found.setdefault(link.step, []).append(State.UNKNOWN if isinstance(link.answer, Unknown) else state)
    return {step: _worst(states) for step, states in found.items()}


def _worst(states: Iterable[State]) -> State:
    found = set(states)
    return next((each for each in (State.BROKEN, State.UNKNOWN, State.GOOD) if each in found), State.UNKNOWN)


def _drawn(stretch: _Stretch, votes: Sequence[_Vote]) -> PictureLink:
    failed = [each.finding for each in votes if each.state is State.BROKEN]
    return PictureLink(
        stretch.key,
        *stretch.ends,
        stretch.about,
        _worst(each.state for each in votes),
        failed=_ids(failed),
        undecided=_ids(each.finding for each in votes if each.state is State.UNKNOWN),
        passed=_ids(each.finding for each in votes if each.state is State.GOOD),
        where=tuple(sorted({finding.root for finding in failed})),
    )


def _ids(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(sorted({finding.rule.id for finding in findings}))
