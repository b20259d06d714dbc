"""Taking out of people's own words what would name somebody: telephones, identity numbers, addresses, plates. Pure.

Knows shapes, not names: no definition holds a list of persons. Must stay true: what is masked once is not masked
further; it is better to mask an amount of seven figures than to leave a telephone.
"""

import re

MASK = "***"

# One character for one, so that what is found in the folded words stands at the same place in the written ones.
_FOLDED = str.maketrans(
    "".join(map(chr, range(0xFF01, 0xFF5F))) + "〇一二三四五六七八九零幺" + "‐‑‒–—―－",
    "".join(map(chr, range(0x21, 0x7F))) + "012345678901" + "-" * 7,
)  # full-width Latin letters, figures and signs; Chinese figures; dashes
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u2060-\u2064]")

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_OF_URL = "[A-Z0-9/?#=&%_.:~@+-]"  # without commas, which are the folded Chinese ones more often
_SEPARATED = r"[ \t.·-]{0,3}"
_SHAPES = (
    r"(?<![A-Z0-9._%+-])[A-Z0-9._%+-]+[ ]?@[ ]?[A-Z0-9-]+(?:\.[A-Z0-9-]+)+",  # e-mail
    rf"(?:https?://|www\.){_OF_URL}+",
    rf"(?<![A-Z0-9.-])[A-Z0-9-]+(?:\.[A-Z0-9-]+)*\.(?:com|cn|net|org|cc|top|vip|xyz|info)\b(?:/{_OF_URL}*)?",
    # QQ and WeChat, where the word stands before the name
    r"(?:QQ|扣扣|微信|薇信|wechat|weixin|\bvx|\bwx|V信)[ ]?(?:群|号码|号|ID)?[ ]?(?:是|为|[:=])?[ ]?[A-Z0-9_-]{5,20}",
    rf"(?<!\d)\d{{6}}{_SEPARATED}(?:19|20)\d\d{_SEPARATED}\d{{4}}{_SEPARATED}\d{{3}}[\dX]",  # identity number
    rf"(?<!\d)(?:\+?86{_SEPARATED})?1[3-9]\d(?:{_SEPARATED}\d){{8}}(?!\d)",  # mobile telephone
    r"(?<!\d)\(?0\d{2,3}[) -]{1,2}\d{3,4}[ -]?\d{4}(?!\d)",  # telephone with its area
    r"(?<![\d-])(?!20\d\d)[2-8]\d{3}[ -]\d{4}(?![\d-]|[ ]?[元块万人户])",  # without; no span of years or amounts
    r"[A-Z]?\d{7,}X?",  # any other long number: telephone, 15 or 18 figures, passport, bank card
    rf"[{_PROVINCES}][A-Z][ .·-]{{0,2}}(?=[A-Z]*\d)[A-Z0-9]{{5,6}}(?![A-Z0-9])",  # licence plate
)
_ANY = re.compile("|".join(_SHAPES), re.IGNORECASE | re.ASCII)


def masked(words: str) -> str:
    """The words with `***` in the place of whatever has such a shape."""
    words = _INVISIBLE.sub("", words)
    found, end = [], 0
    for match in _ANY.finditer(words.translate(_FOLDED)):
        found += [words[end : match.start()], MASK]
        end = match.end()
    return "".join([*found, words[end:]])
