"""Code of ours as text: resources beside a bucket, and statements of policies. Only names and references enter it.

In a statement for CloudWatch Logs a log group's ARN is written out of its name: a reference to the group would be a
circle, for it names the key itself.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import describe, quote
from ssm_hardening.remediation.objects import NotEditableError

Text: TypeAlias = Callable[[str, int], str]
"""Makes a body from the bucket's address and a number of days."""


def _public_access_block(_bucket: str, _days: int) -> str:
    return """
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
"""


def _versioning(_bucket: str, _days: int) -> str:
    return """
  versioning_configuration {
    status = "Enabled"
  }
"""


def _object_lock(_bucket: str, days: int) -> str:
    return f"""
  rule {{
    default_retention {{
      mode = "GOVERNANCE"
      days = {days}
    }}
  }}
"""


def _ownership_controls(_bucket: str, _days: int) -> str:
    return """
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
"""


def _transport_policy(bucket: str, _days: int) -> str:
    statements = ",\n".join(statement(bucket, name, indent=6) for name in ("DenyPlainHttp", "DenyOldTls"))
    return f"""
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
{statements},
    ]
  }})
"""


_TESTS = {
    "DenyPlainHttp": ("Bool", "aws:SecureTransport", "false"),
    "DenyOldTls": ("NumericLessThan", "s3:TlsVersion", "1.2"),
}


def statement(bucket: str, name: str, *, indent: int) -> str:
    """Return one statement as an object of HCL."""
    test, variable, value = _TESTS[name]
    lines = (
        "{",
        f'  Sid       = "{name}"',
        '  Effect    = "Deny"',
        '  Principal = "*"',
        '  Action    = "s3:*"',
        f'  Resource  = [{bucket}.arn, "${{{bucket}.arn}}/*"]',
        f'  Condition = {{ {test} = {{ "{variable}" = "{value}" }} }}',
        "}",
    )
    return _indented(lines, indent)


def statement_block(bucket: str, name: str, *, indent: int) -> str:
    """Return one statement as a block of `data "aws_iam_policy_document"`."""
    test, variable, value = _TESTS[name]
    return _block(
        sid=name, effect="Deny", actions='["s3:*"]', resources=f'[{bucket}.arn, "${{{bucket}.arn}}/*"]',
        principals=("*", "*"), condition=(test, variable, f'["{value}"]'), indent=indent,
    )  # fmt: skip


def _block(  # noqa: PLR0913 - as much as a statement says
    *, sid: str, effect: str, actions: str, resources: str, principals: tuple[str, str],
    condition: tuple[str, str, str], indent: int,
) -> str:  # fmt: skip
    lines = (
        "statement {",
        f'  sid       = "{sid}"',
        f'  effect    = "{effect}"',
        f"  actions   = {actions}",
        f"  resources = {resources}",
        "",
        "  principals {",
        f'    type        = "{principals[0]}"',
        f'    identifiers = ["{principals[1]}"]',
        "  }",
        "",
        "  condition {",
        f'    test     = "{condition[0]}"',
        f'    variable = "{condition[1]}"',
        f"    values   = {condition[2]}",
        "  }",
        "}",
    )
    return _indented(lines, indent)


KINDS: Mapping[str, tuple[str, Text]] = {
    "public_access_block": ("aws_s3_bucket_public_access_block", _public_access_block),
    "versioning": ("aws_s3_bucket_versioning", _versioning),
    "object_lock": ("aws_s3_bucket_object_lock_configuration", _object_lock),
    "ownership_controls": ("aws_s3_bucket_ownership_controls", _ownership_controls),
    "transport_policy": ("aws_s3_bucket_policy", _transport_policy),
}
"""What can be appended: the resource's type, and its body."""


def companion(kind: str, name: str, *, days: int) -> str:
    """Return the resource that stands beside the bucket `aws_s3_bucket.<name>`."""
    resource, body = KINDS[kind]
    return f"{_head(resource, name)}{body(f'aws_s3_bucket.{name}', days)}}}\n"


def _head(resource: str, name: str) -> str:
    return f'resource "{resource}" "{companion_name(name)}" {{\n  bucket = aws_s3_bucket.{name}.id\n'


def lifecycle(name: str, prefix: str, days: int) -> str:
    """Return the resource that lets recordings expire: for the owner to add, who alone decides on deletion."""
    rule = "\n".join(f"  {line}" if line else "" for line in lifecycle_rule(prefix, days).splitlines())
    return f"{_head('aws_s3_bucket_lifecycle_configuration', name)}\n{rule}\n}}"


def lifecycle_rule(prefix: str, days: int) -> str:
    """Return the rule of such a resource."""
    return f"""\
rule {{
  id     = "expire-session-logs"
  status = "Enabled"

  filter {{
    prefix = {quote(prefix + "/")}
  }}

  expiration {{
    days = {days}
  }}

  noncurrent_version_expiration {{
    noncurrent_days = {days}
  }}
}}"""


def companion_name(name: str) -> str:
    """Return the name of a companion: one that hand-written code is unlikely to use."""
    return f"ssm_harden_{name}"


