"""`pingyi reliability`: internal consistency and structure of one scale."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.estimate import Estimate, Status
from analysis.moments import moments
from analysis.pair_tables import pair_tables
from analysis.reliability.influence import fits, pooled_covariance
from analysis.reliability.pairwise import pairwise_covariance
from analysis.reliability.polychoric import Polychoric, ordinal_alpha, polychoric
from analysis.reliability.summary import ScaleReliability, reliability_of
from analysis.spec import MAX_CHOICES
from analysis.validity.sampling_adequacy import bartlett_sphericity, item_adequacies, kmo
from survey_app.cli.statistics import printing
from survey_app.cli.statistics.document import FORMAT, Cautions, Json, print_json, print_lines
from survey_app.cli.statistics.faults import Faults
from survey_app.cli.statistics.options import Range, items_of, need_range, range_of
from survey_app.cli.statistics.source import opened
from survey_app.cli.statistics.table import Answers, Check, answers_of, check_names, whole, within

_GUTTMAN = ("l1", "l2", "l3", "l4", "l5", "l6")


def run(
    data: Path,
    *,
    items: str,
    reverse: str | None,
    range_: str | None,
    missing: str,
    polychoric: bool,
    as_json: bool,
) -> None:
    """Read, compute, print."""
    typed = Faults()
    names, turned = items_of(typed, items, reverse)
    scale = range_of(typed, range_, most=MAX_CHOICES if polychoric else None)
    if turned:
        need_range(typed, range_, ("--reverse ", "--reverse"))
    if polychoric:
        need_range(typed, range_, ("--polychoric ", "--polychoric"))
    source = opened(data, typed)
    known = check_names(source, names, "unknown_item")
    checks = {} if scale is None else dict.fromkeys(known, _check(scale, only_whole=polychoric))
    table = _keyed(answers_of(source, known, check=checks), turned, scale)
    cautions = Cautions(names)
    cautions.encoding(source)
    document = _document(table, cautions, pairwise=missing == "pairwise", scale=scale if polychoric else None)
    if as_json:
        print_json(document)
    else:
        print_lines(_tables(document), document["cautions"])


def _check(scale: Range, *, only_whole: bool) -> Check:
    inside = within(scale.low, scale.high)

    def check(column: Any) -> None:  # noqa: ANN401  # a Column
        inside(column)
        if only_whole:
            whole(column)

    return check


def _keyed(table: Answers, turned: Sequence[str], scale: Range | None) -> Answers:
    """The answers with reversed items turned round, low + high - x."""
    if not turned or scale is None:
        return table
    columns = [table.names.index(name) for name in turned]
    around = scale.low + scale.high
    if table.values.dtype == np.float64 or not scale.is_whole:
        values: NDArray[Any] = table.values.astype(np.float64)
    else:
        values = table.values.astype(np.int32)
    values[:, columns] = np.asarray(around, dtype=values.dtype) - values[:, columns]
    return replace(table, values=np.where(table.present, values, 0).astype(values.dtype))


def _document(table: Answers, cautions: Cautions, *, pairwise: bool, scale: Range | None) -> Json:
    complete = table.complete()
    found = reliability_of(table.values, table.present, pairwise=pairwise)
    if pairwise:
        pairs = pairwise_covariance(table.values, table.present)
        cov, n = pairs.cov, pairs.least
        if len(complete) < table.n:
            cautions.add("pairwise_smallest_n", n=n)
    else:
        cov, n = _covariance(complete), len(complete)
        if n < table.n:
            cautions.add("incomplete_rows_left_out", rows=table.n, left_out=table.n - n)
    cautions.status(found.covariance, "covariances")
    document = {"format": FORMAT, "n": n, "k": found.k, "missing": found.deletion, "level": 0.95}
    document |= _coefficients(found, table.names, cautions)
    bartlett = bartlett_sphericity(cov, n)
    adequacies = item_adequacies(cov, n)
    document |= {
        "kmo": cautions.value(kmo(cov, n), "kmo"),
        "kmo_items": _by_item(adequacies, table.names, "kmo_items", cautions),
        "bartlett": {
            "chi2": cautions.value(bartlett, "bartlett"),
            "df": None if bartlett.df is None else int(bartlett.df),
            "p": bartlett.detail.get("p"),
        },
        "polychoric": None,
        "ordinal_alpha": None,
    }
    if scale is not None:
        document |= _polychoric(table if pairwise else _only_complete(table), scale, cautions)
    return document | {"cautions": cautions.as_json()}


def _covariance(complete: NDArray[Any]) -> NDArray[np.float64]:
    """Covariances (k, k) of complete rows, exact where the answers are whole numbers."""
    return moments(complete).covariance() if fits(complete) else pooled_covariance(complete, None, 1)[2]


def _coefficients(found: ScaleReliability, names: Sequence[str], cautions: Cautions) -> Json:
    influence = found.influence
    assert influence is not None
    splits = found.split_half
    return {
        "alpha": {
            "value": cautions.value(found.alpha, "alpha"),
            "feldt": cautions.limits(found.feldt, "alpha feldt"),
            "bonett": cautions.limits(found.bonett, "alpha bonett"),
            "influence": {
                "se": influence.se,
                "lo": cautions.limits(influence, "alpha influence")[0],
                "hi": influence.hi,
            },
        },
        "standardized_alpha": cautions.value(found.standardized_alpha, "standardized_alpha"),
        "omega_total": cautions.value(found.omega_total, "omega_total"),
        "omega_hierarchical": cautions.value(found.omega_hierarchical, "omega_hierarchical"),
        "lambda2": cautions.value(found.lambda2, "lambda2"),
        "guttman": {name: cautions.value(getattr(found.guttman, name), f"guttman {name}") for name in _GUTTMAN},
        "split_half": {
            "min": cautions.value(splits.least, "split_half min"),
            "mean": cautions.value(splits.mean, "split_half mean"),
            "max": cautions.value(splits.greatest, "split_half max"),
        },
        "item_rest": _item_rest(found, names, cautions),
        "alpha_if_deleted": _by_item(found.alpha_if_deleted, names, "alpha_if_deleted", cautions, indexed=False),
    }


def _item_rest(found: ScaleReliability, names: Sequence[str], cautions: Cautions) -> Json:
    """Correlations with the rest. Below 0 they tell of a wrong key before alpha does; where it does, it names fewer."""
    values = _by_item(found.item_rest, names, "item_rest", cautions)
    against = [name for name, r in values.items() if r is not None and r < 0]
    if against and found.alpha.status is not Status.WARN_NEGATIVE_ITEM_TOTAL:
        cautions.status(Status.WARN_NEGATIVE_ITEM_TOTAL, "item_rest", items=against)
    return values


def _by_item(
    estimates: Sequence[Estimate], names: Sequence[str], of: str, cautions: Cautions, *, indexed: bool = True
) -> Json:
    """Values by item. indexed: whether `items` in their details are places among all items."""
    found = {}
    for name, estimate in zip(names, estimates, strict=True):
        if indexed:
            cautions.value(estimate, of)
        elif not estimate.status.defined:
            cautions.status(estimate.status, of, items=[name])
        found[name] = estimate.value
    return found


def _only_complete(table: Answers) -> Answers:
    complete = table.complete()
    return replace(table, values=complete, present=np.ones(complete.shape, dtype=np.bool_))


def _polychoric(table: Answers, scale: Range, cautions: Cautions) -> Json:
    codes = np.where(table.present, table.values.astype(np.int32) - (int(scale.low) - 1), 0).astype(np.int8)
    found = polychoric(pair_tables(codes, scale.steps))
    items = [table.names[at] for at in found.items]
    cautions.status(found.status, "polychoric", items=items)
    return {
        "polychoric": _matrix(found, len(table.names)),
        "ordinal_alpha": cautions.value(ordinal_alpha(found), "ordinal_alpha"),
    }


def _matrix(found: Polychoric, k: int) -> list[list[float | None]]:
    if not found.status.defined:
        return [[None] * k for _ in range(k)]
    rows: list[list[float | None]] = found.correlations.tolist()
    return rows


def _tables(document: Json) -> list[str]:
    number, interval = printing.number, printing.interval
    alpha = document["alpha"]
    influence = [alpha["influence"]["lo"], alpha["influence"]["hi"]]
    splits = document["split_half"]
    rows = [
        ["指标 statistic", "值 value", "95% 区间 interval"],
        ["Cronbach α（影响函数 influence）", number(alpha["value"]), interval(influence)],
        ["Cronbach α（Feldt）", number(alpha["value"]), interval(alpha["feldt"])],
        ["Cronbach α（Bonett）", number(alpha["value"]), interval(alpha["bonett"])],
        ["标准化 α standardized", number(document["standardized_alpha"]), ""],
        ["ω 总 total", number(document["omega_total"]), ""],
        ["ω 层级 hierarchical", number(document["omega_hierarchical"]), ""],
        ["λ2（协方差 covariances）", number(document["lambda2"]), ""],
        *([f"Guttman λ{name[1]}", number(value), ""] for name, value in document["guttman"].items()),
        ["分半 split half 最小 min", number(splits["min"]), ""],
        ["分半 split half 平均 mean", number(splits["mean"]), ""],
        ["分半 split half 最大 max", number(splits["max"]), ""],
        ["KMO", number(document["kmo"]), ""],
        ["Bartlett chi2", number(document["bartlett"]["chi2"], 1), ""],
        ["Bartlett p", number(document["bartlett"]["p"], 4), ""],
    ]
    if document["polychoric"] is not None:
        rows.append(["ordinal α（不用于门槛 not for gates）", number(document["ordinal_alpha"]), ""])
    items = [
        [name, number(r), number(document["alpha_if_deleted"][name]), number(document["kmo_items"][name])]
        for name, r in document["item_rest"].items()
    ]
    return [
        f"{document['n']} 份答卷，{document['k']} 道题 / responses and items",
        *printing.table(rows),
        "",
        *printing.table([["题目 item", "题总相关 item-rest r", "删除后 α if deleted", "KMO"], *items]),
    ]
