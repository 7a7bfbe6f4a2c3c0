"""Resources that stand beside a bucket and hold its settings, as text of ours: only names enter it."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from ssm_hardening.hcl.writing import quote

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


_CONDITIONS = {
    "DenyPlainHttp": '{ Bool = { "aws:SecureTransport" = "false" } }',
    "DenyOldTls": '{ NumericLessThan = { "s3:TlsVersion" = "1.2" } }',
}
_TESTS = {
    "DenyPlainHttp": ("Bool", "aws:SecureTransport", "false"),
    "DenyOldTls": ("NumericLessThan", "s3:TlsVersion", "1.2"),
}


def statement(bucket: str, name: str, *, indent: int) -> str:
    """Return one statement as an object of HCL."""
    lines = (
        "{",
        f'  Sid       = "{name}"',
        '  Effect    = "Deny"',
        '  Principal = "*"',
        '  Action    = "s3:*"',
        f'  Resource  = [{bucket}.arn, "${{{bucket}.arn}}/*"]',
        f"  Condition = {_CONDITIONS[name]}",
        "}",
    )
    return "\n".join(" " * indent + line for line in lines)


def statement_block(bucket: str, name: str, *, indent: int) -> str:
    """Return one statement as a block of `data "aws_iam_policy_document"`."""
    test, variable, value = _TESTS[name]
    lines = (
        "statement {",
        f'  sid       = "{name}"',
        '  effect    = "Deny"',
        '  actions   = ["s3:*"]',
        f'  resources = [{bucket}.arn, "${{{bucket}.arn}}/*"]',
        "",
        "  principals {",
        '    type        = "*"',
        '    identifiers = ["*"]',
        "  }",
        "",
        "  condition {",
        f'    test     = "{test}"',
        f'    variable = "{variable}"',
        f'    values   = ["{value}"]',
        "  }",
        "}",
    )
    return "\n".join(" " * indent + line if line else "" for line in lines)


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
