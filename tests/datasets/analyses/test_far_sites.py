"""A model over all rows that lies far from a guarded site's own says so, on page and by call."""

import numpy as np
import pytest

from tests.datasets.analyses.test_gate import finished
from tests.factories import DatasetFactory, StudySiteFactory, table_version
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_lease_is_extended")]

SAID = "In the model over all rows Basel is there by its own model, which lies far from it"
EN_FRANCAIS = "Dans le modèle sur toutes les lignes, Basel est représenté par son propre modèle"


def test_it_is_said_among_the_notes_and_in_the_readers_language(api, page, lead, project):
    rng = np.random.default_rng(7)
    versions = []
    for name, slope in (("Basel", 2.0), ("Oslo", 0.0)):
        dose = rng.normal(0, 1, 200).round(2)
        ill = rng.random(200) < 1 / (1 + np.exp(-0.2 - slope * dose))
        site = StudySiteFactory(project=project, name=name, country="CHE")
        access = "controlled" if name == "Basel" else "project"
        kept = DatasetFactory(project=project, site=site, access=access, release_policy="gate")
        columns = {"dose": ("number", dose.tolist()), "ill": ("boolean", ill.tolist())}
        versions.append(table_version(columns, dataset=kept))
    asked = {"outcome": "ill", "terms": ["dose"], "family": "binomial"}
    analysis = finished(project, lead, versions, "regression", asked)
    told = {
        one["code"]: one["message"]
        for one in api(lead).get(f"/api/v1/analyses/{analysis.pk}/").data["warnings"]
    }
    assert told["check_far_from_site"].startswith(SAID)
    url = f"/analyses/{analysis.pk}/"
    before, notes = text_of(page(lead).get(url)).split("Notes", 1)
    assert SAID in notes
    assert SAID not in before
    french = page(lead).get(url, headers={"accept-language": "fr"})
    assert EN_FRANCAIS in text_of(french).replace("\xa0", " ")
