"""The statement that lets CloudWatch Logs use a key, as text of ours: only names and references enter it.

A log group's ARN is written out of its name. A reference to the group would be a circle: it names the key itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ssm_hardening.hcl import ast
from ssm_hardening.hcl.writing import describe
from ssm_hardening.remediation.objects import NotEditableError

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
        lines = (
            "statement {",
            f'  sid       = "{self.sid}"',
            '  effect    = "Allow"',
            f"  actions   = {_list(LOGS_ACTIONS)}",
            '  resources = ["*"]',
            "",
            "  principals {",
            '    type        = "Service"',
            f'    identifiers = ["{self.service}"]',
            "  }",
            "",
            "  condition {",
            '    test     = "ArnEquals"',
            f'    variable = "{_CONTEXT}"',
            f"    values   = {_list(self.arns)}",
            "  }",
            "}",
        )
        return _indented(lines, indent)

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
