"""Box keys on disk: durable before use, overwritten when destroyed, safe between threads and processes."""

import os
import threading
from pathlib import Path

import pytest

from survey_app.responses.keys import KEY_BYTES, KeyFiles


@pytest.fixture
def keys(tmp_path: Path) -> KeyFiles:
    return KeyFiles(tmp_path / "keys")


def held(tmp_path: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((tmp_path / "keys").iterdir()))


def test_key__once_created__is_read_by_another_process(keys: KeyFiles, tmp_path: Path) -> None:
    made = keys.create(3, 1)
    assert len(made) == KEY_BYTES
    assert KeyFiles(tmp_path / "keys").read(3, 1) == made
    assert keys.read(3, 2) is keys.read(4, 1) is None


def test_key__destroyed__is_nowhere_in_the_file_and_the_others_stay(keys: KeyFiles, tmp_path: Path) -> None:
    made = {number: keys.create(3, number) for number in range(1, 6)}
    keys.destroy(3, {2, 4, 77})
    assert keys.of_group(3) == {number: made[number] for number in (1, 3, 5)}
    assert not any(made[number] in held(tmp_path) for number in (2, 4))


def test_key__of_a_box_that_was_never_committed__is_replaced(keys: KeyFiles, tmp_path: Path) -> None:
    first = keys.create(3, 1)
    second = keys.create(3, 1)
    assert keys.of_group(3) == {1: second}
    assert first not in held(tmp_path)


def test_key__replaced_while_an_earlier_place_is_free__has_one_place_only(keys: KeyFiles, tmp_path: Path) -> None:
    keys.create(3, 1)
    first = keys.create(3, 2)
    keys.destroy(3, [1])
    second = keys.create(3, 2)
    assert keys.of_group(3) == {2: second}
    assert first not in held(tmp_path)


def test_places__of_destroyed_keys__are_used_again(keys: KeyFiles, tmp_path: Path) -> None:
    keys.create(3, 1)
    size = len(held(tmp_path))
    for number in range(2, 400):
        keys.create(3, number)
        keys.destroy(3, {number - 1})
    assert set(keys.of_group(3)) == {399}
    assert len(held(tmp_path)) == size


def test_more_keys_than_places__make_room_and_lose_none(keys: KeyFiles) -> None:
    made = {number: keys.create(3, number) for number in range(1, 200)}
    assert keys.of_group(3) == made


def test_file__cut_short_by_a_crash__keeps_its_whole_keys(keys: KeyFiles, tmp_path: Path) -> None:
    first = keys.create(3, 1)
    path = tmp_path / "keys" / "3.keys"
    os.truncate(path, 64 + 20)
    assert keys.of_group(3) == {1: first}
    second = keys.create(3, 2)
    assert keys.of_group(3) == {1: first, 2: second}


def test_keys__made_and_destroyed_side_by_side__never_harm_each_other(keys: KeyFiles, tmp_path: Path) -> None:
    kept: dict[int, bytes] = {}

    def work(first: int) -> None:
        mine = KeyFiles(tmp_path / "keys")
        for number in range(first, first + 60, 2):
            kept[number] = mine.create(3, number)
            mine.create(3, number + 1)
            mine.destroy(3, [number + 1])

    workers = [threading.Thread(target=work, args=(1000 * place + 1,)) for place in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert keys.of_group(3) == kept


def test_key_files__are_for_their_owner_only(keys: KeyFiles, tmp_path: Path) -> None:
    keys.create(3, 1)
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys" / "3.keys").stat().st_mode & 0o077 == 0
