"""Keys: who uses one, what its policy says, how it is kept; and the verdicts that follow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.constructed.axes import never
from tests.constructed.covering import Design
from tests.constructed.expecting import (
    FAILED,
    HARMLESS,
    NOT_FAILED,
    NOT_PASSED,
    PASSED,
    SILENT,
    UNDECIDED,
    Expected,
)
from tests.constructed.places import HERE, HOME, OWNER, PROVIDER, STRANGER
from tests.constructed.writing import Statement, allow, block, policy, preferences, resource, setting, trust


class Use(StrEnum):
    """What the key encrypts."""

    SESSIONS = "sessions"
    GROUP = "log group of sessions"
    BUCKET = "log bucket"
    FUNCTION = "log group of a function"
    NOTHING = "nothing"


class Admitted(StrEnum):
    """Whom the key's policy lets use the key, beside the account."""

    UNSET = "policy not set"
    LOGS = "CloudWatch Logs of the Region"
    LOGS_GLOBAL = "CloudWatch Logs without a Region"
    LOGS_PARTLY = "CloudWatch Logs, but for ReEncrypt and Describe"
    EVERYBODY = "everybody"
    OWN_ACCOUNT = "everybody of the own account"
    SERVICE = "everybody through a service"
    STRANGER = "everybody of another account"


class Care(StrEnum):
    """How the key is kept."""

    KEPT = "rotation, long window"
    CARELESS = "no rotation, short window"
    UNSET = "rotation not set"


class State(StrEnum):
    """Whether the key can encrypt."""

    USABLE = "key can encrypt"
    DISABLED = "key disabled"
    SIGNING = "key for signatures"


class Named(StrEnum):
    """How the user of the key names it."""

    ARN = "by its ARN"
    ID = "by its id"
    ALIAS = "by the ARN of an alias"
    ALIAS_NAME = "by the name of an alias"


class Instances(StrEnum):
    """How the key is declared."""

    PLAIN = "one key"
    COUNT = "key with count"
    EACH = "key with for_each"


class Operators(StrEnum):
    """What people who open sessions may do with the key."""

    NONE = "no people"
    ENCRYPT = "people generate data keys"
    DECRYPT = "people decrypt"


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One value of each axis."""

    use: Use
    admitted: Admitted
    care: Care
    state: State
    named: Named
    instances: Instances
    operators: Operators


_OTHER_NAMES = set(Named) - {Named.ARN}

DESIGN = Design(
    KeyUse,
    (
        never("CloudWatch Logs takes the ARN of a key", [Use.GROUP, Use.FUNCTION], _OTHER_NAMES),
        never("what nothing uses is not named", [Use.NOTHING], _OTHER_NAMES),
        never("a key for signatures does not rotate", [State.SIGNING], [Care.KEPT]),
    ),
)

_ALIASES = {Named.ALIAS: "arn", Named.ALIAS_NAME: "name"}
_INSTANCE = {Instances.PLAIN: "", Instances.COUNT: "[0]", Instances.EACH: '["one"]'}
_META = {Instances.PLAIN: "", Instances.COUNT: "count = 1", Instances.EACH: 'for_each = toset(["one"])'}
_KEPT = {
    Care.KEPT: ("enable_key_rotation = true", "deletion_window_in_days = 30"),
    Care.CARELESS: ("enable_key_rotation = false", "deletion_window_in_days = 7"),
    Care.UNSET: (),
}
_STATE = {
    State.USABLE: (),
    State.DISABLED: ("is_enabled = false",),
    State.SIGNING: (setting("key_usage", "SIGN_VERIFY"), setting("customer_master_key_spec", "RSA_2048")),
}
_WHOLE = ("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")
_PARTLY = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*")


def _service(name: str, actions: tuple[str, ...] = _WHOLE) -> Statement:
    return {**allow(actions), "Principal": {"Service": name}}


def _everybody(**condition: str) -> Statement:
    statement = {**allow("kms:Decrypt"), "Principal": "*"}
    return {**statement, "Condition": {"StringEquals": condition}} if condition else statement


_LOGS = f"logs.{HOME}.amazonaws.com"
_ADMITTING: Mapping[Admitted, Statement] = {
    Admitted.LOGS: _service(_LOGS),
    Admitted.LOGS_GLOBAL: _service("logs.amazonaws.com"),
    Admitted.LOGS_PARTLY: _service(_LOGS, _PARTLY),
    Admitted.EVERYBODY: _everybody(),
    Admitted.OWN_ACCOUNT: _everybody(**{"kms:CallerAccount": OWNER}),
    Admitted.SERVICE: _everybody(**{"kms:ViaService": f"s3.{HOME}.amazonaws.com"}),
    Admitted.STRANGER: _everybody(**{"kms:CallerAccount": STRANGER}),
}


def files(case: KeyUse) -> Mapping[str, bytes]:
    """Return the content of each file, by path."""
    return {"main.tf": ("\n\n".join(_parts(case)) + "\n").encode()}


def _parts(case: KeyUse) -> Iterator[str]:
    yield PROVIDER
    yield from _stores(case)
    yield _key(case)
    if case.named in _ALIASES:
        target = f"target_key_id = aws_kms_key.main{_INSTANCE[case.instances]}.key_id"
        yield resource("aws_kms_alias", "main", HERE, setting("name", "alias/main"), target)
    if case.operators is not Operators.NONE:
        yield from _people(case)


def _name(case: KeyUse) -> str:
    if case.named in _ALIASES:
        return f"aws_kms_alias.main.{_ALIASES[case.named]}"
    return f"aws_kms_key.main{_INSTANCE[case.instances]}.{'key_id' if case.named is Named.ID else 'arn'}"


def _key(case: KeyUse) -> str:
    lines = [_META[case.instances], *_KEPT[case.care], *_STATE[case.state]]
    if case.admitted is not Admitted.UNSET:
        delegation = {**allow("kms:*"), "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}}
        lines.append(f"policy = {policy(delegation, _ADMITTING[case.admitted])}")
    return resource("aws_kms_key", "main", HERE, *lines)


def _stores(case: KeyUse) -> Iterator[str]:
    key = _name(case)
    inputs = (
        "s3BucketName = aws_s3_bucket.records.id",
        "cloudWatchLogGroupName = aws_cloudwatch_log_group.records.name",
        f"kmsKeyId = {key}" if case.use is Use.SESSIONS else "",
    )
    yield preferences("preferences", HERE, *inputs)
    yield resource("aws_s3_bucket", "records", HERE, setting("bucket", "records-of-sessions"))
    if case.use is Use.BUCKET:
        default = (setting("sse_algorithm", "aws:kms"), f"kms_master_key_id = {key}")
        rule = block("rule", block("apply_server_side_encryption_by_default", *default))
        bucket = "bucket = aws_s3_bucket.records.id"
        yield resource("aws_s3_bucket_server_side_encryption_configuration", "records", HERE, bucket, rule)
    own = f"kms_key_id = {key}"
    sessions, function = (own if case.use is use else "" for use in (Use.GROUP, Use.FUNCTION))
    yield resource("aws_cloudwatch_log_group", "records", HERE, setting("name", "/sessions/records"), sessions)
    yield resource("aws_cloudwatch_log_group", "shop", HERE, setting("name", "/aws/lambda/shop"), function)


def _people(case: KeyUse) -> Iterator[str]:
    role = (setting("name", "operator"), f"assume_role_policy = {trust(AWS=f'arn:aws:iam::{OWNER}:root')}")
    yield resource("aws_iam_role", "operator", HERE, *role)
    right = "kms:GenerateDataKey" if case.operators is Operators.ENCRYPT else "kms:Decrypt"
    text = policy(allow("ssm:StartSession"), allow(right))
    yield resource("aws_iam_role_policy", "operator", HERE, "role = aws_iam_role.operator.name", f"policy = {text}")


_UNUSED = frozenset({"not_applicable", "none"})
"""What is right about a key that is no key of sessions: no verdict on it."""

_LIMITLESS = {Admitted.EVERYBODY, Admitted.SERVICE, Admitted.STRANGER}
"""Nothing bounds these to the owner's account: a service alone ties the use to no account."""


