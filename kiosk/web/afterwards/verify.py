"""`/verify`: anybody with a frozen sheet or a proof in hand asks whether it is genuine. No log-in; codes that nothing
has are counted (services/door/code_guesses).

By the code that is printed on it, by the file itself, or by both. The file is hashed as it comes in and kept nowhere;
nobody's data are shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from kiosk.services.codes import normalise_code
from kiosk.services.names import unified
from kiosk.services.proofs import verifying
from kiosk.services.proofs.verifying import VerifiedProof
from kiosk.services.sheet import frozen_sheets
from kiosk.services.sheet.frozen_sheets import FrozenView, KnownFile
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.pages import go
from kiosk.web.frame.uploads import hash_upload
from kiosk.web.frame.visitors import judge_code

bp = Blueprint("verify", __name__)
MOST_TYPED = 500  # characters: a code, perhaps with the words before it or a whole address
MOST = 20 * 2**20  # bytes of a file; a sheet of 5,000 rows has one or two million
MOST_READ = 2 * MOST  # what is larger than a file may be, is to get a sentence and no broken line


@dataclass(frozen=True)
class VerifyAnswer:
    """What is known of a code and a file. `verdict` is one of those that templates/afterwards/verify words."""

    verdict: str  # known, unknown, file_known, file_unknown, file_other; of a proof valid or void
    sheet: FrozenView | None = None  # the file's where it is known, else the code's
    code_sheet: FrozenView | None = None
    file: KnownFile | None = None
    file_hash: str | None = None
    is_older: bool = False
    proof: VerifiedProof | None = None


@bp.get("/verify")
def show() -> ResponseReturnValue:
    """Ask for a code or a file; `code`, as the paper's own address has it, is answered at once."""
    code = _code_in(query.raw("code", MOST_TYPED))
    return _page(code, _answer(code, None) if normalise_code(code) else None)


@bp.get("/verify/<code>")
def show_code(code: str) -> ResponseReturnValue:
    """Lead to the answer."""
    return go("verify.show", code=normalise_code(code))


@bp.post("/verify")
def check() -> ResponseReturnValue:
    """Answer what is known of the code, the file, or the file by its code.

    422 without either or with an empty file, of which a code would say nothing; 413 for a giant.
    """
    try:
        file = hash_upload("file", MOST_READ)
    except RequestEntityTooLarge:
        return _page("", None, problem="too_large"), 413
    code = _code_in(posted.raw("code", MOST_TYPED))
    if file is not None and file.size > MOST:
        return _page(code, None, problem="too_large"), 413
    if file is not None and not file.size:
        return _page(code, None, problem="empty"), 422
    if not normalise_code(code) and file is None:
        return _page(code, None, problem="nothing"), 422
    return _page(code, _answer(code, file.hash if file is not None else None))


def _code_in(typed: str) -> str:
    """Return the code in what was typed, or pasted with the words before it, or with the paper's whole address."""
    return re.split("[=:/]", unified(typed).strip())[-1]


def _answer(code: str, file_hash: str | None) -> VerifyAnswer:
    sheet = frozen_sheets.find(code) if normalise_code(code) else None
    file = frozen_sheets.find_file(file_hash) if file_hash is not None else None
    if file_hash is None:
        verdict = "known" if sheet is not None else "unknown"
    elif file is None:
        verdict = "file_unknown"
    else:
        verdict = "file_known" if not normalise_code(code) or file.sheet == sheet else "file_other"
    shown = file.sheet if file is not None else sheet
    is_older = shown is not None and frozen_sheets.is_older(shown)
    proof = verifying.find(code) if shown is None else None
    if normalise_code(code):
        judge_code(is_known=sheet is not None or proof is not None)
    if proof is not None:  # by its code alone: a proof's file is drawn anew whenever somebody prints it
        return VerifyAnswer("valid" if proof.voided_on is None else "void", file_hash=file_hash, proof=proof)
    return VerifyAnswer(verdict, shown, sheet, file, file_hash, is_older)


def _page(code: str, answer: VerifyAnswer | None, problem: str | None = None) -> str:
    return render_template("afterwards/verify/page.html", code=code[:40], answer=answer, problem=problem)
