"""The demonstration's people are different people, however many phones they share."""

import pytest

from survey_app.cli.demo import command
from survey_app.cli.demo.people import Card, Tally


def test_people_on_several_phones__have_a_seed_each(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, Card]] = []

    def answer(base: str, cards: tuple[tuple[int, Card], ...], questionnaires: object, done: object) -> Tally:
        seen.extend(cards)
        return Tally()

    monkeypatch.setattr(command, "_answer", answer)
    cards = tuple(Card(f"http://x/q/{number}", f"{number}", "staff", {"u": 0.0}) for number in range(40))
    command._everybody_answers("http://x", cards)
    assert sorted(number for number, _ in seen) == list(range(40))
    assert [card for _, card in sorted(seen, key=lambda one: one[0])] == list(cards)
