"""Whether a row's person comes, as forms, services and people say it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kiosk.services.names import key_of

_COMES = re.compile(
    r"^(?:参加|参会|出席|到会|是|能|可以|已确认|确认|已报名|报名成功|已通过|通过|审核通过|已提交|已付款|正常|有效|应到|到场|已到|已签到|1|y|yes|"
    r"true|accepted|approved|attending|confirmed|going|registered|paid|expected|arrived|√|✓|✔)$"
)
_STAYS_AWAY = re.compile(
    r"^(?:不参加|不参会|不出席|不能|不能参加|无法参加|不去|不来|否|已取消|取消|取消报名|已拒绝|拒绝|未通过|审核不通过|不通过|已退款|作废|无效|"
    r"已替换|0|n|no|false|declined|denied|cancelled|canceled|rejected|refused|notattending|notgoing|withdrawn|refunded|replaced|×|✗|✘)$"
)
_LEAVE = re.compile(r"请假|病假|事假|公假|^假$|excused|onleave")
# What a remark begins with that says so, too; and what no column but one of statuses holds.
_REMARKED = re.compile(
    r"^(?:因.{1,8})?(?:已?(?:取消|退出|退报|撤销|退会|作废|替换|拒绝|[转休退]学(?!生)|离职|调[离走]|辞职)|[请病事产婚丧公]假|不(?:参加|参会|出席|来|去|到|能来|能到|能参加)"
    r"|无法(?:参加|参会|出席|到)|来不了|去不了|出差|缺席|cancel|declin|withdr|not (?:coming|attending)|on leave)",
    re.IGNORECASE,
)
_SPEAKS = re.compile(r"参加|参会|出席|到会|取消|假|cancel|attend|declin|confirm")


def comes(status: str) -> bool:
    """Say whether a status says that its person comes."""
    return _COMES.match(key_of(status)) is not None


def stays_away(status: str) -> bool:
    """Say whether a status says that its person does not come."""
    return _STAYS_AWAY.match(key_of(status)) is not None


def is_leave(status: str) -> bool:
    """Say whether a status says that its person is on leave."""
    return _LEAVE.search(key_of(status)) is not None


def is_remarked(note: str) -> bool:
    """Say whether a remark begins by saying that its person does not come: 已取消, 请假, 替换为甘五."""
    return _REMARKED.match(note) is not None


def are_statuses(cells: Sequence[str]) -> bool:
    """Say whether a column's cells are statuses, whatever its header: 回执."""
    are_known = all(comes(cell) or stays_away(cell) or is_leave(cell) for cell in cells)
    return are_known and any(_SPEAKS.search(key_of(cell)) for cell in cells)
