"""What session documents leave to whoever starts a session: PREF-11 and PREF-13."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ssm_hardening.core.errors import counted
from ssm_hardening.core.logic import Answer, ask, certainly, every, flag, is_no, is_yes, known_or, mapped, some, text_of
from ssm_hardening.core.memory import Memory
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import Absent, Items, Known, Record, Reference, Template, Text, Unknown, Value, Why
from ssm_hardening.model import Account, SessionDocument
from ssm_hardening.model.facts import exists
from ssm_hardening.model.placeholders import (
    Bound,
    bound,
    declared,
    fixed_setting,
    is_stored,
    leaves_a_choice,
    placeholders,
)
from ssm_hardening.rules.kit.checks import Check, Problem, conclude, gaps, headed, shown, unless, when, wrong
from ssm_hardening.rules.kit.subjects import custom_documents, is_preferences, session_documents
from ssm_hardening.rules.registry import Context, rule
from ssm_hardening.verdicts.findings import NotApplicable, Passed, Severity, Undecided, Verdict

_DEFAULT_IDLE_MINUTES = 20
_UNDECIDED = "whether the document is restricted is unknown"


@rule(
    id="PREF-11",
    title="Custom session documents are restricted",
    headline="Custom session document is too permissive",
    severity=Severity.HIGH,
    may=(Severity.MEDIUM, Severity.LOW),
    over=custom_documents,
    manual="only the author of the document knows what callers must be able to choose: restrict it as far as its "
    "purpose allows",
)
def bounds_custom_documents(document: SessionDocument, context: Context) -> Verdict:
    """A custom session document bypasses the session preferences: only the settings in the document itself apply.

    A shell document (Standard_Stream) needs its own log destination, logging that fails closed, an idle timeout, and
    Run As if the preferences turn it on; the severities are those of PREF-05 to PREF-07 and RUNAS-01. In a command
    document, each parameter of the command needs allowedValues, or an allowedPattern without a part that accepts free
    text (such as .* or [^ ]+), because the agent passes the text to a shell; runAsElevated runs the command as root,
    regardless of Run As. A port document must have a fixed port and host; the traffic that passes through it is never
    recorded.

    Undecided when the session type, a command, a parameter, or one of the settings is unknown.

    Reference: AWS Systems Manager User Guide, "Session document schema".
    """
    match text_of(document.session_type):
        case Known("Standard_Stream"):
            return _judge(document, _stream(document, context), "its shell is recorded, and times out")
        case Known("InteractiveCommands" | "NonInteractiveCommands"):
            return _judge_properties(document, _commands, "its commands are restricted and do not run elevated")
        case Known("Port"):
            return _judge_properties(document, _port, "its port and host are fixed")
        case Known(text, at):
            return NotApplicable(at, f"{shown(text)} is not a valid session type (PREF-02)")
        case Absent(at):
            return NotApplicable(at, "the document has no session type (PREF-02)")
        case Unknown() as gap:
            return Undecided(document.origin, gap, _UNDECIDED)


def _judge(document: SessionDocument, checks: Iterable[Check], passed: str) -> Verdict:
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
    problem = Problem(origin, "its shell is not recorded anywhere", headline="Custom shell is recorded nowhere")
    yield next(gaps(*destinations), problem)


def _closed(destination: Value[Text], switch: Value[bool], key: str, severity: Severity | None) -> Iterator[Check]:
    yield from gaps(destination)
    if isinstance(destination, Known):
        text = f"{key} is off: its shell opens even if it cannot be recorded"
        yield from headed("Custom shell opens if logging fails", unless(flag(switch, absent=False), text, severity))


def _as_whom(switch: Value[bool], account: Account, severity: Severity | None) -> Iterator[Check]:
    """Check that the shell is not ssm-user's where the preferences ask for Run As."""
    asked = _run_as(account)
    if not is_no(asked):
        text = "Run As is off here but on in the preferences: its shell runs as ssm-user"
        for check in headed("Custom shell runs as ssm-user", unless(flag(switch, absent=False), text, severity)):
            yield asked if isinstance(asked, Unknown) else check


