"""A generated repository of Terraform code as organizations keep it; the same bytes each time.

Accounts, each with roots for its people, its sessions, its network, and its services, which call shared modules; and
many folders of code that is not about Session Manager.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

PEOPLE = 40
ROOTS_PER_ACCOUNT = 12
_SERVICES = ROOTS_PER_ACCOUNT - 3
_REGIONS = ("eu-central-1", "eu-west-1", "us-east-1", "ap-southeast-2")
_TEAMS = ("platform", "data", "web", "payments", "support")


def write_repository(folder: Path, *, files: int, roots: int, seed: int = 1) -> int:
    """Write `files` files of code, `roots` roots of which matter for sessions; returns the bytes written."""
    random = Random(seed)  # noqa: S311 - the same bytes each time are what it is for
    written = 0
    left = files
    for name, text in _relevant(random, roots):
        written += _write(folder / name, text)
        left -= 1
    for number in range(left // 4):
        for name, text in _unrelated(random, number).items():
            written += _write(folder / "teams" / f"team-{number % 40:02d}" / f"service-{number:04d}" / name, text)
    return written


def _write(path: Path, text: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(text.encode())


def _relevant(random: Random, roots: int) -> Iterator[tuple[str, str]]:
    for name, text in _MODULES.items():
        yield f"modules/{name}", text
    for number in range(roots):
        account, place = divmod(number, ROOTS_PER_ACCOUNT)
        top = f"accounts/account-{account:02d}"
        region = _REGIONS[account % len(_REGIONS)]
        match place:
            case 0:
                name, made = "identity", _people(random, account)
            case 1:
                name, made = "sessions", _sessions(random, account)
            case 2:
                name, made = "network", _network()
            case _:
                name, made = f"service-{place - 2}", _service(random, account, place - 2)
        common = {"versions.tf": _VERSIONS, "providers.tf": _provider(region), "variables.tf": _VARIABLES}
        for file, text in (common | made).items():
            yield f"{top}/{name}/{file}", text.replace("%(account)s", f"{account:02d}")


# What people may do


def _people(random: Random, account: int) -> dict[str, str]:
    """Return users in groups, roles that they assume, and policies of every form."""
    users = [f"person-{account:02d}-{number:02d}" for number in range(PEOPLE)]
    return {
        "users.tf": "".join(_user(random, number, name) for number, name in enumerate(users)),
        "groups.tf": "".join(_group(random, team) for team in _TEAMS),
        "roles.tf": "".join(_role(random, number, name) for number, name in enumerate(users) if number % 4 == 0),
        "policies.tf": "".join(_managed(random, team) for team in _TEAMS),
    }


def _user(random: Random, number: int, name: str) -> str:
    label = name.replace("-", "_")
    groups = sorted(random.sample(_TEAMS, random.randint(1, 2)))
    inline = _policy(random, number) if number % 2 else ""
    return f"""
resource "aws_iam_user" "{label}" {{
  name = "{name}"
  tags = var.tags
}}

resource "aws_iam_user_group_membership" "{label}" {{
  user   = aws_iam_user.{label}.name
  groups = [{", ".join(f"aws_iam_group.{each}.name" for each in groups)}]
}}
""" + (
        f"""
resource "aws_iam_user_policy" "{label}" {{
  name   = "own"
  user   = aws_iam_user.{label}.name
  policy = jsonencode({inline})
}}
"""
        if inline
        else ""
    )


def _group(random: Random, team: str) -> str:
    return f"""
resource "aws_iam_group" "{team}" {{
  name = "{team}-%(account)s"
}}

resource "aws_iam_group_policy_attachment" "{team}" {{
  group      = aws_iam_group.{team}.name
  policy_arn = aws_iam_policy.{team}.arn
}}

resource "aws_iam_group_policy" "{team}" {{
  name   = "more"
  group  = aws_iam_group.{team}.name
  policy = jsonencode({_policy(random, len(team))})
}}
"""


def _role(random: Random, number: int, name: str) -> str:
    label = name.replace("-", "_")
    return f"""
