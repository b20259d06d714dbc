"""What every table and column is for, in words for the people whose answers lie there.

What must stay true: nothing here is taken for what exists. The trust page lists what the connected database has and
looks its explanation up here; what has none is shown as unexplained, and a test fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from survey_app.web.language import _


@dataclass(frozen=True)
class ExplainedTable:
    """What a table of the respondent path is for, and each of its columns."""

    purpose: str
    columns: Mapping[str, str]


def respondent_tables() -> dict[str, ExplainedTable]:
    """Every table that the respondent path writes, in the order in which an answer goes through them."""
    door = _("属于哪个投放（哪个单位、哪类人群）")
    receipt = _("提交时随机数的 SHA-256：让同一部手机重复提交只算一次，算不回手机和答卷")
    return {
        "card_batch": ExplainedTable(
            _("一批卡片"),
            {"id": _("批次号"), "collector_id": door, "state": _("这一批已制作、已发出还是已作废")},
        ),
        "access_code": ExplainedTable(
            _("填答码：一张卡用没用过。没有任何一列通向答卷"),
            {
                "hash": _("填答码的 SHA-256；填答码本身不保存，也算不回去"),
                "collector_id": door,
                "batch_id": _("卡片属于哪一批"),
                "active": _("已启用，还是没有启用的备用卡"),
                "used": _("用过没有"),
                "receipt": receipt,
            },
        ),
        "receipt": ExplainedTable(
            _("开放链接的重复提交检查，关闭时清空"),
            {"hash": receipt, "collector_id": door},
        ),
        "named_list": ExplainedTable(
            _("受邀人名单的合计与公钥；名单明细关闭时销毁，这一行保留"),
            {
                "collector_id": door,
                "invited": _("受邀人数"),
                "card_taken": _("其中改领卡片的人数"),
                "issued": _("已领填答凭证的人数"),
                "spent": _("已用凭证的份数"),
                "file_digest": _("名单文件的 SHA-256，用来证明名单没有换过"),
                "public_key": _("公布的公钥；一经公布，数据库拒绝更改"),
                "destroyed_at": _("名单销毁的时间"),
                "destroyed_by": _("哪位工作人员经手销毁"),
            },
        ),
        "invitee": ExplainedTable(
            _("受邀人名单明细：谁领过凭证。没有任何一列通向凭证和答卷；关闭时销毁"),
            {
                "collector_id": door,
                "position": _("在名单文件中的行号"),
                "name": _("姓名，由承办机构按名单导入"),
                "contact": _("联系方式，用来寄送邀请函"),
                "note": _("承办机构的备注"),
                "link_hash": _("个人链接中密码的 SHA-256；密码本身不保存"),
                "card_taken": _("是否改领了卡片"),
                "issued": _("是否领过填答凭证"),
                "blinded": _("手机送来的、遮住的凭证：看不出凭证，只为网络中断后重发同一个签名"),
                "blind_signature": _("对它的签名，去掉遮盖之前不能使用"),
            },
        ),
        "spent": ExplainedTable(
            _("已用凭证，与受邀人之间没有任何联系"),
            {
                "hash": _("凭证的 SHA-256，防止一份凭证用两次"),
                "collector_id": door,
                "receipt": receipt,
            },
        ),
        "box": ExplainedTable(
            _("票箱：密封的答卷凑够一箱才一起取出"),
            {
                "box_group_id": _("属于哪组票箱"),
                "number": _("这组的第几个票箱"),
                "state": _("开放、已满、已取出、已销毁，或钥匙丢失"),
            },
        ),
        "parked": ExplainedTable(
            _("票箱里等待的密封答卷：一次填答一行，一样长，随机编号，没有填答码"),
            {
                "box_group_id": _("属于哪组票箱"),
                "box_number": _("在第几个票箱"),
                "id": _("随机编号"),
                "ciphertext": _("加密后的答卷；钥匙不在数据库里，取出后销毁"),
            },
        ),
        "response": ExplainedTable(
            _("取出的答卷：整箱一起、打乱次序、换新的随机编号"),
            {
                "collector_id": door,
                "id": _("取出时新取的随机编号，与填答码、与密封时的编号都无关"),
                "unit_id": _("评的是哪个单位"),
                "department_id": _("部门答卷来自哪个部门，不是部门里的哪一位"),
                "stratum": _("所属层别；不足10人的层别不保存"),
                "mode": _("手机、纸质录入还是文件导入"),
                "language": _("填答时的语言"),
                "pilot": _("是否试填，试填不计分"),
                "questionnaire_hash": _("所用问卷的 SHA-256，证明题目没有换过"),
                "answers": _("您的答案，包括您写的文字"),
                "period": _("从票箱取出的日子，不是填答的日子；同日份数太少时不记"),
                "duration": _("答题大致用时，粗分成档；恢复过草稿的不记"),
                "order_number": _("题目以八种次序中的哪一种出现，与填答码无关"),
                "flip": _("选项是否倒排，与填答码无关"),
                "sitting": _("随机编号，把同一次填答对几个单位的评分连在一起"),
            },
        ),
    }


def office_tables() -> dict[str, str]:
    """Every other table: what staff keep. No answer that came from a phone lies in one."""
    campaign = _("评估轮次的设置：单位、部门、人数、投放、问卷与方案")
    people = _("工作人员的账号、角色、机构与登录；没有填答人")
    cards = _("卡片、纸质问卷的登记与清点：张数、日期、经手岗位")
    paper = _("纸质问卷的录入，交出前加密保存")
    imports = _("导入的答卷文件：列的对应、份数、防重复的摘要")
    scores = _("计算出的分数、确认与说明")
    return {
        **dict.fromkeys(
            (
                "campaign", "campaign_questionnaire", "unit", "frame_stratum", "department", "rating", "collector",
                "box_group", "frozen_definition", "drawn_orders",
            ),
            campaign,
        ),
        **dict.fromkeys(
            ("person", "membership", "agency", "agency_engagement", "staff_session", "sign_in_failure"), people
        ),
        **dict.fromkeys(("card_movement", "paper_movement", "spare_request", "unused_count", "count_waiver"), cards),
        **dict.fromkeys(("paper_batch", "paper_entry"), paper),
        **dict.fromkeys(("answer_import", "import_mapping", "imported_row"), imports),
        **dict.fromkeys(("score_snapshot", "score_confirmation", "score_hold"), scores),
        "audit_entry": _("工作人员的操作记录，只能增加；不记填答"),
        "backup_mark": _("上次备份时各组票箱的份数，用来拒绝会泄密的备份"),
        "job": _("后台任务及其进度；不含填答码"),
        "sample_draw": _("抽样记录：种子与名单的摘要，不含名单"),
        "alembic_version": _("数据库结构的版本号"),
    }  # fmt: skip


def triggers() -> dict[str, str]:
    """What the database does by itself."""
    audit = _("拒绝更改或删除操作记录")
    return {
        "audit_entry_is_not_changed": audit,
        "audit_entry_is_not_removed": audit,
        "audit_entry_is_not_replaced": audit,
        "audit_entry_is_not_emptied": audit,
        "named_list_key_is_not_changed": _("拒绝更改公布的公钥"),
    }
