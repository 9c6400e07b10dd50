"""A part of something whole, as RFC 9110 (section 14) has it asked for."""

import hashlib
import re
from collections.abc import Mapping

from fastapi import Response
from starlette.datastructures import Headers

from gateway.errors import Problem

_ONE_RANGE = re.compile(r"bytes=\s*([0-9]{0,30})-([0-9]{0,30})\s*", re.IGNORECASE)


class Unsatisfiable(Exception):
    """The range begins behind the end."""


def whole_or_part(
    content: bytes, media_type: str, asked: Headers, headers: Mapping[str, str]
) -> Response:
    """Answer with the content, or with the part of it that is asked for.

    Raises:
        Problem: 416, there is no such part.
    """
    size, etag = len(content), f'"{hashlib.sha256(content).hexdigest()}"'
    try:
        part = asked_for(asked, size, etag)
    except Unsatisfiable:
        raise Problem(
            416,
            f"there is no such part: the sound has {size:,} bytes in this format",
            code="range_not_satisfiable",
            param="Range",
            headers={"Content-Range": f"bytes */{size}"},
        ) from None
    own = {**headers, "Accept-Ranges": "bytes", "ETag": etag, "Cache-Control": "no-store"}
    if part is None:
        return Response(content, headers=own, media_type=media_type)
    own["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return Response(content[part.start : part.stop], 206, own, media_type)


def asked_for(headers: Headers, size: int, etag: str) -> range | None:
    """Which of `size` bytes a request wants; None for all of them.

    Several ranges at once, other units and what cannot be understood are answered with the whole,
    as is a range of something that has changed since (`If-Range`).

    Raises:
        Unsatisfiable: there is no such part.
    """
    found = _ONE_RANGE.fullmatch(headers.get("range", ""))
    if found is None or found.groups() == ("", "") or headers.get("if-range", etag) != etag:
        return None
    first, last = found.groups()
    if not first:
        return _suffix(int(last), size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return range(int(first), min(int(last) + 1, size) if last else size)


def _suffix(length: int, size: int) -> range:
    if not length or not size:
        raise Unsatisfiable
    return range(max(0, size - length), size)
