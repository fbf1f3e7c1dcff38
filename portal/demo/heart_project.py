"""The demo's real part: four hospitals, one project, one answer."""

from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent / "heart"

PROJECT: dict[str, Any] = {
    "title": "Heart disease, four hospitals",
    "question": "Do age, sex and exercise angina foretell coronary disease alike in Cleveland, "
    "Budapest, Switzerland and Long Beach?",
    "summary": "Four hospitals recorded the same stress tests before coronary angiography. Each "
    "is small. Together they show which signs foretell disease, and whether they do so "
    "**everywhere**.\n\n"
    "The 920 patients are real: *Heart Disease*, UCI Machine Learning Repository, CC BY 4.0; "
    "Andras Janosi (Hungarian Institute of Cardiology, Budapest), William Steinbrunn (University "
    "Hospital, Zurich), Matthias Pfisterer (University Hospital, Basel), Robert Detrano (V.A. "
    "Medical Center, Long Beach, and Cleveland Clinic Foundation). The people named as members "
    "here are invented.",
    "disciplines": ["cardiology", "epidemiology"],
    "conditions": ["coronary disease", "angina"],
    "stage": "analysing",
    "visibility": "public",
    "join_policy": "manual",
    "join_questions": ["Which patients could your hospital bring?"],
}
SLUG = "heart-disease-four-hospitals"
LEAD = "ilona.farkas"
WAITING = "anneli.koski"

OPENINGS = (
    ("region", "Sites in Eastern Asia", ""),
    ("method", "Someone to review the interaction tests", "biostatistics"),
    ("data", "Angiography registers with stress tests", ""),
)


class HeartSite(NamedTuple):
    """One hospital: its file, its place and who keeps its data."""

    name: str
    file: str
    institution: str
    country: str
    keeper: str
    role: str


SITES = (
    HeartSite(
        "Cleveland",
        "cleveland.csv",
        "Cleveland Clinic Foundation",
        "USA",
        "dana.whitlock",
        "steward",
    ),
    HeartSite(
        "Hungary",
        "hungary.csv",
        "Hungarian Institute of Cardiology, Budapest",
        "HUN",
        LEAD,
        "lead",
    ),
    HeartSite(
        "Switzerland",
        "switzerland.csv",
        "University Hospitals Zurich and Basel",
        "CHE",
        "walter.brandt",
        "contributor",
    ),
    HeartSite(
        "VA Long Beach",
        "va-long-beach.csv",
        "V.A. Medical Center, Long Beach",
        "USA",
        "marcus.bell",
        "contributor",
    ),
)

LABELS = {
    "age": ("Age", "a"),
    "sex": ("Sex: 1 male, 0 female", ""),
    "cp": ("Chest pain: 1 typical, 2 atypical, 3 non-anginal, 4 none", ""),
    "trestbps": ("Resting blood pressure", "mm[Hg]"),
    "chol": ("Serum cholesterol, 0 not measured", "mg/dL"),
    "fbs": ("Fasting blood sugar above 120 mg/dl", ""),
    "restecg": ("Resting electrocardiogram", ""),
    "thalach": ("Highest heart rate reached", "/min"),
    "exang": ("Angina brought on by exercise", ""),
    "oldpeak": ("ST depression brought on by exercise", "mm"),
    "slope": ("Slope of the peak ST segment", ""),
    "ca": ("Vessels coloured by fluoroscopy", ""),
    "thal": ("Thallium scan", ""),
    "num": ("Diagnosis: 0 none, 1 to 4 disease", ""),
}


class Shared(NamedTuple):
    """One shared variable and the rule that makes it of a hospital's columns."""

    name: str
    label: str
    type: str
    unit: str
    topic: str
    rule: dict[str, Any]
    codes: dict[str, str] | None = None


def expression(sql: str) -> dict[str, Any]:
    return {"kind": "expression", "sql": sql}


def copy(column: str) -> dict[str, Any]:
    return {"kind": "copy", "column": column}


YES_NO = {"0": "no", "1": "yes"}
VARIABLES = (
    Shared("disease", "Coronary disease", "boolean", "", "Outcome", expression("num > 0"), YES_NO),
    Shared("age", "Age", "number", "a", "Person", copy("age")),
    Shared("age10", "Age in decades", "number", "", "Person", expression("age / 10.0")),
    Shared("sex", "Male sex", "boolean", "", "Person", copy("sex"), {"0": "female", "1": "male"}),
    Shared(
        "trestbps",
        "Resting blood pressure",
        "number",
        "mm[Hg]",
        "At rest",
        expression("NULLIF(trestbps, 0)"),
    ),
    Shared(
        "chol", "Serum cholesterol", "number", "mg/dL", "At rest", expression("NULLIF(chol, 0)")
    ),
    Shared("thalach", "Highest heart rate", "number", "/min", "Stress test", copy("thalach")),
    Shared("exang", "Exercise angina", "boolean", "", "Stress test", copy("exang"), YES_NO),
    Shared("oldpeak", "ST depression", "number", "mm", "Stress test", copy("oldpeak")),
    Shared(
        "cp4",
        "Asymptomatic chest pain type",
        "boolean",
        "",
        "Symptoms",
        expression("cp = 4"),
        YES_NO,
    ),
)

NOT_MEASURED = {("chol", "Switzerland"): "Cholesterol is 0 in all 123 rows: it was not measured."}

ANALYSES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "Four hospitals side by side",
        "describe",
        {
            "variables": ["age", "trestbps", "chol", "thalach", "oldpeak", "disease"],
            "by": "site",
        },
    ),
    (
        "What goes with what",
        "correlation",
        {"variables": ["age", "trestbps", "chol", "thalach", "oldpeak"]},
    ),
    (
        "Seven signs of coronary disease, pooled",
        "regression",
        {
            "outcome": "disease",
            "family": "binomial",
            "terms": ["age10", "sex", "trestbps", "thalach", "exang", "oldpeak", "cp4"],
            "site_effects": True,
            "strategy": "one_stage",
        },
    ),
    (
        "Does ST depression mean the same at every site?",
        "regression",
        {
            "outcome": "disease",
            "family": "binomial",
            "terms": ["age10", "sex", "trestbps", "thalach", "exang", "oldpeak", "cp4"],
            "interactions": [["oldpeak", "site"]],
            "site_effects": True,
            "strategy": "one_stage",
        },
    ),
    (
        "Age, sex and exercise angina, by site and region",
        "regression",
        {
            "outcome": "disease",
            "family": "binomial",
            "terms": ["age10", "sex", "exang"],
            "site_effects": True,
            "strategy": "two_stage",
        },
    ),
)
