"""Units by their UCUM code, the spellings people use for them, and substances by molar mass.

Scales are SI's and those of The Unified Code for Units of Measure (ucum.org), 1 lb = 453.59237 g,
1 in = 2.54 cm, 1 mm[Hg] = 133.322387415 Pa. Molar masses in g/mol are those of the formulas in
tests/engine/mapping/test_molar_masses.py by IUPAC's atomic weights; phosphate counts as phosphorus,
urea nitrogen as N2, lactate as lactic acid, triglycerides as triolein, vitamin D as calcidiol,
vitamin B12 as cyanocobalamin. Haemoglobin is the monomer's 16,114.5 g/mol, as laboratories report
it in mmol/L; who counts the tetramer (0.155 for 0.6206) writes an expression.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """`scale` of the kind's base unit, from its `zero` on."""

    kind: str
    scale: float
    zero: float = 0.0


@dataclass(frozen=True)
class Analyte:
    """A substance; `words` are what columns and labels call it.

    `usual` is where the median of any group of people lies, the gravely ill among them, in the unit
    it names: a window of plausibility, wide by design and taken from no publication, so that only
    another unit, or another measurement, falls outside. `healthy`, in the same unit, is given where
    the windows of two units in use overlap: a median that is nobody's health here and everybody's
    in the other unit is rather in that one.
    """

    molar_mass: float
    words: tuple[str, ...]
    usual: tuple[float, float, str] | None = None
    healthy: tuple[float, float] | None = None


def _kind(kind: str, **scales: float) -> dict[str, Unit]:
    return {code: Unit(kind, scale) for code, scale in scales.items()}


MASS, AMOUNT, NGSP, IFCC = "mass concentration", "amount concentration", "NGSP", "IFCC"
UNITS: dict[str, Unit] = {
    **_kind("mass", **{"kg": 1000, "g": 1, "mg": 1e-3, "ug": 1e-6, "[lb_av]": 453.59237}),
    **_kind("length", **{"m": 1, "cm": 0.01, "mm": 0.001, "[in_i]": 0.0254, "[ft_i]": 0.3048}),
    **_kind("pressure", **{"mm[Hg]": 133.322387415, "kPa": 1000, "cm[H2O]": 98.0665}),
    **_kind("time", **{"10.a": 3652.5}, a=365.25, mo=30.4375, wk=7, d=1, h=1 / 24, min=1 / 1440),
    **_kind("frequency", **{"/min": 1, "/s": 60}),
    **_kind("body mass index", **{"kg/m2": 1}),
    **_kind("volume", L=1, dL=0.1, mL=1e-3, uL=1e-6),
    "Cel": Unit("temperature", 1, 273.15),
    "[degF]": Unit("temperature", 5 / 9, 459.67 * 5 / 9),
    "K": Unit("temperature", 1),
    **_kind(
        MASS,
        **{
            "g/L": 1,
            "g/dL": 10,
            "mg/dL": 0.01,
            "mg/L": 1e-3,
            "ug/dL": 1e-5,
            "ug/mL": 1e-3,
            "ug/L": 1e-6,
            "ng/mL": 1e-6,
            "ng/dL": 1e-8,
            "ng/L": 1e-9,
            "pg/mL": 1e-9,
        },
    ),
    **_kind(
        AMOUNT,
        **{"mol/L": 1, "mmol/L": 1e-3, "umol/L": 1e-6, "nmol/L": 1e-9, "pmol/L": 1e-12},
    ),
    **_kind("cell count", **{"10*9/L": 1, "10*3/uL": 1, "10*6/uL": 1000, "10*12/L": 1000}),
    **_kind(NGSP, **{"%": 1}),
    **_kind(IFCC, **{"mmol/mol": 1}),
    **_kind("catalytic activity", **{"U/L": 1, "[iU]/L": 1, "ukat/L": 60, "nkat/L": 0.06}),
}

ALIASES: dict[str, tuple[str, ...]] = {
    "kg": ("kilogram", "kilograms", "kilo", "kgs"),
    "g": ("gram", "grams", "gr"),
    "[lb_av]": ("lb", "lbs", "pound", "pounds"),
    "cm": ("centimetre", "centimeter", "centimetres", "centimeters"),
    "m": ("metre", "meter", "metres", "meters"),
    "[in_i]": ("in", "inch", "inches"),
    "[ft_i]": ("ft", "foot", "feet"),
    "mm[Hg]": ("mmHg", "mm Hg", "torr"),
    "cm[H2O]": ("cmH2O", "cm H2O"),
    "10.a": ("decade", "decades", "décennie", "décennies"),
    "a": ("year", "years", "yr", "yrs", "y", "ann", "an", "ans"),
    "mo": ("month", "months", "mos", "mois"),
    "wk": ("week", "weeks", "wks"),
    "d": ("day", "days", "jours"),
    "h": ("hour", "hours", "hr", "hrs"),
    "min": ("minute", "minutes", "mins"),
    "/min": ("bpm", "beats/min", "1/min", "min-1", "per minute", "breaths/min"),
    "kg/m2": ("kg/m²", "kg per m2"),
    "Cel": ("°C", "C", "degC", "celsius"),
    "[degF]": ("°F", "F", "degF", "fahrenheit"),
    "L": ("litre", "liter", "litres", "liters"),
    "mL": ("cc", "cm3", "millilitre", "milliliter"),
    "g/L": ("g/litre", "g/liter"),
    "mg/dL": ("mg%", "mg/100 mL", "mg per dL"),
    "g/dL": ("g%", "g/100 mL", "g per dL"),
    "ug/L": ("ug/litre",),
    "mmol/L": ("mmol/litre", "mmol/liter"),
    "umol/L": ("uM", "umol/litre", "umol/liter"),
    "nmol/L": ("nM",),
    "10*9/L": ("10^9/L", "x10^9/L", "10e9/L"),
    "10*3/uL": ("10^3/uL", "K/uL", "x10^3/uL", "thousand/uL"),
    "10*6/uL": ("10^6/uL", "M/uL"),
    "10*12/L": ("10^12/L",),
    "%": ("percent", "per cent", "pct"),
    "[iU]/L": ("IU/L",),
}
"""Left out are spellings that are two units (G/L and g/l) and mEq/L, which is mmol/L
times the charge.
"""

