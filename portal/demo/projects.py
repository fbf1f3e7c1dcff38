"""The demo's other projects, so that explore, search and the map look as in use. All invented."""

from typing import NamedTuple


class Site(NamedTuple):
    """One study site; the institution is the site's own name where not given."""

    name: str
    country: str
    institution: str = ""


class DemoProject(NamedTuple):
    """One project with its lead, members, sites and what it looks for."""

    title: str
    question: str
    disciplines: tuple[str, ...]
    conditions: tuple[str, ...]
    stage: str
    visibility: str
    join_policy: str
    lead: str
    members: tuple[tuple[str, str], ...]
    sites: tuple[Site, ...]
    openings: tuple[tuple[str, str, str], ...]
    summary: str = ""
    days_ago: int = 3


PROJECTS = (
    DemoProject(
        "Pulse-oximetry triage in childhood pneumonia",
        "Does measuring oxygen saturation at first contact lower 28-day mortality in children "
        "under five?",
        ("paediatrics", "respiratory"),
        ("pneumonia", "hypoxaemia"),
        "recruiting",
        "public",
        "manual",
        "grace.mwale",
        (("sofia.quiroga", "contributor"), ("ngoc.anh.pham", "contributor")),
        (
            Site("Blantyre", "MWI", "Shire Highlands Hospital, Blantyre"),
            Site("La Paz", "BOL", "Hospital del Altiplano, La Paz"),
            Site("Huế", "VNM", "Perfume River Hospital, Huế"),
            Site("Kisumu", "KEN", "Lakeside District Hospital, Kisumu"),
            Site("Lalitpur", "NPL", "Patan Valley Hospital, Lalitpur"),
        ),
        (
            ("method", "Survival analysis", "biostatistics"),
            ("region", "Sites in South-eastern Asia", ""),
            ("review", "Ethics adviser", "ethics"),
        ),
        days_ago=1,
    ),
    DemoProject(
        "Kidney function in sickle cell disease",
        "At which age does kidney function start to decline, and does hydroxyurea delay it?",
        ("haematology", "nephrology"),
        ("sickle cell disease", "albuminuria"),
        "harmonising",
        "public",
        "manual",
        "amina.bello",
        (("ravi.menon", "steward"), ("tomas.rehak", "contributor")),
        (
            Site("Lagos", "NGA", "Lagoon Teaching Hospital, Lagos"),
            Site("Kochi", "IND", "Backwater Medical College, Kochi"),
            Site("Kingston", "JAM", "Blue Mountain Clinic, Kingston"),
            Site("Accra", "GHA", "Ridge Road Hospital, Accra"),
            Site("Muscat", "OMN", "Gulf Heritage Hospital, Muscat"),
        ),
        (
            ("resource", "Cystatin C assay time", ""),
            ("data", "Cohorts with ten years of follow-up", ""),
        ),
    ),
    DemoProject(
        "Early mobilisation after hip fracture",
        "How soon after surgery should people over 70 be helped to stand, and does the answer "
        "differ by frailty?",
        ("geriatrics", "rehabilitation", "surgery"),
        ("hip fracture", "frailty"),
        "analysing",
        "public",
        "verified",
        "kenji.morita",
        (("anneli.koski", "steward"), ("emily.carver", "contributor")),
        (
            Site("Hiroshima", "JPN", "Setouchi Medical Centre, Hiroshima"),
            Site("Kuopio", "FIN", "Lakeland Registry Centre, Kuopio"),
            Site("Cambridge", "GBR", "Fenland Trials Unit, Cambridge"),
            Site("Bergen", "NOR", "Fjordland University Hospital, Bergen"),
        ),
        (
            ("method", "Mixed models", "biostatistics"),
            ("data", "Rehabilitation registries", ""),
        ),
        days_ago=0,
    ),
    DemoProject(
        "Reading chest X-rays for tuberculosis without a radiologist",
        "How well do five open readers agree with culture in clinics that never took part in "
        "their training?",
        ("infectious-disease", "radiology", "data-science"),
        ("tuberculosis",),
        "recruiting",
        "public",
        "manual",
        "pilar.ocampo",
        (("zanele.khoza", "contributor"), ("leila.haddad", "reader")),
        (
            Site("Cali", "COL", "Clínica Río Verde, Cali"),
            Site("Johannesburg", "ZAF", "Highveld Academic Hospital, Johannesburg"),
            Site("Lima", "PER", "Policlínico Costa Sur, Lima"),
            Site("Yangon", "MMR", "Irrawaddy Chest Clinic, Yangon"),
            Site("Tbilisi", "GEO", "Caucasus Lung Centre, Tbilisi"),
        ),
        (
            ("data", "Sites with digital X-ray", ""),
            ("review", "Ethics adviser", "ethics"),
            ("discipline", "Radiology", "radiology"),
        ),
        days_ago=5,
    ),
    DemoProject(
        "Low-dose aspirin timing in twin pregnancy",
        "Does starting low-dose aspirin before 13 weeks prevent pre-eclampsia in twin pregnancy?",
        ("obstetrics",),
        ("pre-eclampsia", "twin pregnancy"),
        "reporting",
        "listed",
        "closed",
        "oluwaseun.ade",
        (("claire.delmas", "contributor"),),
        (
            Site("Accra", "GHA", "Ridge Road Hospital, Accra"),
            Site("Lyon", "FRA", "Hôpital des Trois Rivières, Lyon"),
            Site("Porto", "PRT", "Maternidade do Douro, Porto"),
        ),
        (("review", "Peer reviewer", ""),),
        days_ago=14,
    ),
    DemoProject(
        "Heart rate on standing after COVID-19",
        "What is a normal response to a ten-minute stand test, and who does not have it?",
        ("cardiology", "neurology"),
        ("COVID-19", "orthostatic intolerance"),
        "recruiting",
        "public",
        "verified",
        "joao.tavares",
        (("henrik.dahl", "contributor"), ("marcus.bell", "reader")),
        (
            Site("Belo Horizonte", "BRA", "Instituto Serra Azul, Belo Horizonte"),
            Site("Bergen", "NOR", "Fjordland University Hospital, Bergen"),
            Site("Montréal", "CAN", "Hôpital du Mont-Vert, Montréal"),
            Site("Cebu", "PHL", "Visayas Heart Centre, Cebu"),
        ),
        (
            ("resource", "12 chest-strap sensors", ""),
            ("method", "Signal processing", "data-science"),
        ),
    ),
    DemoProject(
        "Retinal images as a window on the kidney",
        "Can a photograph of the retina replace a blood test in diabetes clinics far from a "
        "laboratory?",
        ("ophthalmology", "nephrology", "data-science"),
        ("diabetic retinopathy", "chronic kidney disease"),
        "harmonising",
        "public",
        "manual",
        "mei.lin.chua",
        (("ravi.menon", "contributor"),),
        (
            Site("Singapore", "SGP", "Straits General Hospital, Singapore"),
            Site("Kochi", "IND", "Backwater Medical College, Kochi"),
            Site("Suva", "FJI", "Reef Road Eye Clinic, Suva"),
            Site("Auckland", "NZL", "Harbour City Hospital, Auckland"),
        ),
        (
            ("data", "Paired photographs and creatinine", ""),
            ("region", "Sites in Melanesia", ""),
        ),
        days_ago=2,
    ),
    DemoProject(
        "Hépatite B: who clears the virus?",
        "Which patients lose surface antigen within five years of starting tenofovir?",
        ("gastroenterology", "infectious-disease", "immunology"),
        ("hepatitis B",),
        "analysing",
        "public",
        "manual",
        "claire.delmas",
        (("zanele.khoza", "contributor"), ("tomas.rehak", "steward")),
        (
            Site("Lyon", "FRA", "Hôpital des Trois Rivières, Lyon"),
            Site("Dakar", "SEN", "Clinique du Plateau Bleu, Dakar"),
            Site("Johannesburg", "ZAF", "Highveld Academic Hospital, Johannesburg"),
            Site("Ulaanbaatar", "MNG", "Steppe University Hospital, Ulaanbaatar"),
        ),
        (("method", "Competing risks", "biostatistics"),),
        days_ago=4,
    ),
    DemoProject(
        "Antibiotic resistance in neonatal sepsis",
        "Which first-line treatment still works in which region?",
        ("infectious-disease", "paediatrics", "pharmacology"),
        ("neonatal sepsis", "antimicrobial resistance"),
        "harmonising",
        "listed",
        "manual",
        "zanele.khoza",
        (("grace.mwale", "contributor"), ("leila.haddad", "contributor")),
        (
            Site("Johannesburg", "ZAF", "Highveld Academic Hospital, Johannesburg"),
            Site("Blantyre", "MWI", "Shire Highlands Hospital, Blantyre"),
            Site("Beirut", "LBN", "Cedar Valley University, Beirut"),
            Site("Karachi", "PAK", "Indus Delta Hospital, Karachi"),
            Site("Dhaka", "BGD", "Padma Children's Hospital, Dhaka"),
        ),
        (
            ("data", "Isolates with minimum inhibitory concentrations", ""),
            ("resource", "Sequencing of 400 isolates", ""),
        ),
    ),
    DemoProject(
        "Surgical safety without a pulse oximeter",
        "How many operations are still done without one, and what happens to these patients?",
        ("surgery", "anaesthesiology", "public-health"),
        ("perioperative mortality",),
        "recruiting",
        "public",
        "verified",
        "yosef.tadesse",
        (("grace.mwale", "reader"),),
        (
            Site("Bahir Dar", "ETH", "Blue Nile Referral Hospital, Bahir Dar"),
            Site("Lusaka", "ZMB", "Copperbelt Road Hospital, Lusaka"),
            Site("Port Moresby", "PNG", "Coral Bay Hospital, Port Moresby"),
        ),
        (
            ("discipline", "Anaesthesiology", "anaesthesiology"),
            ("region", "Sites in Eastern Africa", ""),
        ),
        days_ago=8,
    ),
    DemoProject(
        "Depression after stroke, in eleven languages",
        "Does the same questionnaire measure the same thing everywhere?",
        ("psychiatry", "neurology"),
        ("stroke", "depression"),
        "planning",
        "public",
        "manual",
        "farah.siddiqui",
        (("henrik.dahl", "contributor"), ("kenji.morita", "reader")),
        (
            Site("Karachi", "PAK", "Indus Delta Hospital, Karachi"),
            Site("Bergen", "NOR", "Fjordland University Hospital, Bergen"),
            Site("İzmir", "TUR", "Ege Nöroloji Merkezi, İzmir"),
            Site("Guadalajara", "MEX", "Instituto Valle Alto, Guadalajara"),
        ),
        (
            ("method", "Measurement invariance", "biostatistics"),
            ("discipline", "Psychiatry", "psychiatry"),
        ),
        days_ago=11,
    ),
    DemoProject(
        "Rare variants in early-onset gout",
        "Which variants bring gout before 30, and do they answer to the same drug?",
        ("rheumatology", "genetics"),
        ("gout",),
        "recruiting",
        "public",
        "manual",
        "joao.tavares",
        (("samuel.tui", "contributor"), ("chiara.bonetti", "steward")),
        (
            Site("Auckland", "NZL", "Harbour City Hospital, Auckland"),
            Site("Apia", "WSM", "Upolu Island Hospital, Apia"),
            Site("Belo Horizonte", "BRA", "Instituto Serra Azul, Belo Horizonte"),
            Site("Taipei", "TWN", "Tamsui River Hospital, Taipei"),
        ),
        (("resource", "Exome sequencing, 200 samples", ""),),
        days_ago=6,
    ),
    DemoProject(
        "Prostate cancer watchful waiting, thirty years on",
        "Who should have been treated at once?",
        ("urology", "oncology"),
        ("prostate cancer",),
        "reporting",
        "public",
        "closed",
        "samuel.tui",
        (("chiara.bonetti", "contributor"), ("anneli.koski", "contributor")),
        (
            Site("Auckland", "NZL", "Harbour City Hospital, Auckland"),
            Site("Kuopio", "FIN", "Lakeland Registry Centre, Kuopio"),
            Site("Trieste", "ITA", "Istituto Adriatico, Trieste"),
            Site("Melbourne", "AUS", "Yarra Bend Hospital, Melbourne"),
        ),
        (("review", "Peer reviewer", ""),),
        days_ago=20,
    ),
    DemoProject(
        "Altitude and the newborn lung",
        "Which saturation is healthy at 3,600 metres?",
        ("paediatrics", "respiratory"),
        ("hypoxaemia",),
        "analysing",
        "public",
        "manual",
        "sofia.quiroga",
        (("ngoc.anh.pham", "reader"),),
        (
            Site("La Paz", "BOL", "Hospital del Altiplano, La Paz"),
            Site("Mustang", "NPL", "Patan Valley Hospital, Lalitpur"),
            Site("Cusco", "PER", "Policlínico Sacsay, Cusco"),
        ),
        (("region", "Sites above 3,000 metres", ""),),
        days_ago=9,
    ),
    DemoProject(
        "The cost of a missed dialysis session",
        "What does one missed session lead to, for the patient and for the ward?",
        ("nephrology", "health-economics"),
        ("end-stage kidney disease",),
        "planning",
        "listed",
        "manual",
        "anneli.koski",
        (("ravi.menon", "contributor"),),
        (
            Site("Kuopio", "FIN", "Lakeland Registry Centre, Kuopio"),
            Site("Kochi", "IND", "Backwater Medical College, Kochi"),
            Site("Casablanca", "MAR", "Centre Atlas de Néphrologie, Casablanca"),
            Site("Cairo", "EGY", "Nile Bend Hospital, Cairo"),
        ),
        (("discipline", "Health economics", "health-economics"),),
        days_ago=16,
    ),
    DemoProject(
        "Pooled pharmacogenetics of warfarin",
        "How much of the right dose do three genes explain outside Europe?",
        ("pharmacology", "genetics", "cardiology"),
        ("anticoagulation",),
        "harmonising",
        "private",
        "closed",
        "chiara.bonetti",
        (("tomas.rehak", "contributor"),),
        (Site("Trieste", "ITA", "Istituto Adriatico, Trieste"),),
        (),
        days_ago=7,
    ),
)
