"""Named lists (受邀人名单): who is invited, one blind signature each, tokens spent. Knows people, never answers."""
