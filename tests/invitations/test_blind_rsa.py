"""Blind signatures against the vectors of RFC 9474, and what must hold for any key and message."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.invitations.rules import blind_rsa

VECTORS = json.loads((Path(__file__).parent / "data" / "rfc9474.json").read_text())
VARIANTS = pytest.mark.parametrize("vector", VECTORS["variants"], ids=lambda vector: vector["name"])
KEY = blind_rsa.new_key()
PUBLIC = KEY.public_key()
N = PUBLIC.public_numbers().n


def number(digits: str) -> int:
    return int(digits, 16)


def rfc_key() -> rsa.RSAPrivateKey:
    p, q = number(VECTORS["p"]), number(VECTORS["q"])
    d = pow(blind_rsa.EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(blind_rsa.EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return numbers.private_key()


def prepared(vector: dict[str, Any]) -> bytes:
    return bytes.fromhex(vector["prefix"] + VECTORS["msg"])


@VARIANTS
def test_blinding__of_the_rfc__is_reproduced_from_its_salt_and_factor(vector: dict[str, Any]) -> None:
    key = rfc_key().public_key()
    n = key.public_numbers().n
    assert n == number(VECTORS["n"])
    salt = bytes.fromhex(VECTORS["salt"]) if vector["salted"] else b""
    factor = pow(number(vector["inv"]), -1, n)
    made = blind_rsa.blind(key, prepared(vector), factor=factor, salt=salt)
    assert made.message.hex() == vector["blinded_msg"]
    assert made.inverse == number(vector["inv"])


@VARIANTS
def test_signing_and_unblinding__of_the_rfc__give_its_signatures(vector: dict[str, Any]) -> None:
    key = rfc_key()
    signed = blind_rsa.blind_sign(key, bytes.fromhex(vector["blinded_msg"]))
    assert signed.hex() == vector["blind_sig"]
    salt = blind_rsa.SALT_BYTES if vector["salted"] else 0
    found = blind_rsa.finalize(key.public_key(), prepared(vector), signed, number(vector["inv"]), salt)
    assert found.hex() == vector["sig"]
    assert blind_rsa.verify(key.public_key(), prepared(vector), found, salt)


@VARIANTS
def test_encoding__of_the_rfc__is_what_its_signature_holds(vector: dict[str, Any]) -> None:
    n = number(VECTORS["n"])
    salt = bytes.fromhex(VECTORS["salt"]) if vector["salted"] else b""
    held = pow(number(vector["sig"]), blind_rsa.EXPONENT, n)
    assert int.from_bytes(blind_rsa.encode(prepared(vector), n.bit_length() - 1, salt), "big") == held


@settings(max_examples=25, deadline=None)
@given(message=st.binary(min_size=0, max_size=200), factor=st.integers(1, N - 1))
def test_any_message__comes_back_signed_and_never_signs_another(message: bytes, factor: int) -> None:
    hidden = blind_rsa.blind(PUBLIC, message, factor=factor)
    signed = blind_rsa.blind_sign(KEY, hidden.message)
    signature = blind_rsa.finalize(PUBLIC, message, signed, hidden.inverse)
    assert blind_rsa.verify(PUBLIC, message, signature)
    assert not blind_rsa.verify(PUBLIC, message + b"x", signature)
    assert not blind_rsa.verify(blind_rsa.new_key().public_key(), message, signature)


def test_what_was_signed__fits_every_token_alike() -> None:
    # Perfect blinding: for any token there is a factor that makes this very blinded message of it.
    mine, other = blind_rsa.new_message(), blind_rsa.new_message()
    hidden = blind_rsa.blind(PUBLIC, mine)
    signed = blind_rsa.blind_sign(KEY, hidden.message)
    signature = blind_rsa.blind_sign(KEY, blind_rsa.encode(other, N.bit_length() - 1, b"s" * blind_rsa.SALT_BYTES))
    factor = int.from_bytes(signed, "big") * pow(int.from_bytes(signature, "big"), -1, N) % N
    assert blind_rsa.blind(PUBLIC, other, factor=factor, salt=b"s" * blind_rsa.SALT_BYTES).message == hidden.message


def test_blinded_message__of_another_length_or_beyond_the_modulus__is_not_signed() -> None:
    for wrong in (b"", b"\1", bytes(blind_rsa.KEY_BYTES - 1), bytes(blind_rsa.KEY_BYTES + 1), N.to_bytes(256, "big")):
        with pytest.raises(blind_rsa.NotBlinded):
            blind_rsa.blind_sign(KEY, wrong)
    for wrong_number in (N, N + 1, 2**2048 - 1):
        with pytest.raises(blind_rsa.NotBlinded):
            blind_rsa.blind_sign(KEY, wrong_number.to_bytes(blind_rsa.KEY_BYTES, "big"))


def test_signature_from_a_defective_machine__does_not_leave() -> None:
    sound = KEY.private_numbers()
    broken = rsa.RSAPrivateNumbers(
        sound.p, sound.q, sound.d, sound.dmp1 ^ 2, sound.dmq1, sound.iqmp, sound.public_numbers
    ).private_key(unsafe_skip_rsa_key_validation=True)
    with pytest.raises(blind_rsa.SigningFault):
        blind_rsa.blind_sign(broken, blind_rsa.blind(PUBLIC, b"m").message)


def test_signature_that_was_changed__is_refused_when_unblinded() -> None:
    hidden = blind_rsa.blind(PUBLIC, b"m")
    signed = bytearray(blind_rsa.blind_sign(KEY, hidden.message))
    signed[-1] ^= 1
    with pytest.raises(InvalidSignature):
        blind_rsa.finalize(PUBLIC, b"m", bytes(signed), hidden.inverse)


def test_published_key__has_the_fingerprint_that_openssl_tools_say() -> None:
    der = blind_rsa.public_bytes(PUBLIC)
    assert blind_rsa.public_bytes(blind_rsa.public_key(der)) == der
    assert len(blind_rsa.fingerprint(der).replace(" ", "")) == 64
    # What blind.js puts around the modulus.
    assert der == bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100") + N.to_bytes(
        256, "big"
    ) + bytes.fromhex("0203010001")
