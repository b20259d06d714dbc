"""The adversary's own tools: exact chance, and a search that finds what is there."""

import base64
import itertools
import random
from math import factorial

import pytest

from tests.privacy.adversary.chance import bound, right_by_chance, right_in_block, tail
from tests.privacy.adversary.search import Found, address_forms, code_forms, encoded, search

CODE = "0K7QXW3M9ZTB4HVD"
ADDRESS = "2001:db8:7e57:1a2b:3c4d:5e6f:1111:2222"


@pytest.mark.parametrize(("named", "people"), [(1, 1), (1, 5), (3, 5), (5, 5), (6, 6)])
def test_right_pairs__follow_the_count_of_all_assignments(named: int, people: int) -> None:
    counted = [0] * (named + 1)
    for assignment in itertools.permutations(range(people)):
        counted[sum(assignment[at] == at for at in range(named))] += 1
    expected = [count / factorial(people) for count in counted]
    assert right_in_block(named, people) == pytest.approx(expected, abs=1e-15)


def test_guesses_in_several_blocks__expect_one_right_pair_in_each() -> None:
    distribution = right_by_chance([(10, 10)] * 7 + [(2, 2), (12, 12)])
    assert distribution.sum() == pytest.approx(1)
    assert sum(right * chance for right, chance in enumerate(distribution)) == pytest.approx(9)


def test_pure_guessing__stays_within_the_bound_of_the_family() -> None:
    chance, sizes, attacks = random.Random(20), [10] * 12 + [5] * 4, 500
    distribution = right_by_chance((size, size) for size in sizes)
    for _attack in range(attacks):
        right = 0
        for size in sizes:
            drawn = list(range(size))
            chance.shuffle(drawn)
            right += sum(at == partner for at, partner in enumerate(drawn))
        assert tail(distribution, right) >= bound(attacks)


@pytest.mark.parametrize("before", range(7))
def test_search__finds_every_form_wherever_it_begins(before: int) -> None:
    canaries = {"code": list(code_forms(CODE)), "address": list(address_forms(ADDRESS))}
    hidden = {
        "plain": CODE.encode(),
        "typed": b"0k7q-xw3m-9ztb-4hvd",
        "hexadecimal": CODE.encode().hex().encode(),
        "base64": base64.b64encode(b"x" * before + CODE.encode() + b"tail"),
        "urlsafe": base64.urlsafe_b64encode(bytes([255] * before) + CODE.encode()),
        "address": b"20010DB87E571A2B3C4D5E6F11112222",
    }
    pieces = [(place, bytes(2**18 - 20 + before) + data + b"~" * 5) for place, data in hidden.items()]
    found = search(pieces, canaries)
    assert {(one.canary, one.place) for one in found} == {
        ("address" if place == "address" else "code", place) for place in hidden
    }


def test_search__finds_nothing_in_noise() -> None:
    noise = random.Random(4).randbytes(1_000_000)
    assert search([("noise", noise)], {"code": list(code_forms(CODE))}) == []
    assert search([("end", noise + CODE.encode())], {"code": encoded(CODE.encode())}) == [Found("code", "end")]