def _run_as_asked(account: Account) -> Answer:
    """Say whether the preferences ask for Run As; documents that were not read have other names than known ones."""
    documents = account.session_documents
    known = some((every((exists(each), is_preferences(each)), each.origin) for each in documents), account.at)
    unread = () if is_yes(known) else gaps(documents.gap)
    return some((*(_asks_for_run_as(document) for document in documents), *unread), account.at)


_run_as: Memory[[Account], Answer] = Memory(_run_as_asked, most=64)
"""Every document asks it of its account."""


def _asks_for_run_as(document: SessionDocument) -> Answer:
    switch = flag(document.run_as_enabled, absent=False)
    return every((exists(document), switch, is_preferences(document)), document.origin)


def _idle(value: Value[int], limit: int) -> Iterator[Check]:
    def too_long(minutes: int) -> str:
        ends = f"its shell ends after {counted(minutes, 'idle minute')} (allowed: 1 to {limit})"
        return "" if 1 <= minutes <= limit else ends

    checks = wrong(value, too_long, absent=too_long(_DEFAULT_IDLE_MINUTES), severity=Severity.MEDIUM)
    return headed("Custom shell stays open when idle", checks)


def _judge_properties(
    document: SessionDocument, checks: Callable[[SessionDocument, Record], Iterator[Check]], passed: str
) -> Verdict:
    properties = document.properties
    if isinstance(properties, Absent):
        return NotApplicable(properties.at, "the document has no properties, so it does not start anything")
    found = checks(document, properties.value) if isinstance(properties, Known) else (properties,)
    return _judge(document, found, passed)


def _member(record: Record, key: str, at: Origin) -> Value[Any]:
    """Return a member of the properties as the agent finds it: in any case, and of several the last."""
    written = [name for name in record.members if name.lower() == key.lower()]
    return record.get(written[-1] if written else key, at)


def _commands(document: SessionDocument, properties: Record) -> Iterator[Check]:
    for platform, value in properties.members.items():
        yield from gaps(value)
        if isinstance(value, Known) and isinstance(value.value, Record):
            command = _command(document, platform, _member(value.value, "commands", value.at))
            yield from headed("Command accepts unrestricted input", command)
            yield from _elevated(platform, _member(value.value, "runAsElevated", value.at))
    yield from gaps(properties.rest)


def _command(document: SessionDocument, platform: str, command: Value[Any]) -> Iterator[Check]:
    def problem(name: str) -> str:
        return f"the {platform} command accepts free text for the parameter {name}"

    return _text(document, command, problem, lambda limits: limits.bounded)


def _elevated(platform: str, value: Value[Any]) -> Iterator[Check]:
    def past_run_as(flag: object) -> str:
        if flag is False or flag in {"false", "False"}:
            return ""
        said = "set, and not to false" if isinstance(flag, Record | Items) else flag
        return f"runAsElevated of the {platform} command is {said}: it runs as root or SYSTEM, ignoring Run As"

    return headed("Command runs as root despite Run As", wrong(value, past_run_as))


def _port(document: SessionDocument, properties: Record) -> Iterator[Check]:
    """Check that whoever starts the session chooses neither port nor host; no host means the node itself."""
    at = document.origin
    settings = {key: _member(properties, key, at) for key in ("portNumber", "host")}
    if isinstance(settings["portNumber"], Absent):
        yield Problem(at, "the document does not set a port", headline="Port document does not set a port")
    for key, value in settings.items():
        chosen = f"{key} is the parameter {{}}: the caller who starts the session chooses it"
        chooses = _text(document, value, chosen.format, lambda limits: limits.fixed)
        yield from headed("Callers choose the port or host of a tunnel", chooses)


def _text(
    document: SessionDocument, value: Value[Any], problem: Callable[[str], str], enough: Callable[[Bound], bool]
) -> Iterator[Check]:
    """Check each parameter that a text takes: the problem of its name, where it is not bounded enough."""
    if isinstance(value, Known) and not isinstance(value.value, str | Template | Reference):
        return
    for name in known_or(mapped(value, placeholders), ()):
        yield from _parameter(document, name, Problem(value.at, problem(name)), enough)
    yield from gaps(text_of(value))


