"""A snapshot as CSV for Excel and WPS: UTF-8 with a byte order mark, one row a unit and indicator.

Must stay true: no cell begins with a sign that a spreadsheet takes for a formula.
"""

import csv
import io

from survey_app.scores.export.content import Content, Value

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_bytes(content: Content) -> bytes:
    """The table of scores."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(content.headings())
    for row in content.score_rows():
        writer.writerow([guarded(value) for value in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def guarded(value: Value) -> Value:
    """A text that might be run as a formula gets an apostrophe before it; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return f"'{value}"
    return "" if value is None else value
