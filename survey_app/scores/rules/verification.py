"""What verifying a snapshot found, as values and in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_WORDS = {
    "report_changed": (
        "已保存的结果与其哈希不符，可能被改动过。请从备份核对。",
        "The stored report does not fit its hash; it may have been changed. Check it against a backup.",
    ),
    "definition_changed": (
        "冻结的定义与其哈希不符，可能被改动过。请从备份核对。",
        "A frozen definition does not fit its hash; it may have been changed. Check it against a backup.",
    ),
    "provenance_changed": (
        "数据来源(卡片数、查实登记、沿用情况等)与审计日志中的哈希不符，可能被改动过。请从备份核对。",
        "The provenance (cards, proven cases, carried scores) does not fit the audit log; check it against a backup.",
    ),
    "answers_changed": (
        "数据库中的答卷与计算时不同：之后又有答卷入库，或数据被改动过。若轮次当时尚未关闭，请重新计算。",
        "The answers are not those that were computed. If the campaign was open then, compute a new snapshot.",
    ),
    "wave_missing": (
        "用来比较的上一轮快照已经不在数据库中，无法重新计算变化。请从备份核对。",
        "The snapshot of the earlier campaign is no longer in the database; the trend cannot be computed again.",
    ),
    "wave_changed": (
        "用来比较的上一轮快照与当时的哈希不符，可能被改动过。请从备份核对。",
        "The snapshot of the earlier campaign does not fit the hash named here; it may have been changed.",
    ),
    "number_changed": ("重新计算的数字不同。", "A number comes out differently."),
}


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was. place: a JSON pointer into the snapshot."""

    code: str
    place: str
    then: object
    now: object

    def message(self, language: str) -> str:
        """What it means, in Chinese or English."""
        return _WORDS[self.code][0 if language == "zh" else 1]


@dataclass(frozen=True)
class Verification:
    """The result of computing a snapshot again. more: differences that are not listed."""

    campaign: str
    number: int
    software_then: Mapping[str, str]
    software_now: Mapping[str, str]
    differences: tuple[Difference, ...]
    more: int

    @property
    def same(self) -> bool:
        """Whether everything came out again."""
        return not self.differences

    @property
    def same_software(self) -> bool:
        """Whether the same versions computed, so that every digit had to be equal."""
        return self.software_then == self.software_now

    def lines(self) -> Iterator[str]:
        """The result for a terminal, Chinese before English."""
        name = f"{self.campaign}/{self.number}"
        if self.same and self.same_software:
            yield f"一致：{name} 重新计算后逐位相同。"
            yield f"Verified: {name} came out again, digit by digit."
        elif self.same:
            yield f"一致：{name} 重新计算后相差不超过 1e-9(软件版本不同)。"
            yield f"Verified: {name} came out again within 1e-9 (under other versions of the software)."
        else:
            yield f"不一致：{name}。"
            yield f"Not verified: {name}."
        for code in dict.fromkeys(difference.code for difference in self.differences):
            yield f"  {_WORDS[code][0]}"
            yield f"  {_WORDS[code][1]}"
        for difference in self.differences:
            yield f"  {difference.place}: {difference.then} → {difference.now}"
        if self.more:
            yield f"  … +{self.more}"
        for package, then in self.software_then.items():
            now = self.software_now.get(package, "–")
            yield f"  {package} {then}" + ("" if now == then else f" → {now}")
