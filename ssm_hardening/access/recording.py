"""Whether sessions with a document are recorded, and as whom they run.

Recorded is said only where a destination is set that is known to be there; whether a session then really is recorded
depends on the rights of the node and on what it reaches, which the rules judge.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ssm_hardening.access.node_roles import grants
from ssm_hardening.access.people import Person, person_of
from ssm_hardening.access.stores import (
    either,
    may_on_bucket,
    may_on_group,
    may_on_key,
    on_agents_key,
    on_bucket,
    on_group,
    on_upload,
)
from ssm_hardening.core.logic import (
    Answer,
    as_record,
    ask,
    chained,
    contents,
    every,
    flag,
    is_no,
    is_yes,
    negated,
    some,
    unanswered,
)
from ssm_hardening.core.origins import Origin
from ssm_hardening.core.values import (
    Absent,
    Inventory,
    Known,
    Record,
    Reference,
    Template,
    Text,
    Unknown,
    Value,
    Why,
)
from ssm_hardening.iam.decisions import Decision, Request, own_arn
from ssm_hardening.model import Account, Group, Key, LogBucket, LogGroup, Role, SessionDocument
from ssm_hardening.model.facts import exists

RUN_AS_TAG = "SSMSessionRunAs"
UNTOLD = "an unknown user"
_POWERFUL = frozenset({"root", "ssm-user", "ec2-user", "ubuntu", "admin", "centos", "rocky", "debian"})
"""Users who are root, or may become root on the images that have them."""

_COMMANDS = {"InteractiveCommands", "NonInteractiveCommands"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """Whether sessions are recorded, in words too."""

    answer: Answer
    text: str


@dataclass(frozen=True, slots=True)
class Whom:
    """As whom sessions run, in words; `root` says whether that is root, or somebody who may become root."""

    root: Answer
    text: str


def never(account: Account, because: str) -> Recorded:
    """Return that sessions are not recorded."""
    return Recorded(Known(False, account.at), f"never recorded: {because}")


def untold(why: Unknown) -> Recorded:
    """Return that it is unknown."""
    return Recorded(unanswered(why), f"recording is unknown: {why.detail}")


def recorded(document: SessionDocument, account: Account) -> Recorded:
    """Return whether sessions with this document are recorded."""
    tunnel = _is_type(document, {"Port"})
    kept = every((negated(tunnel), some(_destinations(document, account), document.origin)), document.origin)
    if is_yes(tunnel):
        return Recorded(kept, "never recorded: it is a tunnel")
    match kept:
        case Known(flag):
            return Recorded(kept, _to(document) if flag else "not recorded: no destination exists")
        case Unknown() as gap:
            return untold(gap)


def _is_type(document: SessionDocument, types: set[str]) -> Answer:
    at = document.session_type.at
    return ask(
        document.session_type,
        lambda text: text in types if isinstance(text, str) else Unknown(Why.COMPUTED, at, f"its session type, {text}"),
        absent=False,
    )


def _destinations(document: SessionDocument, account: Account) -> Iterator[Answer]:
    for destination, stores in (
        (document.s3_bucket, account.log_buckets.items),
        (document.cloudwatch_log_group, account.log_groups.items),
    ):
        mine = tuple(each for each in stores if document.address in map(str, contents(each.used_by)))
        yield _is_kept(destination, mine)


def _is_kept(destination: Value[Text], stores: tuple[LogBucket | LogGroup, ...]) -> Answer:
    return ask(destination, lambda text: _is_there(text, stores, destination.at), absent=False)


def _is_there(name: Text, stores: tuple[LogBucket | LogGroup, ...], at: Origin) -> bool | Answer:
    """Say whether a destination exists; one that whoever starts the session fills in counts for none."""
    if "{{" in str(name):
        return False
    unread = Unknown(Why.OUT_OF_SCOPE, at, f"whether {name} exists")
    return some((exists(each) for each in stores), at) if stores else unread


def _to(document: SessionDocument) -> str:
    named = (("bucket", document.s3_bucket), ("log group", document.cloudwatch_log_group))
    stores = [f"{what} {value.value}" for what, value in named if isinstance(value, Known)]
    return f"logging to {' and '.join(stores)} is configured"


def whom(document: SessionDocument, person: Person) -> Whom | None:
    """Return as whom a person's sessions with this document run; None for tunnels, which have no user of their own."""
    tunnel, elevated = _is_type(document, {"Port"}), _elevated(document)
    if is_yes(tunnel):
        return None
    if is_yes(elevated):
        return Whom(elevated, "root: the document is elevated")
    run_as = _run_as(document, person)
    root = run_as.root if is_no(elevated) else some((elevated, run_as.root), document.origin)
    return Whom(every((negated(tunnel), root), document.origin), run_as.text)


