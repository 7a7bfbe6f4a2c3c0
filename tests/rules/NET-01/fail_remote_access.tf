# beside: network.tf, node_group.tf

resource "aws_eks_node_group" "workers" {
  cluster_name  = "example"
  node_role_arn = "arn:aws:iam::111122223333:role/workers"
  subnet_ids    = [aws_subnet.node.id]

  scaling_config {
    min_size     = 1
    max_size     = 3
    desired_size = 1
  }

  remote_access { # expect: NET-01 failed critical
    ec2_ssh_key = "example"
  }
}
