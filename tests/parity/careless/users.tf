resource "aws_iam_group" "staff" {
  name = "staff"
}

resource "aws_iam_group_policy_attachment" "staff" {
  group      = aws_iam_group.staff.name
  policy_arn = aws_iam_policy.sessions.arn
}

resource "aws_iam_user" "alice" {
  name = "alice"
}

resource "aws_iam_user_group_membership" "alice" {
  user   = aws_iam_user.alice.name
  groups = [aws_iam_group.staff.name]
}

resource "aws_iam_user_policy" "alice" {
  user   = aws_iam_user.alice.name
  name   = "own"
  policy = local.sessions
}

# Made elsewhere: this code only names it.
resource "aws_iam_user_policy" "on_call" {
  user   = "on-call"
  name   = "own"
  policy = local.sessions
}
