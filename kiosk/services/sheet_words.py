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
        "people": "{count}",
        "page": "Page &P of &N",
        "between": ", ",
        "colon": ": ",
        "sheet": "Sign-in sheet",
    },
}
