"""The demo's people. All of them are invented; any likeness to a real person is chance."""

from typing import NamedTuple


class Person(NamedTuple):
    """One account: the key is the part of the e-mail address before the @."""

    key: str
    name: str
    institution: str
    country: str
    disciplines: tuple[str, ...]
    about: str = ""


DOMAIN = "demo.cohortium.example"
PASSWORD = "pool what we know"

PEOPLE = (
    Person(
        "ilona.farkas",
        "Ilona Farkas",
        "Hungarian Institute of Cardiology, Budapest",
        "HUN",
        ("cardiology", "epidemiology"),
        "Keeps the Budapest angiography register and leads the four-hospital pool.",
    ),
    Person(
        "walter.brandt",
        "Walter Brandt",
        "University Hospitals Zurich and Basel",
        "CHE",
        ("cardiology",),
        "Cardiologist; answers for the Swiss rows.",
    ),
    Person(
        "dana.whitlock",
        "Dana Whitlock",
        "Cleveland Clinic Foundation",
        "USA",
        ("cardiology", "biostatistics"),
        "Data steward in Cleveland; likes small standard errors.",
    ),
    Person(
        "marcus.bell",
        "Marcus Bell",
        "V.A. Medical Center, Long Beach",
        "USA",
        ("cardiology", "public-health"),
        "Brings the veterans' cohort.",
    ),
    Person(
        "amina.bello",
        "Amina Bello",
        "Lagoon Teaching Hospital, Lagos",
        "NGA",
        ("haematology", "paediatrics"),
        "Sickle cell clinic, 2,400 children in follow-up.",
    ),
    Person(
        "tomas.rehak",
        "Tomáš Řehák",
        "Moravian Institute of Biostatistics, Brno",
        "CZE",
        ("biostatistics", "data-science"),
        "Mixed models, missing data, individual-patient meta-analysis.",
    ),
    Person(
        "sofia.quiroga",
        "Sofía Quiroga",
        "Hospital del Altiplano, La Paz",
        "BOL",
        ("respiratory", "critical-care"),
        "Oxygen and altitude.",
    ),
    Person(
        "kenji.morita",
        "Kenji Morita",
        "Setouchi Medical Centre, Hiroshima",
        "JPN",
        ("geriatrics", "rehabilitation"),
    ),
    Person(
        "leila.haddad",
        "Leila Haddad",
        "Cedar Valley University, Beirut",
        "LBN",
        ("infectious-disease", "epidemiology"),
    ),
    Person(
        "grace.mwale",
        "Grace Mwale",
        "Shire Highlands Hospital, Blantyre",
        "MWI",
        ("paediatrics", "public-health"),
        "Pneumonia triage in primary care.",
    ),
    Person(
        "anneli.koski",
        "Anneli Koski",
        "Lakeland Registry Centre, Kuopio",
        "FIN",
        ("epidemiology", "health-economics"),
        "National registers, linked and pseudonymised.",
    ),
    Person(
        "ravi.menon",
        "Ravi Menon",
        "Backwater Medical College, Kochi",
        "IND",
        ("nephrology", "endocrinology"),
    ),
    Person(
        "chiara.bonetti",
        "Chiara Bonetti",
        "Istituto Adriatico, Trieste",
        "ITA",
        ("oncology", "genetics"),
    ),
    Person(
        "oluwaseun.ade",
        "Oluwaseun Ade",
        "Ridge Road Hospital, Accra",
        "GHA",
        ("obstetrics", "nursing"),
    ),
    Person(
        "pilar.ocampo",
        "Pilar Ocampo",
        "Clínica Río Verde, Cali",
        "COL",
        ("infectious-disease", "pathology"),
    ),
    Person(
        "henrik.dahl",
        "Henrik Dahl",
        "Fjordland University Hospital, Bergen",
        "NOR",
        ("neurology", "radiology"),
    ),
    Person(
        "mei.lin.chua",
        "Mei Lin Chua",
        "Straits General Hospital, Singapore",
        "SGP",
        ("ophthalmology", "data-science"),
        "Retinal images and the models that read them.",
    ),
    Person(
        "yosef.tadesse",
        "Yosef Tadesse",
        "Blue Nile Referral Hospital, Bahir Dar",
        "ETH",
        ("surgery", "anaesthesiology"),
    ),
    Person(
        "claire.delmas",
        "Claire Delmas",
        "Hôpital des Trois Rivières, Lyon",
        "FRA",
        ("gastroenterology", "immunology"),
    ),
    Person(
        "farah.siddiqui",
        "Farah Siddiqui",
        "Indus Delta Hospital, Karachi",
        "PAK",
        ("psychiatry", "public-health"),
    ),
    Person(
        "joao.tavares",
        "João Tavares",
        "Instituto Serra Azul, Belo Horizonte",
        "BRA",
        ("rheumatology", "genetics"),
    ),
    Person(
        "ngoc.anh.pham",
        "Phạm Ngọc Anh",
        "Perfume River Hospital, Huế",
        "VNM",
        ("respiratory", "infectious-disease"),
    ),
    Person(
        "eleni.markou",
        "Eleni Markou",
        "Aegean Ethics Office, Heraklion",
        "GRC",
        ("ethics", "public-health"),
        "Reviews protocols across borders.",
    ),
    Person(
        "samuel.tui",
        "Samuel Tui",
        "Harbour City Hospital, Auckland",
        "NZL",
        ("urology", "oncology"),
    ),
    Person(
        "zanele.khoza",
        "Zanele Khoza",
        "Highveld Academic Hospital, Johannesburg",
        "ZAF",
        ("infectious-disease", "pharmacology"),
    ),
    Person(
        "emily.carver",
        "Emily Carver",
        "Fenland Trials Unit, Cambridge",
        "GBR",
        ("biostatistics", "ethics"),
        "Trials methodologist looking for the next pool.",
    ),
)

EMAIL = {person.key: f"{person.key}@{DOMAIN}" for person in PEOPLE}
