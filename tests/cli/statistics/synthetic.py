"""The simulated evaluation of tests/analysis/golden/synthetic as the files that an agency would bring."""

import json
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parents[2] / "analysis" / "golden" / "synthetic"
AUDIENCES = ("service_recipient", "related_department", "staff")


def instrument() -> dict[str, Any]:
    return json.loads((GOLDEN / "instrument.json").read_text())


def questionnaire(audience: str) -> dict[str, Any]:
    """Choice codes are the numbers that the responses hold; best is the highest, where not reversed."""
    own = instrument()[audience]
    items: list[dict[str, Any]] = [
        {
            "id": name,
            "type": "likert",
            "scale": f"scale_{audience}",
            "dimension": "all",
            "reverse_coded": name in own["reverse"],
            "text": name,
        }
        for name in own["items"]
    ]
    quality: dict[str, Any] = {"seconds_per_item": 2.0}
    if audience != "related_department":
        choices = [{"code": "1", "label": "照做"}, {"code": "0", "label": "没有照做"}]
        items.append({"id": "attention_ok", "type": "single", "use": "none", "text": "请选第一项", "choices": choices})
        quality["attention"] = [{"item": "attention_ok", "expect": ["1"]}]
    return {
        "format": 1,
        "id": f"synthetic_{audience}",
        "version": "1",
        "audience": audience,
        "title": "模拟问卷",
        "response_scales": {
            f"scale_{audience}": {
                "choices": [{"code": str(step), "label": f"{step}分"} for step in range(1, own["points"] + 1)]
            }
        },
        "dimensions": {"all": {"title": "全部"}},
        "sections": [{"id": "main", "items": items}],
        "quality": quality,
    }


def plan(**more: Any) -> dict[str, Any]:
    """One indicator an audience: the mean of all items on 0–100, strata weighted by the frame."""
    points = {
        f"scale_{audience}": {str(step): (step - 1) / (own["points"] - 1) * 100 for step in range(1, own["points"] + 1)}
        for audience, own in instrument().items()
    }
    indicators = [
        {
            "code": audience,
            "audience": audience,
            "role": "reference",
            "parts": [{"dimension": "all", "weight": 1}],
            "strata": "poststratify",
        }
        for audience in AUDIENCES
    ]
    return {"format": 1, "id": "synthetic", "version": "1", "points": points, "indicators": indicators, **more}


def command(folder: Path, plan_document: dict[str, Any] | None = None) -> list[str]:
    """Write the definitions and say what to type; data are the golden files themselves."""
    typed = ["analyse"]
    for audience in AUDIENCES:
        path = folder / f"{audience}.json"
        path.write_text(json.dumps(questionnaire(audience)), encoding="utf-8")
        typed += ["--questionnaire", str(path)]
    path = folder / "plan.json"
    path.write_text(json.dumps(plan_document or plan()), encoding="utf-8")
    return [
        *typed,
        "--plan",
        str(path),
        "--responses",
        str(GOLDEN / "responses.csv"),
        "--frame",
        str(GOLDEN / "frame.csv"),
    ]
