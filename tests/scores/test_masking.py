"""What is taken out of people's words, and what stays as it was written."""

import pytest

from survey_app.scores.rules.masking import masked


@pytest.mark.parametrize(
    "written",
    [
        "13800138000", "138 0013 8000", "138-0013-8000", "１３８００１３８０００", "一三八零零一三八零零零",
        "+86 13800138000", "138\u200b0013\u200b8000", "0571-88887777", "（0571）8888 7777", "010－88887777",
        "88887777", "8888-7777", "330102199003076512", "33010219900307651X", "33010219900307651x",
        "330102 19900307 6512", "330102900307651", "someone@example.com", "some.one+x@mail.example.cn",
        "someone＠example．com", "https://example.com/a?b=c", "www.example.org", "example.com.cn/page",
        "QQ：123456", "qq群 654321", "微信号：zhang_san88", "微信号是zhangsan", "vx:zhangsan88",
        "WeChat ID: zhang-san", "浙A12345", "浙A·12345", "浙AD12345", "京a9f8e7", "E12345678",
        "6222021234567890123",
    ],
)  # fmt: skip
def test_what_names_somebody__is_masked_wherever_it_stands(written: str) -> None:
    assert masked(f"请找{written}，谢谢") == "请找***，谢谢"


@pytest.mark.parametrize(
    "written",
    [
        "窗口 3 等了 2 小时，2024-2025 年都一样。", "拨 12345 没人接，110 也问过", "一个月 3000-5000元",
        "比2026年3月15日快", "国发〔2019〕51号", "总体100分", "一是流程长；二是材料多；三是没人接电话",
        "QQ群里没人回", "微信公众号不好用", "请不要写姓名 @ 窗口", "新A类证照", "1. 排队 2. 材料 3. 态度", "",
        "***",
    ],
)  # fmt: skip
def test_what_names_nobody__stays(written: str) -> None:
    assert masked(written) == written


def test_masking__twice__changes_nothing_more() -> None:
    once = masked("电话13800138000、邮箱 a@b.cn、车牌 浙A12345。")
    assert once == "电话***、邮箱 ***、车牌 ***。"
    assert masked(once) == once
