"""Snapshots of earlier versions, read as if they had been made by this one: what they lack is missing, never computed.

Knows which fields came later than snapshots that are kept. Must stay true: a stored document is never changed, only
what is read of it; a field that it has keeps its value.
"""

from typing import Any

Json = dict[str, Any]

_LISTS = ("agreement", "validity", "quality", "comparisons", "severities", "drivers", "suspicions")
_OF_SCORE: Json = {
    "total_lo": None,
    "total_hi": None,
    "rules_lo": None,
    "rules_hi": None,
    "rules_step": None,
    "score_all": None,
    "score_unweighted": None,
    "se_unweighted": None,
    "n_excluded": None,
    "adjusted": None,
    "adjusted_lo": None,
    "adjusted_hi": None,
    "adjusted_status": None,
    "sampling": None,
}
_OF_ITEM: Json = {"top_two": None, "top_two_lo": None, "top_two_hi": None}
_OF_RELIABILITY: Json = {
    "coefficient": None,
    "bonett_lo": None,
    "bonett_hi": None,
    "influence_se": None,
    "standardized_alpha": None,
    "omega_hierarchical": None,
    "omega_hierarchical_status": None,
    "lambda2": None,
    "split_least": None,
    "split_greatest": None,
    "alpha_total": None,
    "alpha_between": None,
    "alpha_between_lo": None,
    "alpha_between_hi": None,
    "alpha_between_status": None,
}
# Their rate was that of one questionnaire for all.
_OF_QUALITY: Json = {"false_status": "ok", "false_shape": None}


def completed(document: Json) -> Json:
    """The document with every field that pages and files read; carried scores may be of an earlier version, too."""
    lists: Json = {name: [] for name in _LISTS}
    return {
        **lists,
        "trends": None,
        **document,
        "scores": [_score(score) for score in document["scores"]],
        "reliability": [_OF_RELIABILITY | block for block in document["reliability"]],
        "quality": [_OF_QUALITY | found for found in document.get("quality", [])],
    }


def _score(score: Json) -> Json:
    made = {**_OF_SCORE, "agreement": [], **score}
    items = {name: [_OF_ITEM | item for item in score[name]] for name in ("items", "distributions", "facts")}
    return {
        **made,
        **items,
        "parts": [{"quadrant": None} | part for part in score["parts"]],
        "reliability": [_OF_RELIABILITY | block for block in score["reliability"]],
    }