resource "aws_iam_role" "{label}" {{
  name                 = "duty-{name}"
  max_session_duration = {3600 * random.randint(1, 8)}

  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ AWS = aws_iam_user.{label}.arn }}
      Action    = "sts:AssumeRole"
      Condition = {{ Bool = {{ "aws:MultiFactorAuthPresent" = "true" }} }}
    }}]
  }})
}}

resource "aws_iam_role_policy" "{label}" {{
  name   = "duty"
  role   = aws_iam_role.{label}.id
  policy = jsonencode({_policy(random, number + 1)})
}}

resource "aws_iam_role_policy_attachment" "{label}" {{
  role       = aws_iam_role.{label}.name
  policy_arn = "arn:aws:iam::aws:policy/{random.choice(_AWS_MANAGED)}"
}}
"""


_AWS_MANAGED = ("ReadOnlyAccess", "AmazonEC2ReadOnlyAccess", "CloudWatchReadOnlyAccess", "AmazonSSMReadOnlyAccess")


def _managed(random: Random, team: str) -> str:
    return f"""
data "aws_iam_policy_document" "{team}" {{
  statement {{
    sid       = "Look"
    actions   = ["ec2:Describe*", "ssm:Describe*", "ssm:Get*", "ssm:List*", "cloudwatch:Get*"]
    resources = ["*"]
  }}

  statement {{
    sid       = "Connect"
    actions   = ["ssm:StartSession"]
    resources = ["arn:aws:ec2:*:*:instance/*"]

    condition {{
      test     = "StringEquals"
      variable = "ssm:resourceTag/team"
      values   = ["{team}"]
    }}

    condition {{
      test     = "BoolIfExists"
      variable = "ssm:SessionDocumentAccessCheck"
      values   = ["true"]
    }}
  }}

  statement {{
    sid       = "Document"
    actions   = ["ssm:StartSession"]
    resources = ["arn:aws:ssm:*:*:document/SSM-SessionManagerRunShell"]
  }}

  statement {{
    sid       = "Own"
    actions   = ["ssm:TerminateSession", "ssm:ResumeSession"]
    resources = ["arn:aws:ssm:*:*:session/$${{aws:username}}-*"]
  }}

  statement {{
    sid       = "Never"
    effect    = "Deny"
    actions   = ["ssm:UpdateDocument", "ssm:DeleteDocument", "iam:*", "kms:ScheduleKeyDeletion"]
    resources = ["*"]

    condition {{
      test     = "StringNotEquals"
      variable = "aws:RequestedRegion"
      values   = ["{random.choice(_REGIONS)}"]
    }}
  }}
}}

resource "aws_iam_policy" "{team}" {{
  name   = "{team}-%(account)s"
  policy = data.aws_iam_policy_document.{team}.json
}}
"""


def _policy(random: Random, number: int) -> str:
    """Return a policy as an expression: what somebody may read, do, and not do, under conditions."""
    services = random.sample(_ACTIONS, 7)
    statements: list[dict[str, Any]] = [
        {
            "Sid": f"May{place}",
            "Effect": "Allow",
            "Action": random.sample(actions, min(len(actions), 3)),
            "Resource": random.sample(_RESOURCES, 2) if place % 2 else "*",
            **({"Condition": random.choice(_CONDITIONS)} if place % 3 else {}),
        }
        for place, actions in enumerate(services)
    ]
    if number % 3 == 0:
        statements.append(_session_statement(random))
    if number % 5 == 0:
        denied = {"Effect": "Deny", "Action": ["ssm:SendCommand", "ssm:StartAutomationExecution"], "Resource": "*"}
        statements.append({**denied, "Condition": random.choice(_CONDITIONS)})
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _session_statement(random: Random) -> dict[str, Any]:
    return {
        "Sid": "Sessions",
        "Effect": "Allow",
        "Action": random.choice(["ssm:StartSession", "ssm:*", ["ssm:StartSession", "ssm:SendCommand"]]),
        "Resource": random.choice(["*", "arn:aws:ec2:*:*:instance/*"]),
        "Condition": random.choice(_CONDITIONS),
    }


_ACTIONS: tuple[list[str], ...] = (
    ["ec2:Describe*", "ec2:RunInstances", "ec2:StopInstances", "ec2:CreateTags"],
    ["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"],
    ["iam:PassRole", "iam:Get*", "iam:List*", "iam:CreateServiceLinkedRole"],
    ["logs:GetLogEvents", "logs:FilterLogEvents", "logs:DescribeLogGroups", "logs:PutRetentionPolicy"],
    ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:CreateGrant"],
    ["ssm:GetParameter*", "ssm:DescribeInstanceInformation", "ssm:ListDocuments", "ssm:GetDocument"],
    ["lambda:InvokeFunction", "lambda:UpdateFunctionCode", "lambda:GetFunction"],
    ["cloudformation:Describe*", "cloudformation:CreateStack", "cloudformation:UpdateStack"],
    ["sts:AssumeRole", "sts:GetCallerIdentity"],
    ["dynamodb:Query", "dynamodb:GetItem", "dynamodb:PutItem"],
)
_RESOURCES = (
    "arn:aws:s3:::app-data-*",
    "arn:aws:s3:::app-data-*/*",
    "arn:aws:iam::123456789012:role/app-*",
    "arn:aws:ec2:*:*:instance/*",
    "arn:aws:logs:*:*:log-group:/app/*",
    "arn:aws:kms:*:*:key/*",
)
_CONDITIONS: tuple[dict[str, Any], ...] = (
    {"StringEquals": {"aws:ResourceTag/team": "platform"}},
    {"StringLike": {"ssm:resourceTag/stage": ["dev*", "test*"]}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}},
    {"StringEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
)


# The other roots


def _sessions(random: Random, account: int) -> dict[str, str]:
    return {
        "main.tf": f"""
