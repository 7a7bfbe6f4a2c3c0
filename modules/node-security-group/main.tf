# No rule lets anything in: the agent opens every connection. Names are resolved by the VPC's own resolver, which
# security groups do not filter.
resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:The caller attaches the group to its nodes; the module does not know them
  name        = var.name
  description = "Nodes of Session Manager: nothing in, 443 out"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = var.https_to_internet || length(var.endpoint_security_group_ids) > 0
      error_message = "Name in endpoint_security_group_ids what nodes reach, or set https_to_internet: the agent would be cut off."
    }
  }
}

# By number, since the id of a group that is made in the same run is not known when planning.
resource "aws_vpc_security_group_egress_rule" "endpoints" {
  for_each = { for number, id in var.endpoint_security_group_ids : tostring(number) => id }

  security_group_id            = aws_security_group.this.id
  description                  = "443 to interface endpoints"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "prefix_lists" {
  for_each = { for number, id in var.prefix_list_ids : tostring(number) => id }

  security_group_id = aws_security_group.this.id
  description       = "443 to a gateway endpoint"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}

resource "aws_vpc_security_group_egress_rule" "internet" {
  for_each = toset(var.https_to_internet ? ["0.0.0.0/0"] : [])

  security_group_id = aws_security_group.this.id
  description       = "443 to the public endpoints of AWS"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}
