"""What exists in the account and in nobody's code: taken over as it is, with the intended changes and no others."""
