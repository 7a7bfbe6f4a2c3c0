"""Is every other document that starts a session bounded: PREF-11."""

from collections.abc import Callable, Iterator
from typing import Any

from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Known, Record, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.model import Account, SessionDocument
from ssm_hardening.rules.kit.placeholders import Bound, bound, declared, fixed_setting, is_stored, placeholders
from ssm_hardening.rules.kit.settings import Check, Problem, conclude, literal, shown
from ssm_hardening.rules.kit.subjects import custom_documents, is_preferences, name_in_doubt
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import NotApplicable, Passed, Question, Requirement, Severity, Undecided, Verdict

_DEFAULT_IDLE_MINUTES = 20
_UNDECIDED = "whether the document is bounded cannot be told"


@rule(
    id="PREF-11",
    title="Custom session documents bounded",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=custom_documents,
    question=Question.AUDIT,
    requirement=Requirement.AUDITING,
    manual="what a custom document must leave open follows from its purpose: its author bounds the rest",
)
def pref_11(document: SessionDocument, context: Context) -> Verdict:
    """Every other session document is a door beside the preferences: what it does not ask for does not happen.

    A shell document (Standard_Stream) needs a destination of its own, fail-closed recording, an idle timeout, and Run
    As where the preferences switch it on; these weigh what they weigh there (PREF-05 to PREF-07, RUNAS-01). In a
    command document each parameter of the command needs allowedPattern or allowedValues, since the agent hands the
    text to a shell, and runAsElevated would make it root whatever Run As says. A port document names its port and its
    host; what goes through it is never recorded.

    It cannot tell where the session type, a command, a parameter or one of the settings is not known.

    Reference: AWS Systems Manager User Guide, "Session document schema".
    """
    match document.session_type:
        case Known("Standard_Stream"):
            return _judge(document, _stream(document, context), "the shell it opens is recorded and ends")
        case Known("InteractiveCommands" | "NonInteractiveCommands"):
            return _judge_properties(document, _commands, "its commands are bounded and run unelevated")
        case Known("Port"):
            return _judge_properties(document, _port, "its port and host are fixed")
        case Known(text, at) as value:
            gap = literal(value)
            if isinstance(gap, Unknown):
                return Undecided(document.origin, gap, _UNDECIDED)
            return NotApplicable(at, f"{shown(text)} is no session type (PREF-02)")
        case Absent(at):
            return NotApplicable(at, "the document names no session type (PREF-02)")
        case Unknown() as gap:
            return Undecided(document.origin, gap, _UNDECIDED)


def _judge(document: SessionDocument, checks: Iterator[Check], passed: str) -> Verdict:
    return conclude(document.origin, checks, passed=Passed(document.origin, passed), undecided=_UNDECIDED)


def _stream(document: SessionDocument, context: Context) -> Iterator[Check]:
    bucket, group = fixed_setting(document.s3_bucket), fixed_setting(document.cloudwatch_log_group)
    yield from _destination(document.origin, bucket, group)
    weights = {rule: _milder(context, rule) for rule in ("PREF-05", "PREF-06", "RUNAS-01")}
    yield from _closed(bucket, document.s3_encryption_enabled, "s3EncryptionEnabled", weights["PREF-05"])
    yield from _closed(group, document.cloudwatch_encryption_enabled, "cloudWatchEncryptionEnabled", weights["PREF-06"])
    yield from _idle(document.idle_session_timeout, context.thresholds.idle_minutes_max)
    yield from _as_whom(document.run_as_enabled, context.account, weights["RUNAS-01"])


def _milder(context: Context, rule: str) -> Severity | None:
    """Return what the standard makes of another rule, where that is milder than this one."""
    named = context.severities.get(rule)
    return named if named in {Severity.MEDIUM, Severity.LOW} else None


def _destination(origin: Origin, *destinations: Value[Text]) -> Iterator[Check]:
    if any(isinstance(item, Known) for item in destinations):
        return
    gaps = [item for item in destinations if isinstance(item, Unknown)]
    yield gaps[0] if gaps else Problem(origin, "the shell it opens is recorded nowhere")


def _closed(destination: Value[Text], switch: Value[bool], key: str, severity: Severity | None) -> Iterator[Check]:
    match destination:
        case Known():
            problem = f"{key} is off: its shell opens even where its record cannot be kept"
            yield from _switched_on(switch, problem, severity)
        case Unknown():
            yield destination
        case Absent():
            return


def _switched_on(switch: Value[bool], problem: str, severity: Severity | None) -> Iterator[Check]:
    match switch:
        case Known(flag, at):
            if not flag:
                yield Problem(at, problem, severity)
        case Absent(at):
            yield Problem(at, problem, severity)
        case Unknown():
            yield switch