ANALYTES: dict[str, Analyte] = {
    "glucose": Analyte(
        180.156,
        ("glucose", "gluc", "glu", "glc", "fpg", "fbg", "glukose", "gly"),
        (3, 20, "mmol/L"),
    ),
    "cholesterol": Analyte(
        386.65,
        ("cholesterol", "chol", "tchol", "hdl", "ldl", "hdlc", "ldlc", "totchol", "cholesterin"),
        (0.5, 10, "mmol/L"),
    ),
    "triglycerides": Analyte(
        885.4, ("triglycerides", "triglyceride", "trig", "tg", "trigs"), (0.4, 8, "mmol/L")
    ),
    "creatinine": Analyte(
        113.12, ("creatinine", "creat", "crea", "scr", "kreatinin"), (30, 1000, "umol/L")
    ),
    "urea": Analyte(60.056, ("urea", "harnstoff"), (2, 25, "mmol/L"), (2.9, 8.9)),
    "urea nitrogen": Analyte(28.014, ("bun", "ureanitrogen")),
    "uric acid": Analyte(168.11, ("uricacid", "urate", "uric", "uricemia"), (100, 800, "umol/L")),
    "bilirubin": Analyte(584.7, ("bilirubin", "bili", "tbil", "bilirubine"), (3, 100, "umol/L")),
    "calcium": Analyte(40.078, ("calcium", "kalzium"), (1.5, 3.5, "mmol/L")),
    "magnesium": Analyte(24.305, ("magnesium", "magn"), (0.5, 1.4, "mmol/L")),
    "phosphate": Analyte(30.974, ("phosphate", "phosphorus", "phos"), (0.5, 2.2, "mmol/L")),
    "sodium": Analyte(22.990, ("sodium", "natrium"), (110, 170, "mmol/L")),
    "potassium": Analyte(39.098, ("potassium", "kalium"), (2.5, 7, "mmol/L")),
    "iron": Analyte(55.845, ("iron", "eisen", "ferrum")),
    "haemoglobin": Analyte(
        16114.5, ("haemoglobin", "hemoglobin", "hb", "hgb"), (60, 180, "g/L"), (120, 175)
    ),
    "lactate": Analyte(90.08, ("lactate", "lact", "lac")),
    "vitamin D": Analyte(400.6, ("vitamind", "vitd", "ohd", "calcidiol")),
    "vitamin B12": Analyte(1355.4, ("vitaminb", "vitb", "cobalamin")),
    "folate": Analyte(441.4, ("folate", "folicacid")),
    "cortisol": Analyte(362.5, ("cortisol", "cort")),
    "testosterone": Analyte(288.4, ("testosterone", "testo")),
    "HbA1c": Analyte(0.0, ("hba", "hbac", "a1c", "hba1c", "glycohaemoglobin"), (3.9, 15, "%")),
}
"""HbA1c has no mass of its own: its two scales are tied by the NGSP's master equation.

What is healthy is an adult reference interval of Kratz et al., Laboratory reference values, N Engl
J Med 2004;351:1548-63, women's and men's together: haemoglobin 12.0-17.5 g/dL, urea nitrogen
8-25 mg/dL, which is 2.9-8.9 mmol/L of urea.
"""

NOT_IN_NAMES = frozenset(
    (
        *("min", "max", "in", "hr", "hrs", "h", "mo", "mos", "wk", "an", "ans", "ann", "um", "nm"),
        *("gr", "cc", "foot", "day", "days", "week", "weeks", "jours", "mois"),
    )
)
"""Spellings of a unit that rather are something else where a column's name ends in them: a minimum,
an hour's heart rate, a visit's week."""

DOUBTFUL_IN_NAMES: dict[str, str] = {
    "in": "[in_i]",
    "foot": "[ft_i]",
    "m": "m",
    "f": "[degF]",
    "c": "Cel",
}
"""Endings of a column's name that may be a unit and may be anything else: whether one is, the size
of the values has to say."""

BODY: tuple[tuple[tuple[str, ...], tuple[float, float, str]], ...] = (
    (
        ("height", "ht", "hgt", "bodyheight", "stature", "groesse", "taille"),
        (40, 220, "cm"),
    ),
    (
        ("waist", "wc", "waistcirc", "hip", "hipcirc", "neck", "head", "headcirc"),
        (20, 180, "cm"),
    ),
    (
        ("temperature", "temp", "bodytemp", "temperatur"),
        (33, 42, "Cel"),
    ),
)
"""What columns call a measure of the body, and where the median of any group of people lies: a wide
window, as that of an analyte, children among them."""
