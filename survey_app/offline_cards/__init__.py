"""Cards made on an agency's machine: the order that goes out, the hashes file that comes back, and its import."""
