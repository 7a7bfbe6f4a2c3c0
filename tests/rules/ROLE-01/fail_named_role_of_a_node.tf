resource "aws_iam_role_policy_attachment" "fleet" {
  role       = "fleet"
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM" # expect: ROLE-01 failed high role fleet (named in aws_iam_role_policy_attachment.fleet)
}

resource "aws_iam_instance_profile" "fleet" {
  name = "fleet"
  role = "fleet"
}

resource "aws_instance" "web" {
  ami                  = "ami-0123456789abcdef0"
  instance_type        = "t3.micro"
  iam_instance_profile = aws_iam_instance_profile.fleet.name
}
