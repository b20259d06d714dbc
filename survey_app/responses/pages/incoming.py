"""What a phone sent, before anybody reads it: that it came from a page of ours, that it is a form, small and whole.

There is no cookie that a forged form could ride on. What is kept out is another site that lets its visitors fill an
open link. Because our pages say `Referrer-Policy: no-referrer`, browsers send `Origin: null` with a form, and only
`Sec-Fetch-Site` then tells where it came from.
"""

from urllib.parse import parse_qs, urlsplit

from flask import Request

from survey_app.responses.rules import Incomplete, TooLarge, WrongOrigin, WrongType

MOST_BYTES = 256 * 1024
_MOST_FIELDS = 5000
_FORM = "application/x-www-form-urlencoded"
_OURS = frozenset({"same-origin", "none"})

Fields = dict[str, list[str]]


def read_form(request: Request, public_url: str, *, stores: bool) -> Fields:
    """The fields of a form that one of our own pages sent; raises WrongOrigin, WrongType, TooLarge or Incomplete.

    stores: whether an answer may be stored by it. A form that stores nothing may come from an old browser that sends
    `Origin: null` and no `Sec-Fetch-Site`; one that stores may not (with JavaScript these browsers send the origin).
    """
    _check_origin(request, public_url, stores=stores)
    if request.mimetype != _FORM:
        raise WrongType
    # Every browser says how long a form is. A server may hand over what arrived before a connection broke as if it
    # were all: half the answers would be stored, and sending again would be thanked for.
    length = request.content_length
    if length is None:
        raise Incomplete
    if length > MOST_BYTES:
        raise TooLarge
    # Read once and taken apart once: this is the path that every answer takes. Blank fields are left out.
    body = request.get_data(cache=False)
    if len(body) != length:
        raise Incomplete
    try:
        return parse_qs(body.decode("utf-8", "replace"), errors="replace", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise TooLarge from None


def _check_origin(request: Request, public_url: str, *, stores: bool) -> None:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in _OURS:
        raise WrongOrigin
    origin = request.headers.get("Origin")
    if origin is None:
        return
    if origin == "null":
        if site is None and stores:
            raise WrongOrigin
        return
    try:
        sender = urlsplit(origin).netloc.lower()
    except ValueError:
        raise WrongOrigin from None
    if sender not in {request.host.lower(), urlsplit(public_url).netloc.lower()}:
        raise WrongOrigin


def one(fields: Fields, name: str) -> str:
    """The first value of a field; "" where it is absent."""
    return fields.get(name, [""])[0]
