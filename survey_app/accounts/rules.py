"""Who may do what, without a database: roles, what an engagement allows, how long things last."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """What a person may be in a campaign. ADMINISTRATOR and AUDITOR hold for the whole installation."""

    ADMINISTRATOR = "administrator"
    DESIGNER = "designer"
    EVALUATOR = "evaluator"
    LEAD_EVALUATOR = "lead_evaluator"
    APPROVER = "approver"
    AUDITOR = "auditor"


INSTALLATION_ROLES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True)
class Engagement:
    """委托: one agency's mandate for one campaign, as far as opening that campaign depends on it."""

    starts: date
    ends: date
    declaration_signed: bool

    def allows(self, day: date) -> bool:
        """Within the dates, and only with a signed declaration of no conflict of interest."""
        return self.declaration_signed and self.starts <= day <= self.ends
