"""What should hold: one pure function for each rule, over the picture of an account."""
