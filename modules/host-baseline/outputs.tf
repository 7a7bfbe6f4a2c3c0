output "document_names" {
  description = "Names of the documents, by platform (linux, windows)."
  value       = { for platform, document in aws_ssm_document.baseline : platform => document.name }
}

output "document_arns" {
  description = "ARNs of the documents and their rollback documents, for use in the policies of those who may run them."
  value       = sort([for document in concat(values(aws_ssm_document.baseline), values(aws_ssm_document.rollback)) : document.arn])
}

output "rollback_document_names" {
  description = "Names of the rollback documents, by platform."
  value       = { for platform, document in aws_ssm_document.rollback : platform => document.name }
}

output "association_ids" {
  description = "IDs of the associations, by platform, and of the agent update association (agent)."
  value       = { for name, association in aws_ssm_association.this : name => association.association_id }
}
