"""The offline commands: statistics of files, for agencies that have data and no installation.

Reads CSV files, calls `analysis`, prints JSON or tables; docs/offline.md is the contract. Never opens a database. Must
stay true: what is wrong with the input is said all at once and ends with exit code 2; what is special about the data is
a number that is missing and a caution that says why, with exit code 0.
"""
