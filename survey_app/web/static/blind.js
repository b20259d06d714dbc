/* The phone's half of a blind signature: RSABSSA-SHA384-PSS-Randomized, RFC 9474. The server's copy and the tests are
   in invitations/rules/blind_rsa.py. ES2017 and BigInt, without BigInt literals, so that older browsers can read this
   file and be told to take a card. Bytes travel as URL-safe base64. */
(function () {
  'use strict';
  var HASH = 48;

  function bytesOf(text) {
    return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), function (sign) { return sign.charCodeAt(0); });
  }
  function textOf(bytes) {
    return btoa(String.fromCharCode.apply(null, bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
  }
  function numberOf(bytes) {
    return BigInt('0x' + Array.from(bytes, function (byte) { return byte.toString(16).padStart(2, '0'); }).join(''));
  }
  function ofLength(number, length) {
    return Uint8Array.from(number.toString(16).padStart(2 * length, '0').match(/../g), function (pair) { return parseInt(pair, 16); });
  }
  function random(length) { return crypto.getRandomValues(new Uint8Array(length)); }
  function joined() {
    return Uint8Array.from([].concat.apply([], Array.from(arguments, function (part) { return Array.from(part); })));
  }
  function sha(bytes) {
    return crypto.subtle.digest('SHA-384', bytes).then(function (digest) { return new Uint8Array(digest); });
  }

  /* EMSA-PSS-ENCODE for a modulus of 8 * length bits. */
  async function encode(message, salt, length) {
    var digest = await sha(joined(new Uint8Array(8), await sha(message), salt));
    var block = new Uint8Array(length - HASH - 1), at, part;
    block[block.length - HASH - 1] = 1;
    block.set(salt, block.length - HASH);
    for (at = 0; at < block.length; at += HASH) {
      part = await sha(joined(digest, [0, 0, 0, at / HASH]));
      part.subarray(0, block.length - at).forEach(function (byte, place) { block[at + place] ^= byte; });
    }
    block[0] &= 127;
    return joined(block, digest, [188]);
  }

  function inverse(number, n) {
    var rest = n, other = number, zero = BigInt(0), left = zero, right = BigInt(1), whole;
    while (other !== zero) {
      whole = rest / other;
      [rest, other] = [other, rest - whole * other];
      [left, right] = [right, left - whole * right];
    }
    return (left + n) % n;
  }

  /* message, salt, factor: bytes; the last two are drawn here unless a test gives them. */
  async function blind(key, message, salt, factor) {
    var n = numberOf(bytesOf(key)), length = bytesOf(key).length, hidden, power, round;
    do { hidden = numberOf(factor || random(length)); } while (hidden >= n || hidden === BigInt(0));
    power = hidden;
    for (round = 0; round < 16; round += 1) power = power * power % n;
    power = power * hidden % n;
    return {
      blinded: textOf(ofLength(numberOf(await encode(message, salt || random(HASH), length)) * power % n, length)),
      inverse: textOf(ofLength(inverse(hidden, n), length))
    };
  }

  /* The signature without its factor; refused when it is not one. */
  async function finish(key, message, signed, factor) {
    var n = numberOf(bytesOf(key)), length = bytesOf(key).length;
    var signature = ofLength(numberOf(bytesOf(signed)) * numberOf(bytesOf(factor)) % n, length);
    var checked = await crypto.subtle.importKey('jwk', { kty: 'RSA', n: key, e: 'AQAB' }, { name: 'RSA-PSS', hash: 'SHA-384' }, false, ['verify']);
    if (!await crypto.subtle.verify({ name: 'RSA-PSS', saltLength: HASH }, checked, signature, message)) throw new Error('signature');
    return textOf(signature);
  }

  /* What people compare: SHA-256 of the public key in DER, as `openssl pkey -pubin -outform DER | sha256sum` says it. */
  async function fingerprint(key) {
    var head = 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA';
    var digest = await crypto.subtle.digest('SHA-256', joined(bytesOf(head), bytesOf(key), [2, 3, 1, 0, 1]));
    return Array.from(new Uint8Array(digest), function (byte) { return byte.toString(16).padStart(2, '0'); }).join('').match(/.{8}/g).join(' ');
  }

  window.pingyiBlind = { blind: blind, finish: finish, fingerprint: fingerprint, random: random, textOf: textOf, bytesOf: bytesOf };
}());
