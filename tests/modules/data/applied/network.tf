resource "aws_vpc" "closed" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "nodes" {
  vpc_id            = aws_vpc.closed.id
  cidr_block        = "10.20.1.0/24"
  availability_zone = "ap-southeast-2a"
}

resource "aws_route_table" "nodes" {
  vpc_id = aws_vpc.closed.id
}

module "private_endpoints" {
  source = "./modules/private-endpoints"

  vpc_id                      = aws_vpc.closed.id
  subnet_ids                  = [aws_subnet.nodes.id]
  services                    = ["ssm", "ssmmessages", "kms", "logs"]
  route_table_ids             = [aws_route_table.nodes.id]
  node_cidrs                  = ["10.20.0.0/16"]
  shared_private_dns_accepted = ["kms", "logs"]
}

module "node_security_group" {
  source = "./modules/node-security-group"

  name                        = "session-nodes"
  vpc_id                      = aws_vpc.closed.id
  endpoint_security_group_ids = [module.private_endpoints.security_group_id]
  # No prefix list: the simulated account forgets what a rule about one is described as, and each plan would set it.
}
