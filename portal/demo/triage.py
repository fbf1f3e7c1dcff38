"""Two small synthetic datasets with guarded access, to show what people without it see."""

import csv
import io
import random

from django.core.files.base import ContentFile

from datasets.models import Dataset
from datasets.uploads import actions as uploads
from members.models import User
from portal.demo.plan import TRIAGE
from projects.models import Project, StudySite


def build(people: dict[str, User]) -> None:
    """The datasets, each brought by a member of the triage project."""
    project = Project.objects.get(title=TRIAGE.title)
    for number, plan in enumerate(TRIAGE.sites):
        site = StudySite.objects.get(project=project, name=plan.name)
        if Dataset.objects.filter(project=project, site=site).exists():
            continue
        uploads.bring(
            project=project,
            site=site,
            title=f"{plan.name} triage cohort (synthetic)",
            description="Made-up rows in the shape of a triage cohort; they belong to no child.",
            access=plan.access,
            threshold=10,
            file=ContentFile(table(plan.rows, TRIAGE.seed + number), name="triage.csv"),
            by=people[plan.keeper],
        )


def table(rows: int, seed: int) -> bytes:
    """The same CSV for the same seed."""
    chance = random.Random(seed)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(TRIAGE.labels)
    for number in range(1, rows + 1):
        age = min(59, int(chance.expovariate(1 / 16)) + 1)
        spo2 = min(100, max(62, round(chance.gauss(94.5, 4.2))))
        died = chance.random() < 0.02 + 0.012 * max(0, 92 - spo2)
        writer.writerow(
            [
                f"c{seed % 100:02}{number:05}",
                age,
                chance.choice((0, 1)),
                spo2 if chance.random() > 0.03 else "NA",
                round(chance.gauss(52 - age / 6, 9)),
                round(chance.gauss(131 + age / 3, 12)) if chance.random() > 0.14 else "NA",
                chance.choice(("oximetry", "usual care")),
                f"{chance.choice((2023, 2024))}-{chance.randint(1, 12):02}-"
                f"{chance.randint(1, 28):02}",
                int(died),
            ]
        )
    return text.getvalue().encode()
