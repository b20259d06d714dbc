"""Campaigns with a planted truth: what a pipeline must recover, and what a campaign will be able to separate."""
