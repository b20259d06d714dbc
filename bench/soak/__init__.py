"""`make soak`: the real server under kills, overload, slow and failing disks, jumping clocks and lost keys.

Every sitting that is sent says in its answers which it is, so that after a scenario each acknowledged one can be found
in the database exactly once, or not.
"""
