"""What policies of a configuration allow, as statements."""

from collections.abc import Sequence

from tests.constructed.axes import Configuration, Form, Holder, Rights
from tests.constructed.places import HOME, account_of_people
from tests.constructed.stores import BUCKET
from tests.constructed.writing import Statement, allow, deny_all_but

HEARTBEAT = ("ssm:UpdateInstanceInformation",)
_AGENT = (
    *HEARTBEAT,
    *(f"ssmmessages:{verb}{name}Channel" for verb in ("Create", "Open") for name in ("Control", "Data")),
)
_STORES = (
    "s3:PutObject",
    "s3:GetEncryptionConfiguration",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "logs:DescribeLogStreams",
    "logs:DescribeLogGroups",
    "kms:Decrypt",
)

NODE: tuple[Statement, ...] = (
    allow(_AGENT),
    allow(_STORES[:2], [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]),
    allow(_STORES[2:]),
)
"""What a node needs here, and nothing else."""

_EVERYTHING, _SYSTEMS_MANAGER = allow("*"), allow("ssm:*")
_AWS = {Rights.ADMINISTRATOR: "AdministratorAccess", Rights.SYSTEMS_MANAGER: "AmazonSSMFullAccess"}


def operator(case: Configuration) -> tuple[Statement, ...]:
    """Return what lets people open sessions on nodes with a tag, with the preferences, and nothing else."""
    checked = {"ssm:SessionDocumentAccessCheck": "true"}
    tagged = {"StringEquals": {"ssm:resourceTag/Team": "operators"}, "BoolIfExists": checked}
    document = f"{_arn(case, 'ssm')}:document/SSM-SessionManagerRunShell"
    return (
        allow("ssm:StartSession", f"{_arn(case, 'ec2')}:instance/*", Condition=tagged),
        allow("ssm:StartSession", document, Condition={"BoolIfExists": checked}),
    )


def _arn(case: Configuration, service: str) -> str:
    """Return how ARNs of the service begin in the Region of the preferences."""
    return f"arn:aws:{service}:{HOME}:{account_of_people(case)}"


def needed(case: Configuration) -> tuple[Statement, ...]:
    """Return what the holder of the rights needs."""
    return NODE if case.holder is Holder.NODE else operator(case)


def allowed(case: Configuration) -> tuple[Statement, ...]:
    """Return what the policy in question allows, boundary and denials aside."""
    match case.rights:
        case Rights.ADMINISTRATOR:
            return (_EVERYTHING,)
        case Rights.SYSTEMS_MANAGER:
            return (_SYSTEMS_MANAGER,)
        case Rights.REGION:
            return (allow("ssm:StartSession", [f"{_arn(case, 'ec2')}:instance/*", f"{_arn(case, 'ssm')}:document/*"]),)
        case Rights.MINIMAL:
            return needed(case)
        case Rights.BOUNDED | Rights.DENIED:
            return (_EVERYTHING,) if case.holder is Holder.NODE else (_SYSTEMS_MANAGER,)


def denial(case: Configuration) -> tuple[Statement, ...]:
    """Return the statement that denies again what is too much; people are left nothing of Systems Manager."""
    if case.rights is not Rights.DENIED:
        return ()
    spared: Sequence[str] = (*_AGENT, *_STORES) if case.holder is Holder.NODE else ("ec2:Describe*",)
    return (deny_all_but(spared),)


def aws_policy(case: Configuration) -> str | None:
    """Return the name of the policy of AWS that the configuration uses in place of a text of its own."""
    if case.form is Form.LOOKED_UP:
        return _AWS.get(
            case.rights, _AWS[Rights.ADMINISTRATOR if case.holder is Holder.NODE else Rights.SYSTEMS_MANAGER]
        )
    return _AWS.get(case.rights) if case.form in {Form.ATTACHED, Form.ARGUMENT} else None
