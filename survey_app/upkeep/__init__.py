"""运维: keeping an installation safe: starting, backing up, restoring, recovering what waited on a lost host."""