def _as_whom(switch: Value[bool], account: Account, severity: Severity | None) -> Iterator[Check]:
    """Check that the shell is not ssm-user's where the preferences ask for Run As."""
    asked = _run_as_asked(account)
    if asked is False:
        return
    for check in _switched_on(
        switch, "Run As is off, which the preferences switch on: its shell is ssm-user", severity
    ):
        yield asked if isinstance(asked, Unknown) else check


def _run_as_asked(account: Account) -> bool | Unknown:
    documents = account.session_documents
    answers = [_asks_for_run_as(document) for document in documents.items]
    if any(answer is True for answer in answers):
        return True
    gaps = [answer for answer in answers if isinstance(answer, Unknown)]
    return next(iter(gaps), False if documents.gap is None else documents.gap)


def _asks_for_run_as(document: SessionDocument) -> bool | Unknown:
    if is_preferences(document) is False:
        return False
    match document.exists, document.run_as_enabled:
        case (Known(False), _) | (Absent(), _) | (_, Known(False) | Absent()):
            return False
        case (Unknown() as gap, _) | (_, Unknown() as gap):
            return gap
        case _:
            doubt = name_in_doubt(document)
            return True if doubt is None else doubt


def _idle(value: Value[int], limit: int) -> Iterator[Check]:
    match value:
        case Known(minutes, at):
            if not 1 <= minutes <= limit:
                yield Problem(at, f"its shell ends after {minutes} idle minutes ({limit} are allowed)", Severity.MEDIUM)
        case Absent(at):
            if limit < _DEFAULT_IDLE_MINUTES:
                text = f"its shell ends after {_DEFAULT_IDLE_MINUTES} idle minutes ({limit} are allowed)"
                yield Problem(at, text, Severity.MEDIUM)
        case Unknown():
            yield value


def _judge_properties(
    document: SessionDocument, checks: Callable[[SessionDocument, Record], Iterator[Check]], passed: str
) -> Verdict:
    match document.properties:
        case Known(properties):
            return _judge(document, checks(document, properties), passed)
        case Absent(at):
            return NotApplicable(at, "the document has no properties, so it starts nothing")
        case Unknown() as gap:
            return Undecided(document.origin, gap, _UNDECIDED)


def _commands(document: SessionDocument, properties: Record) -> Iterator[Check]:
    for platform, value in properties.members.items():
        match value:
            case Known(Record() as settings, at):
                yield from _command(document, platform, settings.get("commands", at))
                yield from _elevated(platform, settings.get("runAsElevated", at))
            case Known() | Absent():
                continue
            case Unknown():
                yield value
    if properties.rest is not None:
        yield properties.rest


def _command(document: SessionDocument, platform: str, command: Value[Any]) -> Iterator[Check]:
    match command:
        case Known(str() | Template() | Reference() as text, at):
            for name in placeholders(text):
                problem = Problem(at, f"nothing bounds the parameter {name} that the {platform} command takes")
                yield from _parameter(document, name, problem, lambda limits: limits.bounded)
            gap = literal(command)
            if isinstance(gap, Unknown):
                yield gap
        case Unknown():
            yield command
        case Known() | Absent():
            return


def _elevated(platform: str, value: Value[Any]) -> Iterator[Check]:
    match value:
        case Known(False | "false" | "False"):
            return
        case Known(flag, at):
            yield Problem(at, f"the {platform} command has runAsElevated {flag}: it runs as root or SYSTEM past Run As")
        case Unknown():
            yield value
        case Absent():
            return


def _port(document: SessionDocument, properties: Record) -> Iterator[Check]:
    at = document.origin
    port, host = properties.get("portNumber", at), properties.get("host", at)
    if isinstance(port, Absent):
        yield Problem(at, "it names no port")
    yield from _fixed(document, "portNumber", port)
    yield from _fixed(document, "host", host)


def _fixed(document: SessionDocument, key: str, value: Value[Any]) -> Iterator[Check]:
    """Check that whoever starts the session cannot choose the value; no host means the node itself."""
    match value:
        case Known(str() | Template() | Reference() as text, at):
            for name in placeholders(text):
                problem = Problem(at, f"{key} is the parameter {name}: whoever starts the session chooses it")
                yield from _parameter(document, name, problem, lambda limits: limits.fixed)
            gap = literal(value)
            if isinstance(gap, Unknown):
                yield gap
        case Unknown():
            yield value
        case Known() | Absent():
            return


def _parameter(
    document: SessionDocument, name: str, problem: Problem, enough: Callable[[Bound], bool]
) -> Iterator[Check]:
    """Yield the problem where the parameter of that name is not bounded enough."""
    if is_stored(name):
        yield Unknown(Why.OUT_OF_SCOPE, problem.at, f"the stored parameter {name}: who may ssm:PutParameter it decides")
        return
    parameter = declared(document.parameters, name)
    if isinstance(parameter, Absent):
        return
    limits = bound(parameter, problem.at)
    if isinstance(limits, Unknown):
        yield limits
    elif not enough(limits):
        yield problem