module "sessions" {{
  source       = "../../../modules/sessions"
  name         = "sessions-%(account)s"
  idle_minutes = {random.choice([10, 20, 60])}
  bucket       = module.logs.bucket
  tags         = var.tags
}}

module "logs" {{
  source    = "../../../modules/log-store"
  name      = "session-logs-%(account)s"
  retention = {random.choice([30, 365, 400])}
  tags      = var.tags
}}

module "tags" {{
  source = "../../../modules/tags"
  name   = "account-{account:02d}"
}}
""",
    }


def _network() -> dict[str, str]:
    services = ", ".join(f'"{name}"' for name in ("ssm", "ssmmessages", "ec2messages", "logs"))
    return {
        "main.tf": f"""
module "network" {{
  source   = "../../../modules/network"
  name     = "net-%(account)s"
  services = [{services}]
  tags     = var.tags
}}
""",
    }


def _service(random: Random, account: int, number: int) -> dict[str, str]:
    ports = random.choice(["22", "443", "3389", "8080"])
    return {
        "main.tf": f"""
module "nodes" {{
  source = "../../../modules/nodes"
  for_each = {{
    web    = "t3.small"
    worker = "t3.large"
  }}

  name   = "svc{number}-%(account)s-${{each.key}}"
  type   = each.value
  subnet = var.subnet
  groups = [aws_security_group.service.id]
  tags   = merge(var.tags, {{ service = "svc{number}" }})
}}

resource "aws_security_group" "service" {{
  name   = "svc{number}-%(account)s"
  vpc_id = var.vpc

  ingress {{
    from_port   = {ports}
    to_port     = {ports}
    protocol    = "tcp"
    cidr_blocks = ["{random.choice(["0.0.0.0/0", "10.0.0.0/8"])}"]
  }}
}}
""",
        **{f"app-{place}.tf": body.replace("%(n)d", str(number)) for place, body in enumerate(_BODIES)},
        "names.tf": f'variable "name" {{\n  type    = string\n  default = "svc{number}"\n}}\n',
        "deploy.tf": f"""
resource "aws_iam_role" "deploy" {{
  name = "deploy-svc{number}-%(account)s"

  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ AWS = "arn:aws:iam::{200_000_000_000 + account}:root" }}
      Action    = "sts:AssumeRole"
      Condition = {{ StringEquals = {{ "sts:ExternalId" = "deploy" }} }}
    }}]
  }})
}}

resource "aws_iam_role_policy" "deploy" {{
  name   = "deploy"
  role   = aws_iam_role.deploy.id
  policy = jsonencode({_policy(random, 3 * number)})
}}
""",
    }


_VERSIONS = """
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}
"""


def _provider(region: str) -> str:
    return f"""
