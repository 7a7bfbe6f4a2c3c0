output "document_name" {
  description = "Name of the preferences document."
  value       = aws_ssm_document.this.name
}

output "document_arn" {
  description = "ARN of the preferences document, for the policies of the operators."
  value       = aws_ssm_document.this.arn
}
