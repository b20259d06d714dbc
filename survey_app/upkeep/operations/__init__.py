"""What the operator does to a whole installation."""
