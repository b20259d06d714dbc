"""Keeping jobs (`keeping`) and the process that does them (`consumer`)."""
