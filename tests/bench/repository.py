"""A generated repository of Terraform code: many modules, few about Session Manager. The same bytes each time."""

from pathlib import Path

_VARIABLES = """
variable "name" {
  description = "What everything here is called."
  type        = string
  default     = "service-%(n)d"
}

variable "tags" {
  type    = map(string)
  default = { team = "t%(n)d", stage = "prod" }
}
"""

_PLAIN = """
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
"""

_RELEVANT = """
resource "aws_ssm_document" "preferences" {
  name            = "SSM-SessionManagerRunShell"
  document_type   = "Session"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {
      s3BucketName                = aws_s3_bucket.logs.id
      s3EncryptionEnabled         = true
      cloudWatchLogGroupName      = aws_cloudwatch_log_group.sessions.name
      cloudWatchEncryptionEnabled = false
      cloudWatchStreamingEnabled  = true
      idleSessionTimeout          = "20"
      runAsEnabled                = false
    }
  })
}

resource "aws_s3_bucket" "logs" {
  bucket = "${var.name}-logs"
  tags   = var.tags
}

resource "aws_cloudwatch_log_group" "sessions" {
  name              = "/ssm/${var.name}"
  retention_in_days = 30
}
"""


def write_repository(folder: Path, *, files: int, relevant: float) -> int:
    """Write `files` files, two to a module, of which the given share is about sessions; returns the bytes written."""
    written = 0
    every = round(1 / (2 * relevant))  # two files to a module, one of which is relevant
    for n in range(files // 2):
        module = folder / f"team-{n % 40:02d}" / f"service-{n:04d}"
        module.mkdir(parents=True)
        body = _PLAIN if n % every else _RELEVANT
        for name, text in (("variables.tf", _VARIABLES), ("main.tf", body)):
            data = (text.replace("%(n)d", str(n % 250))).encode()
            (module / name).write_bytes(data)
            written += len(data)
    return written
