"""Attentive responses by mask of flagged families, for each measured shape of questionnaire.

Knows counts. Must stay true: counted by `python -m bench budget` and written by nothing else; all families could be
measured (times on the grid of ratio 1.25, one instructed item, two pairs), and the 8 % careless are not in it. Key:
`Shape.key`, items, reversed items, choices; value: counts of masks 0, 1, 2 ... (bits of `Family`) up to the last one
that occurred.
"""

from analysis.quality.budget_counted import five_choices, four_choices, seven_choices, ten_choices, three_choices

MEASURED_WITH = "2026.1"  # version of the cuts

_TABLES = (three_choices, four_choices, five_choices, seven_choices, ten_choices)
ATTENTIVE = {shape: counts for table in _TABLES for shape, counts in table.ATTENTIVE.items()}
