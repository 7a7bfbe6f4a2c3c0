"""Who can do what: questions about people, nodes and documents, put to the policies of an account."""
