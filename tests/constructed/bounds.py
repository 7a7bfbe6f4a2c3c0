"""What bounds a grant: whom a policy names, under which condition, on what, and where; as code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.constructed.axes import never
from tests.constructed.covering import Design
from tests.constructed.places import HERE, OWNER, STRANGER
from tests.constructed.writing import allow, block, policy, preferences, resource, setting


class On(StrEnum):
    """Whose policy it is."""

    BUCKET = "log bucket's policy"
    KEY = "key's policy"
    GROUP = "policy of CloudWatch Logs"
    ROLE = "trust of a role that starts sessions"


class Who(StrEnum):
    """How the policy names whom it admits."""

    STAR = "Principal is *"
    AWS = "AWS is *"
    LISTED = "AWS lists *"
    OWN_ID = "own account's ID"
    OWN_ROOT = "own account's root"
    OWN_ROLE = "own role"
    OWN_USER = "own user"
    OTHER_ID = "other account's ID"
    OTHER_ROOT = "other account's root"
    OTHER_ROLE = "other account's role"
    OTHER_USER = "other account's user"
    BOTH = "list of both accounts"
    CANONICAL = "canonical user"
    SERVICE = "service principal"


class Key(StrEnum):
    """The condition key."""

    NONE = "no condition"
    ACCOUNT = "aws:PrincipalAccount"
    CALLER = "kms:CallerAccount"
    ORGANIZATION = "aws:PrincipalOrgID"
    PATHS = "aws:PrincipalOrgPaths"
    ARN = "aws:PrincipalArn"
    USER_ID = "aws:userid"
    VPC = "aws:SourceVpc"
    ENDPOINT = "aws:SourceVpce"
    VPCE_ACCOUNT = "aws:VpceAccount"
    VPCE_ORGANIZATION = "aws:VpceOrgID"
    ADDRESS = "aws:SourceIp"
    VIA = "kms:ViaService"
    TAG = "aws:PrincipalTag/team"
    REQUESTED = "aws:RequestedRegion"


class Form(StrEnum):
    """The operator, by what it does."""

    EQUALS = "Equals"
    LIKE = "Like"
    IGNORING_CASE = "EqualsIgnoreCase"
    NOT = "NotEquals"
    NOT_LIKE = "NotLike"
    IF_EXISTS = "LikeIfExists"


class Quantifier(StrEnum):
    """The quantifier in front of the operator."""

    BARE = "no quantifier"
    ANY = "ForAnyValue"
    ALL = "ForAllValues"


class Value(StrEnum):
    """What the condition asks for."""

    OWN = "own value"
    WIDE = "too wide a value"
    FOREIGN = "foreign value"
    TWO = "own and foreign values"
    SELF = "variable of the same key"
    UNKNOWN = "value that is not known"


class Region(StrEnum):
    """Where it is."""

    WEST = "eu-west-1"
    EAST = "us-east-1"
    CHINA = "cn-north-1"


@dataclass(frozen=True, slots=True)
class Bound:
    """One value of each axis."""

    on: On
    who: Who
    key: Key
    form: Form
    quantifier: Quantifier
    value: Value
    region: Region


EVERYBODY = {Who.STAR, Who.AWS, Who.LISTED}
UNBOUNDED = {Key.NONE}
_NO_NETWORKS = {Form.EQUALS, Form.IGNORING_CASE, Form.NOT}
_NEGATED = {Form.NOT, Form.NOT_LIKE}

DESIGN = Design(
    Bound,
    (
        never("only Amazon S3 knows canonical users", [Who.CANONICAL], set(On) - {On.BUCKET}),
        never("Amazon S3 knows no keys of KMS", [Who.CANONICAL], [Key.CALLER, Key.VIA]),
        never("keys of KMS are in requests to KMS", [Key.CALLER, Key.VIA], set(On) - {On.KEY}),
        never("without a condition nothing is compared", UNBOUNDED, set(Form) - {Form.LIKE}),
        never("without a condition nothing is quantified", UNBOUNDED, set(Quantifier) - {Quantifier.BARE}),
        never("without a condition there is no value", UNBOUNDED, set(Value) - {Value.OWN}),
        never("addresses are compared as networks", [Key.ADDRESS], _NO_NETWORKS),
        never("a wildcard is a character there", [Value.WIDE], [Form.EQUALS, Form.IGNORING_CASE]),
        never("nobody would be admitted", [Value.WIDE, Value.SELF], _NEGATED),
        never("networks take no variables, and have no foreign value", [Key.ADDRESS], [Value.SELF, Value.FOREIGN]),
        never("AWS leaves open what one operator says of several values", [Key.PATHS], [Quantifier.BARE]),
        never("a key of several values is no variable", [Key.PATHS], [Value.SELF]),
        never("everybody has these, and nobody in particular", [Key.TAG, Key.REQUESTED, Key.VIA], [Value.FOREIGN]),
    ),
    fewest=1_500,
    drawn={"who": Who.STAR},
)

_ORG, _OTHER_ORG = "o-a1b2c3d4e5", "o-zz99zz99zz"
_ROLE_ID = "AROAEXAMPLEIDEXAMPLE1"
VALUES: Mapping[Key, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    Key.ACCOUNT: ((OWNER,), ("1111*",), (STRANGER,)),
    Key.CALLER: ((OWNER,), ("1111*",), (STRANGER,)),
    Key.ORGANIZATION: ((_ORG,), ("o-a*",), (_OTHER_ORG,)),
    Key.PATHS: ((f"{_ORG}/*",), ("o-a*",), (f"{_OTHER_ORG}/*",)),
    Key.ARN: (
        ("arn:PARTITION:iam::111122223333:role/reader",),
        ("arn:PARTITION:iam::*:role/reader",),
        ("arn:PARTITION:iam::444455556666:role/*",),
    ),
    Key.USER_ID: ((f"{_ROLE_ID}:*",), ("AROA*",), ("AROAOTHERIDEXAMPLE222:*",)),
    Key.VPC: (("vpc-0123456789abcdef0",), ("vpc-*",), ("vpc-0fedcba9876543210",)),
    Key.ENDPOINT: (("vpce-0123456789abcdef0",), ("vpce-*",), ("vpce-0fedcba9876543210",)),
    Key.VPCE_ACCOUNT: ((OWNER,), ("1111*",), (STRANGER,)),
    Key.VPCE_ORGANIZATION: ((_ORG,), ("o-a*",), (_OTHER_ORG,)),
    Key.ADDRESS: (("203.0.113.0/24",), ("0.0.0.0/1", "128.0.0.0/1"), ()),
    Key.VIA: (("s3.eu-west-1.amazonaws.com",), ("s3.*.amazonaws.com",), ()),
    Key.TAG: (("payments",), ("*",), ()),
    Key.REQUESTED: (("eu-west-1", "us-east-1", "cn-north-1"), ("*",), ()),
}
"""Of each key: the own value, one that is too wide, and a foreign one."""

ACTIONS = {
    On.BUCKET: "s3:GetObject",
    On.KEY: "kms:Decrypt",
    On.GROUP: "logs:PutLogEvents",
    On.ROLE: "sts:AssumeRole",
}


def partition(case: Bound) -> str:
    return "aws-cn" if case.region is Region.CHINA else "aws"


def wanted(case: Bound) -> tuple[str, ...]:
    """Return the values of the condition as the policy has them; none where they are not known."""
    own, wide, foreign = VALUES[case.key]
    found = {
        Value.OWN: own,
        Value.WIDE: wide,
        Value.FOREIGN: foreign,
        Value.TWO: own + foreign,
        Value.SELF: (f"${{{case.key}}}",),
        Value.UNKNOWN: (),
    }[case.value]
    return tuple(text.replace("PARTITION", partition(case)) for text in found)


def operator(case: Bound) -> str:
    """Return the operator as the policy has it."""
    is_address, name = case.key is Key.ADDRESS, str(case.form)
    if is_address:
        name = {Form.LIKE: "IpAddress", Form.NOT_LIKE: "NotIpAddress", Form.IF_EXISTS: "IpAddressIfExists"}[case.form]
    else:
        name = f"{'Arn' if case.key is Key.ARN and case.form is not Form.IGNORING_CASE else 'String'}{name}"
    return name if case.quantifier is Quantifier.BARE else f"{case.quantifier}:{name}"


def principal(case: Bound) -> Any:
    """Return the principal as the policy has it."""
    own, other = (f"arn:{partition(case)}:iam::{account}" for account in (OWNER, STRANGER))
    return {
        Who.STAR: "*",
        Who.AWS: {"AWS": "*"},
        Who.LISTED: {"AWS": ["*"]},
        Who.OWN_ID: {"AWS": OWNER},
        Who.OWN_ROOT: {"AWS": f"{own}:root"},
        Who.OWN_ROLE: {"AWS": f"{own}:role/reader"},
        Who.OWN_USER: {"AWS": f"{own}:user/reader"},
        Who.OTHER_ID: {"AWS": STRANGER},
        Who.OTHER_ROOT: {"AWS": f"{other}:root"},
        Who.OTHER_ROLE: {"AWS": f"{other}:role/reader"},
        Who.OTHER_USER: {"AWS": f"{other}:user/reader"},
        Who.BOTH: {"AWS": [f"{own}:root", f"{other}:root"]},
        Who.CANONICAL: {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
        Who.SERVICE: {"Service": "logging.s3.amazonaws.com"},
    }[case.who]


def files(case: Bound) -> Mapping[str, bytes]:
    """Return the content of each file, by path."""
    return {"main.tf": ("\n\n".join(_parts(case)) + "\n").encode()}


def _parts(case: Bound) -> Iterator[str]:
    yield block('provider "aws"', setting("region", case.region), f'allowed_account_ids = ["{OWNER}"]')
    if case.value is Value.UNKNOWN:
        yield block('variable "bound"', "type = string")
    yield preferences(
        "preferences",
        HERE,
        "s3BucketName = aws_s3_bucket.records.id",
        "cloudWatchLogGroupName = aws_cloudwatch_log_group.records.name",
        "kmsKeyId = aws_kms_key.main.arn",
    )
    yield resource("aws_s3_bucket", "records", HERE, setting("bucket", "records-of-sessions"))
    yield resource("aws_cloudwatch_log_group", "records", HERE, setting("name", "/sessions/records"))
    delegation = {**allow("kms:*"), "Principal": {"AWS": f"arn:{partition(case)}:iam::{OWNER}:root"}}
    text = policy(delegation, _statement(case)) if case.on is On.KEY else policy(delegation)
    yield resource("aws_kms_key", "main", HERE, f"policy = {_written(text)}")
    yield from _beside(case)


def _beside(case: Bound) -> Iterator[str]:
    text = _written(policy(_statement(case)))
    match case.on:
        case On.BUCKET:
            yield resource(
                "aws_s3_bucket_policy", "records", HERE, "bucket = aws_s3_bucket.records.id", f"policy = {text}"
            )
        case On.GROUP:
            named = setting("policy_name", "records")
            yield resource("aws_cloudwatch_log_resource_policy", "records", HERE, named, f"policy_document = {text}")
        case On.ROLE:
            yield resource(
                "aws_iam_role", "operator", HERE, setting("name", "operator"), f"assume_role_policy = {text}"
            )
            rights = policy(allow("ssm:StartSession"))
            yield resource(
                "aws_iam_role_policy", "operator", HERE, "role = aws_iam_role.operator.name", f"policy = {rights}"
            )
        case On.KEY:
            return


_UNKNOWN = "VALUE THAT IS NOT KNOWN"


def _statement(case: Bound) -> dict[str, Any]:
    resources = {
        On.BUCKET: f"arn:{partition(case)}:s3:::records-of-sessions/*",
        On.GROUP: f"arn:{partition(case)}:logs:{case.region}:{OWNER}:log-group:/sessions/records:*",
    }.get(case.on, "*")
    statement = {**allow(ACTIONS[case.on], resources), "Principal": principal(case)}
    if case.on is On.ROLE:
        del statement["Resource"]
    if case.key is not Key.NONE:
        statement["Condition"] = {operator(case): {case.key: list(wanted(case) or (_UNKNOWN,))}}
    return statement


def _written(text: str) -> str:
    """Return a policy as an expression, in which a variable of the policy is none of Terraform."""
    return text.replace("${", "$${").replace(f'"{_UNKNOWN}"', "var.bound")