LOGS_ACTIONS = ("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")
SID = "CloudWatchLogsEncryptsWithIt"
_NAME = re.compile(r"[a-zA-Z0-9_/.#-]+")
_OWN = re.compile(r"\b(?:each|count|self)\.")
_CONTEXT = "kms:EncryptionContext:aws:logs:arn"


DATA_FILE = "ssm_harden_data.tf"
OURS = "ssm_harden"
DATA = ("aws_partition", "aws_region", "aws_caller_identity")
DATA_TEXT = "\n".join(f'data "{kind}" "{OURS}" {{}}\n' for kind in DATA)


@dataclass(frozen=True, slots=True)
class DataSources:
    """Names of the data sources in the key's folder: `data.aws_partition.<name>` and so on."""

    partition: str
    region: str
    account: str

    @property
    def service(self) -> str:
        """The service principal, as the inside of a template."""
        return f"logs.${{data.aws_region.{self.region}.id}}.${{data.aws_partition.{self.partition}.dns_suffix}}"

    @property
    def root(self) -> str:
        """The ARN of the account's root, as the inside of a template."""
        return f"arn:{self._partition}:iam::{self._account}:root"

    def group(self, name: str) -> str:
        """Return the ARN of a log group; the name is the inside of a template too."""
        return f"arn:{self._partition}:logs:${{data.aws_region.{self.region}.id}}:{self._account}:log-group:{name}"

    @property
    def _partition(self) -> str:
        return f"${{data.aws_partition.{self.partition}.partition}}"

    @property
    def _account(self) -> str:
        return f"${{data.aws_caller_identity.{self.account}.account_id}}"


@dataclass(frozen=True, slots=True)
class LogsStatement:
    """What the statement says: `arns` are insides of templates."""

    sid: str
    service: str
    arns: tuple[str, ...]

    def in_hcl(self, indent: int) -> str:
        """Return the statement as an object of HCL."""
        lines = (
            "{",
            f'  Sid       = "{self.sid}"',
            '  Effect    = "Allow"',
            f'  Principal = {{ Service = "{self.service}" }}',
            f"  Action    = {_list(LOGS_ACTIONS)}",
            '  Resource  = "*"',
            "  Condition = {",
            "    ArnEquals = {",
            f'      "{_CONTEXT}" = {self._arns}',
            "    }",
            "  }",
            "}",
        )
        return _indented(lines, indent)

    def in_json(self, indent: int) -> str:
        """Return the statement as JSON within a heredoc."""
        lines = (
            "{",
            f'  "Sid": "{self.sid}",',
            '  "Effect": "Allow",',
            f'  "Principal": {{ "Service": "{self.service}" }},',
            f'  "Action": {_list(LOGS_ACTIONS)},',
            '  "Resource": "*",',
            f'  "Condition": {{ "ArnEquals": {{ "{_CONTEXT}": {self._arns} }} }}',
            "}",
        )
        return _indented(lines, indent)

    def as_block(self, indent: int) -> str:
        """Return the statement as a block of `data "aws_iam_policy_document"`."""
        return _block(
            sid=self.sid, effect="Allow", actions=_list(LOGS_ACTIONS), resources='["*"]',
            principals=("Service", self.service), condition=("ArnEquals", _CONTEXT, _list(self.arns)), indent=indent,
        )  # fmt: skip

    def policy(self, root: str, indent: int) -> str:
        """Return a whole policy: AWS's own default, which lets IAM policies of the account count, and the statement."""
        lines = (
            "jsonencode({",
            '  Version = "2012-10-17"',
            "  Statement = [",
            "    {",
            '      Sid       = "Enable IAM User Permissions"',
            '      Effect    = "Allow"',
            f'      Principal = {{ AWS = "{root}" }}',
            '      Action    = "kms:*"',
            '      Resource  = "*"',
            "    },",
            f"{self.in_hcl(4)},",
            "  ]",
            "})",
        )
        return _indented("\n".join(lines).split("\n"), indent).lstrip()

    @property
    def _arns(self) -> str:
        return _list(self.arns) if len(self.arns) > 1 else f'"{self.arns[0]}"'


def _list(insides: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{inside}"' for inside in insides) + "]"


def _indented(lines: Sequence[str], indent: int) -> str:
    return "\n".join(" " * indent + line if line else "" for line in lines)


def inside(text: str, expr: ast.Expr) -> str:
    """Return an argument's expression as the inside of a template. Raises NotEditableError.

    It serves in a quoted template and in a heredoc of JSON alike: the name of a log group has nothing to escape.
    """
    parts = expr.parts if isinstance(expr, ast.TemplateExpr) else (expr,)
    return "".join(_part(text, part) for part in parts)


def _part(text: str, part: ast.Expr) -> str:
    if isinstance(part, ast.Literal):
        if not _NAME.fullmatch(str(part.value)):
            raise NotEditableError(f"CloudWatch Logs takes no log group of the name {describe(part)}")
        return str(part.value)
    source = text[part.span.start : part.span.end]
    if _OWN.search(source) or "\n" in source or isinstance(part, ast.TemplateIf | ast.TemplateFor):
        raise NotEditableError(f"the name of the log group is {describe(part)}")
    return f"${{{source}}}"
