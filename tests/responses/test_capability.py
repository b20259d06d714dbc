"""What the phone carries can be read, made and changed by this installation only."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.responses.capability import (
    BadCapability,
    ExpiredCapability,
    issue,
    seal,
    seal_carry,
    unseal,
    unseal_carry,
)

SECRET = b"s" * 32


@pytest.mark.parametrize("code_hash", [None, b"h" * 32])
def test_capability__sealed_and_unsealed__is_the_same(code_hash: bytes | None) -> None:
    made = issue(7, code_hash, now=1_000_003, expires=2_000_000, language="en")
    assert unseal(SECRET, seal(SECRET, made), now=1_000_100) == made
    assert made.started == 1_000_000


def test_capability__of_two_pages__differs_in_nonce() -> None:
    one, two = (issue(7, b"h" * 32, 1, 2, "zh") for _ in range(2))
    assert one.nonce != two.nonce


def test_capability__says_nothing_readable() -> None:
    made = issue(7, b"h" * 32, 1, 2, "zh")
    text = seal(SECRET, made)
    assert b"h" * 8 not in base64.urlsafe_b64decode(text)
    assert seal(SECRET, made) != text


def test_capability__after_its_end__is_expired() -> None:
    with pytest.raises(ExpiredCapability):
        unseal(SECRET, seal(SECRET, issue(7, None, 1, 100, "zh")), now=101)


def test_capability__of_another_installation__is_refused() -> None:
    with pytest.raises(BadCapability):
        unseal(b"t" * 32, seal(SECRET, issue(7, None, 1, 100, "zh")), now=5)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_capability__with_any_byte_changed__is_refused(position: int, change: int) -> None:
    sealed = bytearray(base64.urlsafe_b64decode(seal(SECRET, issue(7, b"h" * 32, 1, 100, "zh"))))
    sealed[position % len(sealed)] ^= change
    with pytest.raises(BadCapability):
        unseal(SECRET, base64.urlsafe_b64encode(sealed).decode(), now=5)


@given(st.text())
def test_capability__from_any_text__is_refused_not_broken(text: str) -> None:
    with pytest.raises(BadCapability):
        unseal(SECRET, text, now=5)


def test_carried_pages__of_another_sitting__are_refused() -> None:
    mine, theirs = issue(7, None, 1, 100, "zh"), issue(7, None, 1, 100, "zh")
    carried = seal_carry(SECRET, mine, [[3, {"a": "sa"}]])
    assert unseal_carry(SECRET, mine, carried) == [[3, {"a": "sa"}]]
    with pytest.raises(BadCapability):
        unseal_carry(SECRET, theirs, carried)
    with pytest.raises(BadCapability):
        unseal(SECRET, carried, now=5)
