# There are no inbound rules, because the agent opens every connection. Security groups do not filter queries to the
# resolver of the VPC.
resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:The caller attaches the group to nodes, which the module does not know
  name        = var.name
  description = "Nodes of Session Manager: nothing in, 443 out"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = var.https_to_internet || length(var.endpoint_security_group_ids) > 0
      error_message = "Set endpoint_security_group_ids to the groups that nodes reach, or set https_to_internet to true. Otherwise the agent is disconnected."
    }
  }
}

# By number, because the ID of a group created in the same run is unknown at plan time.
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
