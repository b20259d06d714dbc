"""Campaigns (评估轮次): set-up, units, departments, collectors, cards and sheets, opening and closing."""
