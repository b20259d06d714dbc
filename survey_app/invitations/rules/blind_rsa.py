"""Blind signatures: RSABSSA-SHA384-PSS-Randomized of RFC 9474.

A phone makes a message that nobody else has seen, hides it behind a random factor, has the hidden form signed, and
takes the factor off again. The signer then knows for whom it signed and never what: for every signed message and
every hidden form there is a factor that fits both, so no computing power finds the pair.

The server needs `blind_sign` and `verify`. `blind` and `finalize` are the phone's half, which lives in
`web/static/blind.js`; this copy is what that one is tested against, byte by byte. `salt` is 48 bytes in the variant
that we use and 0 in the two of the RFC that are called PSSZERO; only the tests ask for those.
"""

import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

EXPONENT = 65537
# Anonymity does not rest on the size: the factor hides perfectly. Forging has to be out of reach for the weeks in which
# a collector is open, and 112 bits are; 3072 bits would cost the server three times the time and every phone 50 % more.
BITS = 2048
KEY_BYTES = BITS // 8
PREFIX_BYTES = 32
MESSAGE_BYTES = 64  # the random prefix of the RFC and 32 random bytes of ours
_HASH = hashlib.sha384
_HASH_BYTES = 48
SALT_BYTES = 48


class NotBlinded(ValueError):
    """Not as long as the key, or not below its modulus: no phone of ours made this."""


class SigningFault(RuntimeError):
    """The signature does not fit what was signed: a defective machine. It may not leave, it could give the key away."""


@dataclass(frozen=True)
class Blinded:
    """What is sent to be signed, and the inverse of the factor, which never leaves the phone."""

    message: bytes
    inverse: int


def new_key() -> rsa.RSAPrivateKey:
    """A fresh key from the operating system's random numbers."""
    return rsa.generate_private_key(EXPONENT, BITS)


def public_bytes(key: rsa.RSAPublicKey) -> bytes:
    """The public key as it is stored and published: DER, SubjectPublicKeyInfo."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_key(der: bytes) -> rsa.RSAPublicKey:
    """The key of `public_bytes`."""
    key = serialization.load_der_public_key(der)
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("an RSA key is needed")
    return key


def fingerprint(der: bytes) -> str:
    """SHA-256 of the public key as it is published, in eight groups of eight: what people compare.

    The same as `openssl pkey -pubin -outform DER | sha256sum`.
    """
    digits = hashlib.sha256(der).hexdigest()
    return " ".join(digits[start : start + 8] for start in range(0, len(digits), 8))


def spent_hash(message: bytes) -> bytes:
    """What is kept of a token that was spent: SHA-256 of its decoded bytes, so that one token has one name."""
    return hashlib.sha256(message).digest()


def blind_sign(key: rsa.RSAPrivateKey, blinded: bytes) -> bytes:
    """BlindSign: the blinded message to the private power, by Chinese remainders.

    The base is multiplied by a random power first, so that the time taken says nothing of the key; the result is
    checked before it is returned. Raises NotBlinded, SigningFault.
    """
    numbers = key.private_numbers()
    n = numbers.public_numbers.n
    length = _bytes(n)
    if len(blinded) != length:
        raise NotBlinded(f"{length} bytes are needed")
    message = int.from_bytes(blinded, "big")
    if message >= n:
        raise NotBlinded("not below the modulus")
    mask = _unit(n)
    base = message * pow(mask, EXPONENT, n) % n
    below_p = pow(base % numbers.p, numbers.dmp1, numbers.p)
    below_q = pow(base % numbers.q, numbers.dmq1, numbers.q)
    masked = below_q + (below_p - below_q) * numbers.iqmp % numbers.p * numbers.q
    signature = masked * pow(mask, -1, n) % n
    if pow(signature, EXPONENT, n) != message:
        raise SigningFault
    return signature.to_bytes(length, "big")


def verify(key: rsa.RSAPublicKey, message: bytes, signature: bytes, salt: int = SALT_BYTES) -> bool:
    """Whether this is a signature of the message: ordinary RSA-PSS with SHA-384, whoever unblinded it."""
    scheme = padding.PSS(padding.MGF1(hashes.SHA384()), salt)
    try:
        key.verify(signature, message, scheme, hashes.SHA384())
    except InvalidSignature:
        return False
    return True


def new_message() -> bytes:
    """Prepare: a random prefix before a random message; 64 bytes that nobody else knows."""
    return secrets.token_bytes(MESSAGE_BYTES)


def blind(key: rsa.RSAPublicKey, message: bytes, *, factor: int | None = None, salt: bytes | None = None) -> Blinded:
    """Blind: hide a prepared message behind a random factor. `factor`, `salt`: for comparing with other programs."""
    n = key.public_numbers().n
    factor = _unit(n) if factor is None else factor
    encoded = encode(message, n.bit_length() - 1, secrets.token_bytes(SALT_BYTES) if salt is None else salt)
    hidden = int.from_bytes(encoded, "big") * pow(factor, EXPONENT, n) % n
    return Blinded(hidden.to_bytes(_bytes(n), "big"), pow(factor, -1, n))


def finalize(
    key: rsa.RSAPublicKey, message: bytes, blind_signature: bytes, inverse: int, salt: int = SALT_BYTES
) -> bytes:
    """Finalize: take the factor off and check what is left. Raises InvalidSignature."""
    n = key.public_numbers().n
    signature = (int.from_bytes(blind_signature, "big") * inverse % n).to_bytes(_bytes(n), "big")
    if not verify(key, message, signature, salt):
        raise InvalidSignature
    return signature


def encode(message: bytes, bits: int, salt: bytes) -> bytes:
    """EMSA-PSS-ENCODE of RFC 8017, 9.1.1, with SHA-384 and MGF1: the number that RSA works on, below 2^bits."""
    length = -(-bits // 8)
    digest = _HASH(bytes(8) + _HASH(message).digest() + salt).digest()
    block = (b"\1" + salt).rjust(length - _HASH_BYTES - 1, b"\0")
    masked = bytearray(one ^ other for one, other in zip(block, _mask(digest, len(block)), strict=True))
    masked[0] &= 0xFF >> (8 * length - bits)
    return bytes(masked) + digest + b"\xbc"


def _mask(seed: bytes, length: int) -> bytes:
    rounds = range(-(-length // _HASH_BYTES))
    return b"".join(_HASH(seed + number.to_bytes(4, "big")).digest() for number in rounds)[:length]


def _unit(n: int) -> int:
    """A random number between 1 and n − 1. One that shares a factor with n would be the key itself: nobody draws it."""
    return 1 + secrets.randbelow(n - 1)


def _bytes(n: int) -> int:
    return (n.bit_length() + 7) // 8