def _parameter(
    document: SessionDocument, name: str, problem: Problem, enough: Callable[[Bound], bool]
) -> Iterator[Check]:
    """Yield the problem where the parameter of that name is not bounded enough."""
    if is_stored(name):
        yield Unknown(
            Why.OUT_OF_SCOPE,
            problem.at,
            f"the value of the stored parameter {name}, which anyone with ssm:PutParameter on it can set",
        )
        return
    parameter = declared(document.parameters, name)
    if isinstance(parameter, Absent):
        return
    yield from unless(ask(bound(parameter), enough, absent=False), problem.text, at=problem.at)


@rule(
    id="PREF-13",
    title="Callers cannot choose logging, keys, or identity",
    headline="Callers choose logging, key, or user",
    severity=Severity.HIGH,
    over=session_documents,
    manual="only the owner of the document can choose the values: replace the parameters that are listed here with "
    "fixed values",
)
def leaves_callers_no_choice(document: SessionDocument, _context: Context) -> Verdict:
    """If an input of a session document is a `{{ parameter }}`, the person who starts the session chooses its value.

    If that input is the bucket, the log group, a switch, the key, or the Run As user, the people being recorded decide
    whether they are recorded and which user they run as. A `{{ssm:name}}` is set by anyone who has ssm:PutParameter on
    that parameter.

    Undecided when one of these values or the document's list of parameters is unknown, or when a value comes from
    Parameter Store.

    Reference: AWS Systems Manager User Guide, "Session document schema".
    """
    passed = Passed(document.origin, "the document has fixed values for logging, keys, and identity")
    undecided = "whether callers choose how they are recorded is unknown"
    return conclude(document.origin, _choices(document), passed=passed, undecided=undecided)


def _choices(document: SessionDocument) -> Iterator[Check]:
    for key, text in _choosable(document).items():
        yield from _taken_in(document, key, text)
    for key, switch in _switches(document).items():
        if isinstance(switch, Unknown):
            yield from _switch(document, key, switch)


def _choosable(document: SessionDocument) -> Mapping[str, Value[Text]]:
    return {
        "s3BucketName": document.s3_bucket,
        "s3KeyPrefix": document.s3_key_prefix,
        "cloudWatchLogGroupName": document.cloudwatch_log_group,
        "kmsKeyId": document.kms_key,
        "runAsDefaultUser": document.run_as_default_user,
    }


def _switches(document: SessionDocument) -> Mapping[str, Value[bool]]:
    return {
        "s3EncryptionEnabled": document.s3_encryption_enabled,
        "cloudWatchEncryptionEnabled": document.cloudwatch_encryption_enabled,
        "cloudWatchStreamingEnabled": document.cloudwatch_streaming_enabled,
        "runAsEnabled": document.run_as_enabled,
    }


def _switch(document: SessionDocument, key: str, gap: Unknown) -> Iterator[Check]:
    """Look at a switch without a value: readers name the parameter that stands in its place."""
    for name in placeholders(gap.detail):
        yield from _placeholder(document, key, name, gap.at)
    yield gap


def _taken_in(document: SessionDocument, key: str, value: Value[Text]) -> Iterator[Check]:
    for name in known_or(mapped(value, placeholders), ()):
        yield from _placeholder(document, key, name, value.at)
    if not certainly(value, lambda text: isinstance(text, Reference)):
        yield from gaps(text_of(value))


def _placeholder(document: SessionDocument, key: str, name: str, at: Origin) -> Iterator[Check]:
    if is_stored(name):
        stored = name.removeprefix("ssm:")
        detail = f"{key}, which is the stored parameter {stored}: anyone with ssm:PutParameter on it can set it"
        yield Unknown(Why.OUT_OF_SCOPE, at, detail)
        return
    chosen = leaves_a_choice(declared(document.parameters, name))
    yield from when(chosen, f"{key} is {{{{ {name} }}}}: the caller who starts the session chooses it", at=at)