def of_keys(case: KeyUse) -> Iterator[Expected]:
    """Yield the verdicts on the preferences, and on the key."""
    own = PASSED if case.use is Use.SESSIONS else FAILED
    yield Expected("KMS-01", "aws_ssm_document.preferences", HOME, own, "" if own == PASSED else "low", once=True)
    is_kept, works = case.care is Care.KEPT, case.state is State.USABLE
    right = {
        "KMS-02": PASSED if works else FAILED,
        "KMS-03": PASSED if is_kept else FAILED if case.state is not State.SIGNING else FAILED | {"not_applicable"},
        "KMS-04": FAILED if case.admitted in _LIMITLESS else PASSED,
        "KMS-05": _admits(case),
        "KMS-06": UNDECIDED | {"not_applicable"},  # grants are in no code
        "KMS-07": _divided(case),
    }
    is_used = case.use not in {Use.FUNCTION, Use.NOTHING}
    for rule, verdicts in right.items():
        subject = f"aws_kms_key.main{_INSTANCE[case.instances]}"
        yield Expected(rule, subject, HOME, verdicts if is_used else _UNUSED, once=True)


def _admits(case: KeyUse) -> frozenset[str]:
    """Return what is right about those who need the key. The account is always trusted: its own policies decide."""
    if case.use is not Use.GROUP:
        return HARMLESS
    match case.admitted:
        case Admitted.LOGS:
            return PASSED
        case Admitted.LOGS_GLOBAL | Admitted.LOGS_PARTLY:
            return UNDECIDED  # in use, and not known to break
        case _:
            return FAILED


def _divided(case: KeyUse) -> frozenset[str]:
    """Return what is right about people, who use the key of sessions and do not decrypt recordings."""
    if case.operators is Operators.NONE:
        return NOT_FAILED
    if case.use is Use.SESSIONS:
        return PASSED if case.operators is Operators.ENCRYPT else FAILED
    if case.operators is Operators.DECRYPT or case.admitted in {Admitted.EVERYBODY, Admitted.OWN_ACCOUNT}:
        return FAILED
    return NOT_PASSED | SILENT if case.admitted is Admitted.SERVICE else PASSED