provider "aws" {{
  region = "{region}"

  default_tags {{
    tags = var.tags
  }}
}}
"""


_VARIABLES = """
variable "tags" {
  description = "What everything here is tagged with."
  type        = map(string)
  default     = { account = "%(account)s", stage = "prod" }
}

variable "subnet" {
  type    = string
  default = "subnet-0123456789abcdef0"
}

variable "vpc" {
  type    = string
  default = "vpc-0123456789abcdef0"
}
"""

_NAMED = """
variable "name" {
  type = string
}

variable "tags" {
  type    = map(string)
  default = {}
}
"""

_MODULES: Mapping[str, str] = {
    "tags/main.tf": 'output "tags" {\n  value = { name = var.name }\n}\n',
    "tags/variables.tf": _NAMED,
    "sessions/variables.tf": _NAMED
    + """
variable "idle_minutes" {
  type = number
}

variable "bucket" {
  type = string
}
""",
    "sessions/main.tf": """
locals {
  inputs = {
    s3BucketName                = var.bucket
    s3KeyPrefix                 = "sessions"
    s3EncryptionEnabled         = true
    cloudWatchLogGroupName      = aws_cloudwatch_log_group.sessions.name
    cloudWatchEncryptionEnabled = var.idle_minutes > 30
    cloudWatchStreamingEnabled  = true
    idleSessionTimeout          = tostring(var.idle_minutes)
    kmsKeyId                    = aws_kms_key.sessions.arn
    runAsEnabled                = false
    shellProfile                = { linux = "", windows = "" }
  }
}

resource "aws_ssm_document" "preferences" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"
  content         = jsonencode({ schemaVersion = "1.0", sessionType = "Standard_Stream", inputs = local.inputs })
  tags            = var.tags
}

resource "aws_cloudwatch_log_group" "sessions" {
  name              = "/ssm/${var.name}"
  retention_in_days = 90
  kms_key_id        = aws_kms_key.sessions.arn
}

resource "aws_kms_key" "sessions" {
  description             = var.name
  deletion_window_in_days = 14
  enable_key_rotation     = true
}
""",
    "log-store/variables.tf": _NAMED + '\nvariable "retention" {\n  type = number\n}\n',
    "log-store/outputs.tf": 'output "bucket" {\n  value = aws_s3_bucket.logs.id\n}\n',
    "log-store/main.tf": """
resource "aws_s3_bucket" "logs" {
  bucket = var.name
  tags   = var.tags
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.retention
    }
  }
}
""",
    "nodes/variables.tf": _NAMED
    + """
variable "type" {
  type = string
}

variable "subnet" {
  type = string
}

variable "groups" {
  type = list(string)
}
""",
    "nodes/main.tf": """
