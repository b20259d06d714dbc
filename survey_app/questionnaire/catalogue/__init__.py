"""Every message the formats and the reader of answers can give, by code, in Chinese and English."""
