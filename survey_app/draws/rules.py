"""Drawing from a list by a seed, without a database: the algorithm, how strata share a sample, what can go wrong.

The algorithm has a name and a version because records cite it: `pingyi-draw/1` never changes. For each row its key is
the SHA-256 of seed, line feed, SHA-256 of the list's file in hexadecimal, line feed, number of the row; in each stratum
the rows with the smallest keys are drawn. Whoever has the list, the seed and `sha256sum` gets the same rows.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey_app.errors import AppError

ALGORITHM = "pingyi-draw/1"
MOST_ROWS = 200_000
MOST_STRATA = 50
LONGEST_SEED = 200


@dataclass(frozen=True)
class ListedRow:
    """One person of a list: the number of the row as people count it, and the stratum, "" where there is none."""

    number: int
    stratum: str


@dataclass(frozen=True)
class Share:
    """One stratum: how many it has and how many of them are drawn."""

    stratum: str
    people: int
    wanted: int


def shares(rows: Sequence[ListedRow], wanted: int) -> tuple[Share, ...]:
    """The sample shared out over the strata by their sizes, with the largest remainders (Hare), in the list's order.

    Of equal remainders the larger stratum comes first, then the one that is first in the list.
    """
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row.stratum] = sizes.get(row.stratum, 0) + 1
    people = len(rows)
    given = {name: wanted * size // people for name, size in sizes.items()}
    # `sorted` keeps the list's order among equals.
    by_remainder = sorted(sizes, key=lambda name: (-(wanted * sizes[name] % people), -sizes[name]))
    for name in by_remainder[: wanted - sum(given.values())]:
        given[name] += 1
    return tuple(Share(name, size, given[name]) for name, size in sizes.items())


def draw(seed: str, list_hash: str, rows: Sequence[ListedRow], wanted: int) -> list[int]:
    """The numbers of the drawn rows, in the list's order."""
    chosen = []
    for share in shares(rows, wanted):
        members = [row.number for row in rows if row.stratum == share.stratum]
        members.sort(key=lambda number: row_key(seed, list_hash, number))
        chosen += members[: share.wanted]
    return sorted(chosen)


def row_key(seed: str, list_hash: str, number: int) -> str:
    """What a row is sorted by."""
    return hashlib.sha256(f"{seed}\n{list_hash}\n{number}".encode()).hexdigest()


def seed_digest(seed: str) -> str:
    """What is published of a seed that is still secret."""
    return hashlib.sha256(seed.encode()).hexdigest()


def check_size(wanted: int, people: int) -> None:
    """Raises SampleSize."""
    if not 1 <= wanted <= people:
        raise SampleSize(wanted=wanted, people=people)


def check_strata(column: str, strata: Mapping[str, int], people: int) -> None:
    """Names of strata stay in the record: a column that tells people apart must not be one. Raises NotAStratum."""
    if len(strata) > MOST_STRATA or len(strata) * 2 > people:
        raise NotAStratum(column=column, found=len(strata), most=MOST_STRATA)


class SampleSize(AppError):
    """More people than the list has, or none."""

    code, status = "sample_size", 422
    zh = "名单有 {people} 人，抽取人数须在 1 到 {people} 之间，填写的是 {wanted}。"
    en = "The list has {people} people: between 1 and {people} can be drawn, not {wanted}."


class NoSuchColumn(AppError):
    """The list has no column of this heading."""

    code, status = "no_such_column", 422
    zh = "名单第 1 行没有“{column}”这一列，读到的列标题是：{found}。"
    en = "The first row has no column “{column}”; its headings are: {found}."


class NotAStratum(AppError):
    """A column whose values are nearly as many as the people."""

    code, status = "not_a_stratum", 422
    zh = (
        "“{column}”列有 {found} 个不同的值，不像分层（最多 {most} 个，且每层平均至少 2 人）。"
        "分层名称会留在记录里，不能用姓名一类的列。"
    )
    en = (
        "The column “{column}” has {found} different values, too many for strata (at most {most}, 2 people each on "
        "average). Names of strata stay in the record, so a column of names cannot be one."
    )


class RowTwice(AppError):
    """Two rows of the list are the same: that person would have two chances."""

    code, status = "row_twice", 422
    zh = "第 {row} 行与第 {first} 行完全相同，同一个人会有两次机会。请删去重复的行，或补一列编号。"
    en = "Row {row} is the same as row {first}: one person would have two chances. Delete one, or number the rows."


class NobodyListed(AppError):
    """A list without a row below its headings."""

    code, status = "nobody_listed", 422
    zh = "名单里没有人。第 1 行是列标题，从第 2 行起每行一人。"
    en = "Nobody stands in this list. The first row holds headings, then one person a row."


class SeedNotAnnounced(AppError):
    """Neither the hash of a seed nor where it will come from, or both."""

    code, status = "seed_not_announced", 422
    zh = "请二选一：写明种子的公开来源（例如某日某期彩票的开奖号码），或填写保密种子的 SHA-256（64 位十六进制）。"
    en = (
        "Give one of two: the public source of the seed (for instance the numbers of a lottery on a day to come), or "
        "the SHA-256 of a secret seed (64 hexadecimal digits)."
    )


class OtherList(AppError):
    """The file is not the one that was announced."""

    code, status = "other_list", 409
    zh = (
        "这个文件不是公告时的名单（SHA-256 不同：公告 {announced}…，现在 {found}…）。"
        "请使用原来的文件，一个字节也不能改。"
    )
    en = "This is not the list that was announced (SHA-256 {announced}…, not {found}…). Use that very file, unchanged."


class OtherSeed(AppError):
    """The seed does not have the announced hash."""

    code, status = "other_seed", 409
    zh = "这个种子不是公告时承诺的那一个（SHA-256 不同）。请核对是否有多余的空格或错字。"
    en = "This is not the seed that was promised (its SHA-256 differs). Look for spaces and misprints."


class SeedNeeded(AppError):
    """Drawing without a seed."""

    code, status = "seed_needed", 422
    zh = "请填写种子，最多 200 个字符。"
    en = "Give the seed, at most 200 characters."


class DrawnBefore(AppError):
    """A draw is done once."""

    code, status = "drawn_before", 409
    zh = "第 {number} 次抽取已经完成，不能重抽。需要补抽的，请另行公告一次新的抽取。"
    en = "Draw {number} is done and cannot be repeated. Announce another one if more people are needed."
