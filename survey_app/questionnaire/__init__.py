"""The JSON formats (questionnaire, scoring plan, campaign set-up), their checks, and the one reader of answers.

Pure: no Flask, no database, no clock, no files.
"""
