"""Reading campaigns. `doors` is all that the respondent path may import; nothing here reaches accounts."""
