"""The rows of an imported file that are not stored, as a file to work through: row, column, what stands there, why."""

import csv
import io
from collections.abc import Sequence

from survey_app.fieldwork.import_rules import Refusal

_HEADINGS = ("行 row", "列 column", "单元格 cell", "cell (en)", "原因 reason", "reason (en)")


def refusals_csv(refusals: Sequence[Refusal]) -> str:
    """CSV with a byte order mark, so that Excel reads it. Nothing of the answers is in it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEADINGS)
    for one in refusals:
        # A heading is somebody else's text: it must not become a formula where the file is opened.
        column = f"'{one.column}" if one.column[:1] in {"=", "+", "-", "@", "\t"} else one.column
        writer.writerow([one.row, column, one.kind_zh, one.kind_en, one.zh, one.en])
    return "\ufeff" + text.getvalue()
