"""The words of the sign-in sheet, which is paper in one language, whatever language the screen of its reader has.

Hence a table here and no entries of the screens' catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "title": "{title} 签到表",
        "campaign": "系列活动",
        "time": "时间",
        "place": "地点",
        "host": "主办单位",
        "number": "序号",
        "name": "姓名",
        "organisation": "单位",
        "job_title": "职务",
        "mobile": "联系电话",
        "signed_in_at": "签到时间",
        "signature": "签名",
        "remarks": "备注",
        "class": "学校班级",
        "student_no": "学号",
        "arrived": "实到",
        "late": "迟到",
        "expected": "应到",
        "excused": "请假",
        "no_show": "缺席",
        "replaced": "替会",
        "in_place_of": "代{name}",
        "unlisted": "名单外",
        "paper": "纸质补录",
        "how": "签到方式",
        "by_method": "电子 {electronic} + 纸质 {paper} = {total}",
        "people": "{count} 人",
        "page": "第 &P 页 共 &N 页",
        "between": "、",
        "colon": "：",
        "sheet": "签到表",
    },
    "en": {
        "title": "Sign-in sheet: {title}",
        "campaign": "Campaign",
        "time": "Time",
        "place": "Place",
        "host": "Host",
        "number": "No.",
        "name": "Name",
        "organisation": "Organisation",
        "job_title": "Job title",
        "mobile": "Mobile",
        "signed_in_at": "Signed in",
        "signature": "Signature",
        "remarks": "Remarks",
        "class": "School and class",
        "student_no": "Student number",
        "arrived": "Arrived",
        "late": "Late",
        "expected": "Expected",
        "excused": "Excused",
        "no_show": "No-show",
        "replaced": "Replaced",
        "in_place_of": "in place of {name}",
        "unlisted": "Walk-ins",
        "paper": "from paper",
        "how": "How",
        "by_method": "electronic {electronic} + paper {paper} = {total}",
        "people": "{count}",
        "page": "Page &P of &N",
        "between": ", ",
        "colon": ": ",
        "sheet": "Sign-in sheet",
    },
}

EMERGENCY_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "emergency_title": "{title} 应急签到表",
        "how_to": "请在本人一行填写签到时间并签名；名单上没有的，请写在空白行。会后由会务人员补录。",
        "for_walk_ins": "名单外人员",
        "signed": "已电子签到",
        "printed": "{when} 打印，此时已电子签到 {count} 人；含个人信息，请妥善保管",
        "pages": "第 {page} 页 共 {pages} 页",
    },
    "en": {
        "emergency_title": "Emergency sign-in sheet: {title}",
        "how_to": "Please write the time and sign in your own row; who is not on the list writes in a blank row. "
        "Stewards enter this sheet afterwards.",
        "for_walk_ins": "walk-ins",
        "signed": "signed in",
        "printed": "Printed {when}; {count} had signed in electronically. Personal details: keep it safe",
        "pages": "Page {page} of {pages}",
    },
}