def _elevated(document: SessionDocument) -> Answer:
    """Say whether a command document runs as root or SYSTEM, past Run As."""
    commands = _is_type(document, _COMMANDS)
    return every((commands, some(_elevations(document), document.origin)), document.origin)


def _elevations(document: SessionDocument) -> Iterator[Answer]:
    systems = as_record(document.properties)
    yield from (_of_system(each) for each in systems.members.values())
    if systems.rest is not None:
        yield unanswered(systems.rest)


def _of_system(system: Value[Any]) -> Answer:
    elevated = chained(system, _elevation)
    return ask(elevated, lambda content: str(content).casefold() == "true", absent=False)


def _elevation(system: Known[Any]) -> Value[Any]:
    return system.value.get("runAsElevated", system.at) if isinstance(system.value, Record) else Absent(system.at)


def _run_as(document: SessionDocument, person: Person) -> Whom:
    enabled = flag(document.run_as_enabled, absent=False)
    if isinstance(enabled, Unknown):
        return Whom(enabled, UNTOLD)
    return _named(document, person) if enabled.value else ssm_user(Known(True, enabled.at))


def ssm_user(root: Answer) -> Whom:
    """Return the user of sessions without Run As."""
    return Whom(root, "ssm-user, which can become root")


def _named(document: SessionDocument, person: Person) -> Whom:
    tag = _tag(person)
    match tag:
        case Known() as user:
            return _user(user)
        case Unknown() as gap:
            return Whom(unanswered(gap), f"the user named by the tag {RUN_AS_TAG}, which was not read")
        case Absent():
            pass
    match document.run_as_default_user:
        case Known() as user:
            return _user(user)
        case Absent(at):
            return Whom(Known(False, at), "nobody: Run As sets no user, so sessions are refused")
        case Unknown() as gap:
            return Whom(unanswered(gap), UNTOLD)


def _tag(person: Person) -> Value[Text]:
    fact = person.fact
    if isinstance(fact, Group):
        return Unknown(Why.OUT_OF_SCOPE, fact.origin, f"the tag {RUN_AS_TAG} of the users in the group")
    return chained(fact.tags, lambda tags: tags.value.get(RUN_AS_TAG, tags.at))


def _user(user: Known[Text]) -> Whom:
    match user.value:
        case str() as text if "{{" not in text:
            return Whom(Known(text in _POWERFUL, user.at), text)
        case str() | Reference() | Template() as text:
            return Whom(Unknown(Why.COMPUTED, user.at, f"the Run As user {text}"), f"{text}, whose value is unknown")


_STREAM = ":log-stream:example-0123456789abcdef0"


@dataclass(frozen=True, slots=True)
class Right:
    """An action that the role needs, where (` on the log bucket`), and whether it may."""

    action: str
    where: str
    decision: Decision


def bucket_rights(account: Account, role: Role, bucket: LogBucket, prefix: Value[Text]) -> Iterator[Right]:
    """Yield what a node needs to record into a bucket; what the bucket's own policy grants counts."""
    put = on_upload(account, role, bucket, prefix)
    look = on_bucket(account, role, "s3:GetEncryptionConfiguration", bucket)
    for asked, action in ((put, "s3:PutObject"), (look, "s3:GetEncryptionConfiguration")):
        yield Right(action, " on the log bucket", _on_bucket(account, role, asked, bucket))


def _on_bucket(account: Account, role: Role, asked: Iterable[Request], bucket: LogBucket) -> Decision:
    """Return what the role's policies say, or else those and the bucket's together."""
    unbound = replace(bucket, statements=Inventory())
    requests = tuple(asked)
    return either(may_on_bucket(person_of(role, account), requests, each) for each in (unbound, bucket))


def group_rights(account: Account, role: Role, group: LogGroup) -> Iterator[Right]:
    """Yield what a node needs to record into a log group."""
    for action in ("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"):
        asked = on_group(account, role, action, group, _STREAM)
        yield Right(action, " on the log group", may_on_group(person_of(role, account), asked))
    every = own_arn("logs", "log-group::log-stream:", account.account, account.region)
    yield Right("logs:DescribeLogGroups", "", grants(account, role, "logs:DescribeLogGroups", every))


def key_right(account: Account, role: Role, key: Key, action: str, where: str) -> Right:
    """Return one right to use a key, by the role's policies or by the key's."""
    asked = on_agents_key(account, role, action, key)
    decision = either((may_on_group(person_of(role, account), asked), may_on_key(person_of(role, account), asked, key)))
    return Right(action, where, decision)
