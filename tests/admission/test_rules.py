"""Codes as they are printed, typed and kept."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.admission import rules

CODE = "0123456789ABCDEF"


def test_new_code__has_sixteen_symbols_that_cannot_be_mistaken() -> None:
    codes = {rules.new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(code) == 16 and set(code) <= set(rules.ALPHABET) for code in codes)
    assert not set("ILOU") & set(rules.ALPHABET)
    # Every symbol in every place: none of the 80 bits is stuck.
    assert all({code[place] for code in codes} == set(rules.ALPHABET) for place in range(16))


@pytest.mark.parametrize(
    "typed",
    [
        "0123456789ABCDEF",
        "0123-4567-89ab-cdef",
        " O1Z3 4567 ".replace("Z", "2") + "89AB CDEF",
        "oi23-4567-89AB-CDEF",
        "0l23—4567–89AB CDEF",
        "".join(chr(ord(sign) + 0xFEE0) for sign in CODE),  # full width, as a Chinese keyboard types them
        "0123\t4567\n89abcdef",
        "\ufeff0123\u200b4567\u00ad89ab\u2060cdef\u200e",  # as chat apps copy them
    ],
)
def test_typed_code__with_slips_that_are_forgiven__is_the_printed_one(typed: str) -> None:
    assert rules.normalise(typed) == CODE


@pytest.mark.parametrize(
    "typed", ["", "0123", CODE + "0", "U" * 16, "0123456789ABCDE*", "零一二三四五六七八九甲乙丙丁戊己", "0" * 5000]
)
def test_typed_code__that_cannot_be_one__is_none(typed: str) -> None:
    assert rules.normalise(typed) is None


@given(st.text(max_size=80))
def test_anything_typed__is_a_code_or_none(typed: str) -> None:
    code = rules.normalise(typed)
    assert code is None or (rules.normalise(code) == code and rules.normalise(rules.grouped(code).lower()) == code)


def test_code_hash__is_sha256_of_the_ascii() -> None:
    assert rules.code_hash(CODE) == hashlib.sha256(b"0123456789ABCDEF").digest()


def test_card_counts__add_up_and_know_spares() -> None:
    counts = rules.CardCounts(made=10, activated=6, voided=2) + rules.CardCounts(made=5, activated=5, handed_out=3)
    assert (counts.made, counts.activated, counts.voided, counts.handed_out, counts.spare) == (15, 11, 2, 3, 2)
