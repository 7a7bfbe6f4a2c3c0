resource "aws_ssm_activation" "a" {
  name               = "hybrid"
  iam_role           = aws_iam_role.r.name
  registration_limit = 3
  expiration_date    = "2099-01-10T00:00:00Z"
  tags               = { a = "b" }
}
resource "aws_iam_role" "r" {
  name               = "node"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = ["ec2.amazonaws.com", "ssm.amazonaws.com"] }, Action = "sts:AssumeRole" }] })
  tags               = { a = "b" }
}
resource "aws_iam_role_policy" "r" {
  name   = "inline"
  role   = aws_iam_role.r.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "logs:PutLogEvents", Resource = "*" }] })
}
resource "aws_iam_policy" "p" {
  name   = "managed"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "logs:PutLogEvents", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "a" {
  for_each   = { own = aws_iam_policy.p.arn, aws = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" }
  role       = aws_iam_role.r.name
  policy_arn = each.value
}
resource "aws_iam_instance_profile" "i" {
  name = "node"
  role = aws_iam_role.r.name
}