resource "aws_instance" "node" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = var.type
  subnet_id              = var.subnet
  vpc_security_group_ids = var.groups
  iam_instance_profile   = aws_iam_instance_profile.node.name
  tags                   = var.tags

  metadata_options {
    http_tokens = "required"
  }
}
""",
    "nodes/role.tf": """
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "node" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy_attachment" "core" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role_policy" "app" {
  name = "app"
  role = aws_iam_role.node.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::app-data-*/*" },
      { Effect = "Allow", Action = ["logs:PutLogEvents", "logs:CreateLogStream"], Resource = "*" },
      {
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { StringLike = { "kms:ViaService" = "s3.*" } }
      },
    ]
  })
}

resource "aws_iam_instance_profile" "node" {
  name = var.name
  role = aws_iam_role.node.name
}
""",
    "network/variables.tf": _NAMED + '\nvariable "services" {\n  type = set(string)\n}\n',
    "network/main.tf": """
data "aws_region" "current" {}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(var.tags, { Name = var.name })
}

resource "aws_subnet" "private" {
  for_each          = toset(["a", "b", "c"])
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, index(["a", "b", "c"], each.key))
  availability_zone = "${data.aws_region.current.region}${each.key}"
}

resource "aws_security_group" "endpoints" {
  name   = "${var.name}-endpoints"
  vpc_id = aws_vpc.main.id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.main.cidr_block]
  }
}

resource "aws_vpc_endpoint" "service" {
  for_each            = var.services
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.${data.aws_region.current.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for each in aws_subnet.private : each.id]
  security_group_ids  = [aws_security_group.endpoints.id]
}
""",
}


# What is not about sessions

_BODIES = (
    """
locals {
  subnets = { for i, zone in ["a", "b", "c"] : zone => cidrsubnet("10.%(n)d.0.0/16", 8, i) }
}

resource "aws_security_group" "service" {
  name   = var.name
  vpc_id = data.aws_vpc.main.id
  tags   = merge(var.tags, { Name = "${var.name}-service" })

  dynamic "ingress" {
    for_each = local.subnets
    content {
      from_port   = 443
      to_port     = 443
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }
}

resource "aws_lb" "service" {
  name               = "${var.name}-lb"
  internal           = true
  load_balancer_type = "application"
  security_groups    = [aws_security_group.service.id]
  subnets            = [for zone, cidr in local.subnets : data.aws_subnet.by_zone[zone].id]
}

data "aws_vpc" "main" {
  tags = { Name = "main" }
}

data "aws_subnet" "by_zone" {
  for_each   = local.subnets
  cidr_block = each.value
}
""",
    """
resource "aws_lambda_function" "worker" {
  function_name = "${var.name}-worker"
  role          = aws_iam_role.worker.arn
  handler       = "main.handle"
  runtime       = "python3.12"
  filename      = "worker.zip"
  memory_size   = %(n)d * 64 + 128
}

resource "aws_iam_role" "worker" {
  name = "${var.name}-worker"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "worker" {
  name = "queue"
  role = aws_iam_role.worker.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
      Resource = aws_sqs_queue.jobs.arn
    }]
  })
}

resource "aws_sqs_queue" "jobs" {
  name                       = "${var.name}-jobs"
  visibility_timeout_seconds = %(n)d + 30
}
""",
    """
resource "aws_db_instance" "main" {
  identifier        = var.name
  engine            = "postgres"
  instance_class    = "db.t4g.medium"
  allocated_storage = %(n)d + 20
  storage_encrypted = true

  tags = var.tags
}

resource "aws_s3_bucket" "backup" {
  bucket = "${var.name}-backup"
  tags   = var.tags
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = "${var.name}-cpu"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
  metric_name         = "CPUUtilization"
  namespace           = "AWS/RDS"
  period              = 60
  statistic           = "Average"
  threshold           = 80
  dimensions          = { DBInstanceIdentifier = aws_db_instance.main.id }
}
""",
)


def _unrelated(random: Random, number: int) -> dict[str, str]:
    """Return the files of a root about nothing of ours."""
    body = _BODIES[number % len(_BODIES)].replace("%(n)d", str(random.randrange(250)))
    name = f'\nvariable "name" {{\n  type    = string\n  default = "service-{number:04d}"\n}}\n'
    return {
        "main.tf": body,
        "variables.tf": name + _VARIABLES.replace("%(account)s", "00"),
        "providers.tf": _provider(random.choice(_REGIONS)),
        "versions.tf": _VERSIONS,
    }


# What takes long where a step is worse than linear


def documents(count: int) -> Mapping[str, str]:
    """Return so many session documents in files that are below the limit of a file."""
    return {
        f"documents-{first}.tf": "".join(map(_document, range(first, min(first + _PER_FILE, count))))
        for first in range(0, count, _PER_FILE)
    }


_PER_FILE = 1_000


def _document(number: int) -> str:
    return f"""
resource "aws_ssm_document" "d{number}" {{
  name          = "sessions-{number}"
  document_type = "Session"
  content       = jsonencode({{
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs        = {{ idleSessionTimeout = "20", runAsEnabled = false }}
  }})
}}
"""


def bombs() -> Mapping[str, str]:
    """Return code that is small and was slow to read: by what it is called."""
    document = """
resource "aws_ssm_document" "d" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "YAML"
  content         = %s
}
"""
    brackets = "inputs: " + "[" * 8_000
    nested = "var.unknown"
    for level in range(40):
        nested = f'var.unknown == "{level}" ? {{ a{level} = {nested} }} : [{level}]'
    variable = '\nvariable "unknown" {}\n'
    return {
        "8,000 brackets of YAML": document % json.dumps(brackets),
        "40 undecided conditionals in each other": variable + document % f"yamlencode({nested})",
    }
