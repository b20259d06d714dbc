"""One snapshot after another through the real computation: who came in between is not seen to have answered alike."""

from typing import Any

import pytest

from survey_app.db import Database
from survey_app.scores.operations import compute
from survey_app.scores.operations.verifying import verify
from survey_app.scores.queries.snapshots import stored
from survey_app.scores.rules import differences
from survey_app.scores.rules.errors import TooFewNewSittings
from tests.scores import evaluation as ev
from tests.scores.test_compute import PUBLIC, act, codes, computed, prepared, score

ALIKE = "sr_acc_info"


def came(database: Database, made: ev.Evaluation, n: int, *, wave: int, **alike: str) -> None:
    """People of many minds, but for these items."""
    act(database, lambda session: ev.recipients(session, made, "u01", n, seed=wave, quality=0.5, answers=alike))


def started(database: Database) -> tuple[ev.Evaluation, dict[str, Any]]:
    made = prepared(database, units=1)
    came(database, made, 40, wave=1)
    return made, computed(database, made)


def shown(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["item"]: item for item in score(document, "u01", PUBLIC)["items"] if item["shown"]}


def counts_since(then: dict[str, Any], now: dict[str, Any], item: str) -> list[int] | None:
    """How the newcomers answered, where both documents show it."""
    one, other = shown(then).get(item), shown(now).get(item)
    if one is None or other is None:
        return None
    return [after - before for before, after in zip(one["counts"], other["counts"], strict=True)]


def test_newcomers_who_agree_on_an_item__are_hidden_in_it_now_and_later(each_database: Database) -> None:
    made, first = started(each_database)
    came(each_database, made, 7, wave=2, sr_acc_info="a")
    second = computed(each_database, made)
    assert counts_since(first, second, ALIKE) is None
    hidden = shown(first).keys() - shown(second).keys()
    # The part would give it away beside its other items.
    part = {
        item["item"] for item in score(first, "u01", PUBLIC)["items"] if item["part"] == shown(first)[ALIKE]["part"]
    }
    assert {ALIKE} < hidden <= part
    for item in score(second, "u01", PUBLIC)["items"]:
        numbers = {name: value for name, value in item.items() if isinstance(value, int | float | list)}
        assert item["shown"] or numbers.keys() == {"shown", "several", "choices"}
    assert all(max(counts_since(first, second, item) or [0]) < 7 for item in shown(second))
    came(each_database, made, 12, wave=3)
    third = computed(each_database, made)
    assert shown(third).keys() == shown(second).keys()
    assert score(third, "u01", PUBLIC)["n_valid"] == 59


def test_newcomers_who_agree_on_a_whole_part__have_to_wait_and_after_close_are_left_out(database: Database) -> None:
    made, first = started(database)
    came(database, made, 6, wave=2, sr_overall="s")
    with pytest.raises(TooFewNewSittings) as refused:
        computed(database, made)
    assert "完全一样" in refused.value.message("zh")
    act(database, lambda session: ev.close(session, made))
    second = score(computed(database, made), "u01", PUBLIC)
    assert codes(second["cautions"])[-1] == "carried_forward"
    assert second["score"] == score(first, "u01", PUBLIC)["score"]


def test_enough_newcomers__may_agree(database: Database) -> None:
    made, first = started(database)
    came(database, made, 10, wave=2, sr_overall="s", sr_acc_info="a")
    second = computed(database, made)
    assert shown(second).keys() == shown(first).keys()
    assert max(counts_since(first, second, "sr_overall") or []) == 10


def test_snapshot_that_hides_an_item__is_the_same_when_computed_again(database: Database) -> None:
    made, _ = started(database)
    came(database, made, 7, wave=2, sr_acc_info="a")
    computed(database, made)
    with database.reading() as session:
        found = stored(session, made.campaign, 2)
        assert verify(session, found.id).differences == ()


def test_control__without_the_rule_the_difference_of_two_snapshots_shows_that_they_agreed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_counts_alone(*_: object, hidden: frozenset[str], **__: object) -> differences.Unsafe:
        return differences.Unsafe(details=hidden)

    monkeypatch.setattr(compute.differences, "unsafe", by_counts_alone)
    made, first = started(database)
    came(database, made, 7, wave=2, sr_acc_info="a")
    assert sorted(counts_since(first, computed(database, made), ALIKE) or [])[-2:] == [0, 7]
