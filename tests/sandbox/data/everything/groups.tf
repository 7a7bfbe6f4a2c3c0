resource "aws_security_group" "old" {
  name        = "old"
  description = "old"
  vpc_id      = aws_vpc.v.id
}
resource "aws_security_group_rule" "old" {
  type                     = "egress"
  security_group_id        = aws_security_group.old.id
  from_port                = 443
  to_port                  = 443
  protocol                 = "tcp"
  source_security_group_id = aws_security_group.new.id
}
resource "aws_security_group" "new" {
  name        = "new"
  description = "new"
  vpc_id      = aws_vpc.v.id
}
resource "aws_vpc_security_group_ingress_rule" "new" {
  security_group_id            = aws_security_group.new.id
  referenced_security_group_id = aws_security_group.old.id
  from_port                    = 443
  to_port                      = 443
  ip_protocol                  = "tcp"
  description                  = "nodes"
}
resource "aws_vpc_security_group_egress_rule" "new" {
  security_group_id = aws_security_group.new.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
