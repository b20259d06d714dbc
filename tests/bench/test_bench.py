"""What `make bench` finds wrong ends it with an error; a ratio below its goal is only marked."""

from pathlib import Path

import numpy as np
import pytest

from bench import cards, submissions
from bench.ratios import against
from bench.soak.counting import Counted
from bench.soak.kills import must_lose
from bench.submissions import Series
from survey_app.admission.rules import new_code
from survey_app.campaigns.export.symbols import matrices


class Door:
    """Stands for the doors of one database with these counts in it."""

    def __init__(self, stored: int, doubled: int) -> None:
        self.accounted_for = lambda _environment: (stored, doubled)


@pytest.mark.parametrize(
    ("stored", "doubled", "said"),
    [(99, 0, "LOST OR INVENTED"), (100_000, 0, "LOST OR INVENTED"), (100, 1, "1 doubled")],
)
def test_submissions__with_one_lost_invented_or_doubled__end_with_an_error(
    stored: int, doubled: int, said: str
) -> None:
    series = {route: Series([1.0], [1.0], 50) for route in ("empty", "T1 sealed", "T0 sealed")}
    series["T1 plain rows"] = Series([1.0], [1.0], 100)
    home = Path("sealed")
    with pytest.raises(SystemExit, match=said):
        submissions._report("SQLite", series, {home: Door(stored, doubled)}, {home: {}})  # type: ignore[dict-item]
    submissions._report("SQLite", series, {home: Door(100, 0)}, {home: {}})  # type: ignore[dict-item]


def test_cards__whose_symbols_are_not_those_of_segno__end_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [new_code() for _ in range(3)]
    cards.check_with_segno(codes)
    right = matrices
    monkeypatch.setattr(cards, "matrices", lambda url, some: (np.logical_not(one) for one in right(url, some)))
    with pytest.raises(SystemExit, match="3 of 3 symbols are not equal to segno"):
        cards.check_with_segno(codes)


def test_ratio__below_its_goal__is_marked() -> None:
    assert against(0.7, [0.69], [1.0]).endswith("below the goal (at least 0.7)")
    assert against(2, [2.1], [1.0], most=True).endswith("below the goal (at most 2)")
    assert "goal" not in against(0.7, [0.71], [1.0]) + against(2, [1.9], [1.0], most=True)


def test_control__that_loses_nothing__ends_the_run() -> None:
    counted = Counted(acknowledged=9, lost=1, doubled=0, unannounced=0, stored=8, spent=8, unreadable=0)
    must_lose("PostgreSQL", counted)
    with pytest.raises(SystemExit, match="control on PostgreSQL lost nothing"):
        must_lose("PostgreSQL", Counted(**vars(counted) | {"lost": 0}))
