"""Acts on named lists: reading and keeping one, key files, issuing signatures, destroying the list at close."""
