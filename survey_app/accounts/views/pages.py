"""All pages of accounts on one blueprint, and the two functions that the application hands to web.access."""

from survey_app.accounts.views import agencies, audit, entrance, own_account, people
from survey_app.accounts.views.frame import blueprint, find_actor, note_refusal

__all__ = ["agencies", "audit", "blueprint", "entrance", "find_actor", "note_refusal", "own_account", "people"]
