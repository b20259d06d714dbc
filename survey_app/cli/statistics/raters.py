"""`pingyi raters`: agreement of raters of the same subjects."""

from pathlib import Path

from analysis.agreement.overview import RaterAgreement, raters_of
from analysis.estimate import Status
from survey_app.cli.statistics import printing
from survey_app.cli.statistics.document import FORMAT, Cautions, Json, print_json, print_lines
from survey_app.cli.statistics.source import Source
from survey_app.cli.statistics.table import answers_of

_ICC = {
    "ICC(1,1)": "one_way",
    "ICC(1,k)": "one_way_mean",
    "ICC(C,1)": "consistency",
    "ICC(C,k)": "consistency_mean",
    "ICC(A,1)": "agreement",
    "ICC(A,k)": "agreement_mean",
}
_LEVELS = ("nominal", "ordinal", "interval", "ratio")


def run(data: Path, *, as_json: bool) -> None:
    """Read, compute, print."""
    source = Source(data)
    for at, name in enumerate(source.header, start=1):
        if not name:
            source.faults.add("unnamed_column", at=at)
    source.faults.refuse()
    ratings = answers_of(source, source.header)
    found = raters_of(ratings.values.astype(float), ratings.present)
    cautions = Cautions()
    cautions.encoding(source)
    document = _document(found, cautions, subjects=ratings.n, raters=len(source.header))
    if as_json:
        print_json(document)
    else:
        print_lines(_tables(document), document["cautions"])


def _document(found: RaterAgreement, cautions: Cautions, *, subjects: int, raters: int) -> Json:
    icc = {}
    for name, field in _ICC.items():
        estimate = getattr(found.icc, field)
        icc[name] = {"value": cautions.value(estimate, name), "lo": estimate.lo, "hi": estimate.hi}
        if estimate.status is Status.OK and estimate.lo is None:
            cautions.add("interval_without_limits", "caution", of=[name])
    return {
        "format": FORMAT,
        "n_subjects": subjects,
        "n_raters": raters,
        "icc": icc,
        "krippendorff": {
            level: cautions.value(getattr(found, f"krippendorff_{level}"), f"krippendorff {level}") for level in _LEVELS
        },
        "fleiss": cautions.value(found.fleiss, "fleiss"),
        "kendall_w": cautions.value(found.kendall_w, "kendall_w"),
        "cautions": cautions.as_json(),
    }


def _tables(document: Json) -> list[str]:
    icc = [
        [name, printing.number(one["value"]), printing.interval([one["lo"], one["hi"]])]
        for name, one in document["icc"].items()
    ]
    others = {f"Krippendorff α ({level})": value for level, value in document["krippendorff"].items()}
    others |= {"Fleiss κ": document["fleiss"], "Kendall W": document["kendall_w"]}
    return [
        f"{document['n_subjects']} 个对象，{document['n_raters']} 名评分人 / subjects and raters",
        *printing.table(
            [
                ["指标 statistic", "值 value", "95% 区间 interval"],
                *icc,
                *([name, printing.number(value), ""] for name, value in others.items()),
            ]
        ),
    ]
