# Whether nodes use the role stands in its trust policy, which is elsewhere.
resource "aws_iam_role_policy_attachment" "fleet" { # expect: ROLE-01 undecided role fleet (named in aws_iam_role_policy_attachment.fleet)
  role       = "fleet"
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM"
}
