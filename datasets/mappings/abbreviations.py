"""What columns are called in clinical files, by what they hold, and words for common codes.

Written for this portal from the dictionaries of public cohorts (UCI Heart Disease, Framingham,
NHANES) and the abbreviations of clinical notes.
"""

from collections.abc import Mapping

CONCEPTS: Mapping[str, tuple[str, ...]] = {
    "age": ("age", "ageyears", "ageyrs", "years", "alter", "edad", "agey", "ageatvisit"),
    "sex": ("sex", "gender", "geschl", "geschlecht", "sexe", "sexo", "male", "female"),
    "body mass index": ("bmi", "bodymassindex", "imc"),
    "height": ("height", "ht", "hgt", "bodyheight", "groesse", "taille", "heightcm"),
    "weight": ("weight", "wt", "wgt", "bodyweight", "gewicht", "poids", "weightkg"),
    "systolic blood pressure": (
        *("sbp", "sysbp", "systolic", "systolicbp", "trestbps", "aphi", "rrsys", "pas"),
        *("systolicbloodpressure", "restingbloodpressure", "restingbp", "bpsys"),
    ),
    "diastolic blood pressure": (
        *("dbp", "diabp", "diastolic", "diastolicbp", "aplo", "rrdia", "pad"),
        *("diastolicbloodpressure", "bpdia"),
    ),
    "heart rate": ("hr", "heartrate", "pulse", "heartbeat", "puls", "restinghr", "fc"),
    "highest heart rate": (
        "thalach",
        "maxhr",
        "hrmax",
        "maximumheartrate",
        "peakhr",
        "highestheartrate",
    ),
    "cholesterol": (
        "chol",
        "cholesterol",
        "tchol",
        "totchol",
        "tc",
        "totalcholesterol",
        "serumcholesterol",
        "cholesterin",
    ),
    "HDL cholesterol": ("hdl", "hdlc", "hdlchol", "hdlcholesterol"),
    "LDL cholesterol": ("ldl", "ldlc", "ldlchol", "ldlcholesterol"),
    "triglycerides": ("tg", "trig", "trigs", "triglycerides", "triglyceride"),
    "glucose": ("glu", "gluc", "glucose", "glc", "bloodglucose", "bloodsugar", "glukose"),
    "fasting blood sugar": ("fbs", "fpg", "fbg", "fastingglucose", "fastingbloodsugar"),
    "HbA1c": ("hba1c", "a1c", "hbac", "glycatedhaemoglobin", "glycatedhemoglobin"),
    "creatinine": ("crea", "creat", "creatinine", "scr", "kreatinin"),
    "estimated filtration rate": ("egfr", "gfr", "estimatedgfr"),
    "haemoglobin": ("hb", "hgb", "haemoglobin", "hemoglobin"),
    "white cell count": ("wbc", "leuko", "leukocytes", "leucocytes", "whitecellcount"),
    "platelets": ("plt", "platelets", "thrombocytes"),
    "C-reactive protein": ("crp", "hscrp", "creactiveprotein"),
    "sodium": ("na", "sodium", "natrium"),
    "potassium": ("potassium", "kalium"),
    "temperature": ("temp", "temperature", "bodytemp", "bodytemperature"),
    "oxygen saturation": ("spo2", "sao2", "o2sat", "oxygensaturation", "sat"),
    "respiratory rate": ("rr", "resprate", "respiratoryrate", "breathingrate"),
    "diabetes": ("dm", "diabetes", "t2dm", "diab", "diabetic"),
    "hypertension": ("htn", "hypertension", "hyp", "prevalenthyp"),
    "smoking": ("smoke", "smoker", "smoking", "currentsmoker", "cigs", "tabac"),
    "chest pain": ("cp", "chestpain", "chestpaintype", "angina"),
    "angina on exercise": ("exang", "exerciseangina", "exerciseinducedangina", "anginaonexercise"),
    "ST depression": ("oldpeak", "stdepression", "stdep"),
    "ST slope": ("slope", "stslope"),
    "resting ECG": ("restecg", "ecg", "restingecg", "ekg"),
    "vessels narrowed": ("ca", "vessels", "vesselsnarrowed", "majorvessels"),
    "thallium scan": ("thal", "thallium", "thalliumscan"),
    "coronary disease": ("num", "cad", "chd", "coronarydisease", "heartdisease", "target"),
    "stroke": ("stroke", "cva", "prevalentstroke"),
    "death": ("death", "dead", "died", "deceased", "mort", "mortality", "vitalstatus"),
    "follow-up time": ("fu", "followup", "futime", "timetoevent", "survtime", "followuptime"),
}

CODE_WORDS: Mapping[str, tuple[str, ...]] = {
    "male": ("m", "male", "man", "männlich", "maennlich", "homme", "h", "masculino", "hombre"),
    "female": ("f", "w", "female", "woman", "weiblich", "femme", "femenino", "mujer"),
    "yes": ("yes", "y", "ja", "j", "oui", "o", "sí", "si", "s", "true", "1", "positive", "pos"),
    "no": ("no", "n", "nein", "non", "false", "0", "negative", "neg"),
}

MISSING_WORDS = frozenset(
    (
        *("k.a.", "ka", "n/a", "na", "nan", "nd", "n.d.", "unknown", "unk", "ukn", "missing", "."),
        *("-", "--", "?", "none", "null", "ns", "nsp", "not known", "not done", "not stated"),
        *("unbekannt", "keine angabe", "inconnu", "desconocido", "-9", "-99", "-999"),
    )
)
