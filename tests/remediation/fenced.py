"""Code with a node whose role may not record yet, and the shapes in which its stores and keys are named."""

ROLE = """
resource "aws_iam_role" "web" {
  name = "web"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
resource "aws_iam_instance_profile" "web" {
  name = "web"
  role = aws_iam_role.web.name
}
resource "aws_instance" "web" {
  ami                  = "ami-0123456789abcdef0"
  instance_type        = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.web.name
}
"""
CORE = """
resource "aws_iam_role_policy_attachment" "web" {
  role       = aws_iam_role.web.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}
"""
MINIMUM = """
resource "aws_iam_role_policy" "web" {
  role = aws_iam_role.web.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Resource = "*", Action = ["ssm:UpdateInstanceInformation", "ssmmessages:*"] }]
  })
}
"""
RECORDING = """
resource "aws_iam_role_policy" "recording" {
  role = aws_iam_role.web.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Resource = "*", Action = [
      "ssm:UpdateInstanceInformation", "ssmmessages:*", "s3:PutObject", "s3:GetEncryptionConfiguration",
      "kms:Decrypt", "kms:GenerateDataKey", "logs:CreateLogStream", "logs:PutLogEvents", "logs:Describe*",
    ] }]
  })
}
"""
UNKNOWN_ROLE = """
variable "profile" {
  type = string
}
resource "aws_instance" "web" {
  ami                  = "ami-0123456789abcdef0"
  instance_type        = "t3.micro"
  iam_instance_profile = var.profile
}
"""
STAGE = 'variable "stage" {\n  type = string\n}\n'
DATA_ROLE = """
data "aws_iam_role" "web" {
  name = "elsewhere"
}
resource "aws_iam_instance_profile" "web" {
  name = "web"
  role = data.aws_iam_role.web.name
}
resource "aws_instance" "web" {
  ami                  = "ami-0123456789abcdef0"
  instance_type        = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.web.name
}
"""
_TRUST = """jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })"""
ROLES_OF_A_SET = f"""
variable "names" {{
  type = set(string)
}}
resource "aws_iam_role" "web" {{
  for_each           = var.names
  name               = each.key
  assume_role_policy = {_TRUST}
}}
resource "aws_iam_role_policy_attachment" "web" {{
  for_each   = var.names
  role       = aws_iam_role.web[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}}
"""
NODE_GROUP = f"""
resource "aws_iam_role" "web" {{
  name               = "nodes-${{var.stage}}"
  assume_role_policy = {_TRUST}
}}
resource "aws_eks_node_group" "web" {{
  cluster_name  = "web"
  node_role_arn = aws_iam_role.web.arn
  subnet_ids    = ["subnet-0123456789abcdef0"]
  scaling_config {{
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }}
}}
"""
PROVIDER = 'provider "aws" {\n  region              = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'


def document(name: str = "SSM-SessionManagerRunShell", label: str = "preferences", **inputs: str) -> str:
    """Return a session document; the inputs are expressions."""
    lines = "".join(f"      {key} = {value}\n" for key, value in inputs.items())
    return f"""
resource "aws_ssm_document" "{label}" {{
  name          = "{name}"
  document_type = "Session"
  content = jsonencode({{
    schemaVersion = "1.0"
    sessionType   = "Standard_Stream"
    inputs = {{
{lines}    }}
  }})
}}
"""


def bucket(name: str, label: str = "records") -> str:
    return f'\nresource "aws_s3_bucket" "{label}" {{\n  bucket = {name}\n}}\n'


def sealed(key: str, label: str = "records") -> str:
    """Return the default encryption of a bucket with a key."""
    return f"""
resource "aws_s3_bucket_server_side_encryption_configuration" "{label}" {{
  bucket = aws_s3_bucket.{label}.id
  rule {{
    apply_server_side_encryption_by_default {{
      sse_algorithm     = "aws:kms"
      kms_master_key_id = {key}
    }}
  }}
}}
"""


KEY = """
resource "aws_kms_key" "records" {
  enable_key_rotation = true
}
resource "aws_kms_alias" "records" {
  name          = "alias/records"
  target_key_id = aws_kms_key.records.id
}
"""
COMPUTED = '"records-${data.aws_caller_identity.here.account_id}"'
CALLER = 'data "aws_caller_identity" "here" {}\n'
GROUP = '\nresource "aws_cloudwatch_log_group" "records" {\n  name              = "/sessions/records"\n}\n'
KEYED_GROUP = GROUP.replace("}\n", "  kms_key_id = aws_kms_key.records.arn\n}\n")
UNREAD_MODULE = """
module "fleet" {
  source  = "terraform-aws-modules/autoscaling/aws"
  version = "7.0"
}
"""
DENY = """
resource "aws_iam_role_policy" "deny" {
  name   = "deny"
  role   = aws_iam_role.web.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = ["s3:*", "kms:*", "logs:*"], Resource = "*" }]
  })
}
"""
BOUNDARY = """
resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["ssm:*", "ssmmessages:*"], Resource = "*" }]
  })
}
"""
BOUND_ROLE = ROLE.replace('"web"\n  assume', '"web"\n  permissions_boundary = aws_iam_policy.boundary.arn\n  assume')
LISTED_ROLE = ROLE.replace(
    '"web"\n  assume',
    '"web"\n  managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]\n  assume',
)
LIST = """
resource "aws_iam_role_policy_attachments_exclusive" "web" {
  role_name   = aws_iam_role.web.name
  policy_arns = ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]
}
"""


def denying(action: str, principal: str = '"*"') -> str:
    """Return the policy of a bucket that denies an action to all."""
    return f"""
resource "aws_s3_bucket_policy" "records" {{
  bucket = aws_s3_bucket.records.id
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{ Effect = "Deny", Principal = {principal}, Action = "{action}", Resource = [
      "arn:aws:s3:::records", "arn:aws:s3:::records/*",
    ] }}]
  }})
}}
"""
