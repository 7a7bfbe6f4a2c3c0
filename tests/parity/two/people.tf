resource "aws_iam_policy" "named" {
  for_each = { limit = "ssm:*", attached = "ssm:ResumeSession", loose = "ssm:StartSession" }
  name     = each.key
  policy   = jsonencode({ Version = "2012-10-17", Statement = [merge(local.start, { Action = each.value })] })
}

resource "aws_iam_user" "alice" {
  name = "alice"
}

resource "aws_iam_user_policy" "alice" {
  user   = aws_iam_user.alice.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [local.far] })
}

resource "aws_iam_user" "bob" {
  name = "bob"
}

resource "aws_iam_group" "staff" {
  name = "staff"
}

resource "aws_iam_group_policy" "staff" {
  group  = aws_iam_group.staff.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [local.start] })
}

resource "aws_iam_user_group_membership" "bob" {
  user   = aws_iam_user.bob.name
  groups = [aws_iam_group.staff.name]
}
