"""Whether an agent is new enough: for the standard, and for what the preferences switch on."""

import re
from collections.abc import Iterator

from ssm_hardening.access.reach import preferences_of
from ssm_hardening.iam.logic import Answer, every
from ssm_hardening.model import Account, SessionDocument
from ssm_hardening.rules.settings import Check, Problem, literal, shown, text_setting
from ssm_hardening.standards import Thresholds
from ssm_hardening.values import Absent, Known, Text, Unknown, Value, Why

_NUMBERS = re.compile(r"\d+(\.\d+)*")


def outdated(version: Value[Text], account: Account, thresholds: Thresholds) -> Iterator[Check]:
    """Yield what the agent of this version is too old for; nothing where there is no agent."""
    match version:
        case Known() as known:
            text = literal(known)
            if isinstance(text, Unknown):
                yield text
                return
            yield from _below(Known(text, known.at), thresholds.agent_version_min)
            if _NUMBERS.fullmatch(text) is not None:
                yield from _without_features(Known(text, known.at), account, thresholds.agent_feature_floors)
        case Unknown() as gap:
            yield gap
        case Absent():
            return


def _below(version: Known[str], floor: str) -> Iterator[Problem]:
    if _NUMBERS.fullmatch(version.value) is None or _numbers(version.value) < _numbers(floor):
        yield Problem(version.at, f"the agent is version {shown(version.value)}, below {floor}")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _without_features(version: Known[str], account: Account, floors: tuple[str, ...]) -> Iterator[Check]:
    pairs = [each.split("=") for each in floors]
    lacking = [(feature, floor) for feature, floor in pairs if _numbers(version.value) < _numbers(floor)]
    document = preferences_of(account)
    if isinstance(document, Absent) or not lacking:
        return
    if isinstance(document, Unknown):
        # Evidence alone, and most code, never tells of the preferences: that is no doubt about the agent.
        yield from () if document.why is Why.OUT_OF_SCOPE else (document,)
        return
    for feature, floor in lacking:
        yield from _wanted(feature, floor, version, document)


def _wanted(feature: str, floor: str, version: Known[str], document: SessionDocument) -> Iterator[Check]:
    match _asks_for(feature, document):
        case Known(True):
            yield Problem(version.at, f"the preferences switch on {feature}, which agents below {floor} lack")
        case Known():
            return
        case Unknown() as gap:
            yield gap


def _asks_for(feature: str, document: SessionDocument) -> Answer:
    at, group, bucket = document.origin, document.cloudwatch_log_group, document.s3_bucket
    match feature:
        case "run_as":
            return _on(document.run_as_enabled)
        case "kms":
            return _set(document.kms_key)
        case "streaming":
            return every((_on(document.cloudwatch_streaming_enabled), _set(group)), at)
        case "encrypted_bucket":
            return every((_on(document.s3_encryption_enabled), _set(bucket)), at)
        case _:
            return _set(document.shell_profile_linux)


def _on(flag: Value[bool]) -> Answer:
    match flag:
        case Known() | Unknown():
            return flag
        case Absent(at):
            return Known(False, at)


def _set(value: Value[Text]) -> Answer:
    match text_setting(value):
        case Known(_, at):
            return Known(True, at)
        case Absent(at):
            return Known(False, at)
        case Unknown() as gap:
            return gap
