"""The algorithm of draws: golden numbers, shares of strata, what a seed can and cannot do."""

import hashlib
from collections import Counter

import pytest

from survey_app.draws import rules
from survey_app.draws.rules import ListedRow, Share

# 姓名,窗口 and twenty people, p1 … p20, twelve of 甲 and eight of 乙.
LIST = "姓名,窗口\n" + "".join(f"p{n},{'甲' if n <= 12 else '乙'}\n" for n in range(1, 21))
DIGEST = "54ef30e394cf792cfca71d60949060a565914095e2b6ba2beb16bfe73aaaa4b8"
ROWS = [ListedRow(number, "甲" if number <= 13 else "乙") for number in range(2, 22)]


def test_draw__gives_the_rows_that_sha256sum_gives() -> None:
    assert hashlib.sha256(LIST.encode()).hexdigest() == DIGEST
    # By hand: for i in 2..21, printf '3 7 1\n<digest>\n<i>' | sha256sum; sorted; four of rows 2-13, three of 14-21.
    # GNU coreutils 9.1, 2026-11-24.
    assert rules.draw("3 7 1", DIGEST, ROWS, 7) == [3, 5, 6, 11, 15, 18, 19]
    assert rules.ALGORITHM == "pingyi-draw/1"


def test_draw__again_is_the_same_and_another_seed_or_list_is_another() -> None:
    first = rules.draw("种子", DIGEST, ROWS, 7)
    assert rules.draw("种子", DIGEST, ROWS, 7) == first
    assert rules.draw("种子 ", DIGEST, ROWS, 7) != first
    assert rules.draw("种子", "0" * 64, ROWS, 7) != first


def test_larger_draw__keeps_those_of_a_smaller_one() -> None:
    rows = [ListedRow(number, "") for number in range(2, 102)]
    smaller, larger = (set(rules.draw("s", DIGEST, rows, n)) for n in (20, 60))
    assert smaller < larger


def test_everybody__is_drawn_about_equally_often() -> None:
    rows = [ListedRow(number, "甲" if number < 10 else "乙") for number in range(2, 22)]
    drawn = Counter(number for seed in range(2000) for number in rules.draw(str(seed), DIGEST, rows, 5))
    assert sum(drawn.values()) == 10_000
    # 500 each; five standard deviations of a binomial with p = 1/4.
    assert all(abs(times - 500) < 5 * (2000 * 0.25 * 0.75) ** 0.5 for times in drawn.values())


@pytest.mark.parametrize(
    ("sizes", "wanted", "expected"),
    [
        ({"a": 12, "b": 8}, 7, [4, 3]),
        ({"a": 50, "b": 30, "c": 20}, 10, [5, 3, 2]),
        ({"a": 1, "b": 1, "c": 1}, 2, [1, 1, 0]),
        ({"a": 3, "b": 6, "c": 3}, 2, [1, 1, 0]),
        ({"a": 5, "b": 5}, 10, [5, 5]),
        ({"a": 999, "b": 1}, 10, [10, 0]),
    ],
)
def test_shares__go_by_size_with_the_largest_remainders(
    sizes: dict[str, int], wanted: int, expected: list[int]
) -> None:
    rows = [ListedRow(0, name) for name, size in sizes.items() for _ in range(size)]
    found = rules.shares(rows, wanted)
    assert [share.wanted for share in found] == expected
    assert found[0] == Share("a", sizes["a"], expected[0])


def test_shares__never_pass_what_there_is() -> None:
    for people in range(1, 30):
        rows = [ListedRow(0, "abc"[number * number % 3]) for number in range(people)]
        for wanted in range(1, people + 1):
            found = rules.shares(rows, wanted)
            assert sum(share.wanted for share in found) == wanted
            assert all(share.wanted <= share.people for share in found)
