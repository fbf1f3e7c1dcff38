"""Four hospitals, one question: from four files over the API to the numbers that R gives."""

import json
import math
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.demo.plan import HOSPITAL_FILES
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from portal.jobs.running import claim_and_run
from tests.factories import MembershipFactory, ProjectFactory, StudySiteFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

DATA = Path(__file__).parent.parent / "data"
EXPECTED = json.loads((DATA / "cases/heart_four_sites/expected.json").read_text())
HOSPITALS = (
    ("Cleveland", "USA", "cleveland.csv"),
    ("Hungary", "HUN", "hungary.csv"),
    ("Switzerland", "CHE", "switzerland.csv"),
    ("VA Long Beach", "USA", "va-long-beach.csv"),
)
ZERO_IS_MISSING = {"map": {"0": None}, "otherwise": {"kind": "copy"}}
VARIABLES = (
    ("age10", "number", {"kind": "expression", "sql": "age / 10.0"}),
    ("sex", "boolean", {"kind": "copy", "column": "sex"}),
    ("trestbps", "number", {"kind": "recode", "column": "trestbps", **ZERO_IS_MISSING}),
    ("chol", "number", {"kind": "recode", "column": "chol", **ZERO_IS_MISSING}),
    ("thalach", "number", {"kind": "copy", "column": "thalach"}),
    ("exang", "boolean", {"kind": "copy", "column": "exang"}),
    ("oldpeak", "number", {"kind": "copy", "column": "oldpeak"}),
    ("cp4", "boolean", {"kind": "expression", "sql": "cp = 4"}),
    ("disease", "boolean", {"kind": "expression", "sql": "num > 0"}),
)
TERMS = ["age10", "sex", "trestbps", "thalach", "exang", "oldpeak", "cp4"]


def near(value, expected, tolerance=1e-6):
    return math.isclose(value, expected, rel_tol=tolerance, abs_tol=1e-12)


def run_jobs():
    """Do what a worker would, until nothing waits."""
    while job := Job.objects.filter(state=JobState.QUEUED).order_by("id").first():
        assert claim_and_run(job.pk)
    failed = Job.objects.exclude(state=JobState.SUCCEEDED)
    assert not list(failed.values("kind", "state", "error"))


@pytest.fixture
def pool(api):
    """The project with its four datasets mapped: a caller and the inputs."""
    lead = UserFactory()
    project = ProjectFactory(lead=lead, slug="heart")
    call = api(lead)
    datasets = []
    for name, country, filename in HOSPITALS:
        site = StudySiteFactory(project=project, name=name, country=country)
        keeper = MembershipFactory(project=project, role="contributor").user
        keeps = api(keeper)
        made = keeps.post(
            "/api/v1/datasets/",
            {"project": project.slug, "site": site.pk, "title": f"{name} heart clinic"},
        )
        assert made.status_code == 201, made.data
        content = (HOSPITAL_FILES / filename).read_bytes()
        sent = keeps.post(
            f"/api/v1/datasets/{made.data['id']}/versions/",
            {"file": SimpleUploadedFile(filename, content, "text/csv")},
            format="multipart",
        )
        assert sent.status_code == 202, sent.data
        datasets.append(made.data["id"])
    run_jobs()
    for name, kind, _ in VARIABLES:
        made = call.post("/api/v1/projects/heart/variables/", {"name": name, "type": kind})
        assert made.status_code == 201, made.data
    for dataset in datasets:
        for name, _, rule in VARIABLES:
            mapped = call.put(
                f"/api/v1/projects/heart/variables/{name}/mappings/{dataset}/",
                {"version": 1, "status": "complete", "rule": rule},
            )
            assert mapped.status_code == 201, (name, mapped.data)
    return call, [{"dataset": dataset, "version": 1} for dataset in datasets]


def answer(call, inputs, method, parameters):
    asked = call.post(
        "/api/v1/projects/heart/analyses/",
        {"title": "Heart", "method": method, "inputs": inputs, "parameters": parameters},
    )
    assert asked.status_code == 202, asked.data
    assert asked.data["job"]["state"] == "queued"
    run_jobs()
    read = call.get(f"/api/v1/analyses/{asked.data['id']}/")
    assert read.status_code == 200
    assert read.data["state"] == "succeeded"
    return read.data


def test_the_pool_answers_as_r_does(pool):
    call, inputs = pool
    missing = call.get(f"/api/v1/projects/heart/variables/chol/mappings/{inputs[2]['dataset']}/")
    assert missing.data["preview"]["turned_missing"] == EXPECTED["zero_chol_by_site"]["Switzerland"]

    one_stage(call, inputs)
    interactions(call, inputs)
    two_stages(call, inputs)
    checked_before(call, inputs)
    described(call, inputs)


QUESTIONS = (
    {"terms": ["oldpeak", "age10", "sex", "exang"]},
    # Switzerland recorded no cholesterol.
    {"terms": ["oldpeak", "age10", "sex", "exang", "chol"]},
    {"terms": ["sex", "age10", "chol"], "interactions": [["sex", "age10"]]},
    {"terms": ["exang", "trestbps"], "interactions": [["exang", "site"], ["trestbps", "site"]]},
    {"outcome": "thalach", "terms": ["cp4", "oldpeak"], "site_effects": False},
)


def checked_before(call, inputs):
    """What a check promises is what the run uses: rows, sites, parameters."""
    for asked in QUESTIONS:
        parameters = {"outcome": "disease", **asked}
        question = {
            "title": "Heart",
            "method": "regression",
            "inputs": inputs,
            "parameters": parameters,
        }
        checked = call.post("/api/v1/projects/heart/analyses/check/", question)
        assert checked.status_code == 200, checked.data
        found = checked.data
        result = answer(call, inputs, "regression", parameters)["result"]
        promised = {one["site"]: one["complete"] for one in found["sites"]}
        assert promised == result["n_by_site"]
        assert found["complete"] == result["n"]
        assert found["rows"] == result["n"] + result["n_excluded"] == 920
        assert found["approximate"] is False
        excluded = [one["site"] for one in result["excluded_sites"]]
        assert [one["site"] for one in found["sites"] if not one["complete"]] == excluded
        model = result["by_site"][0]["coefficients"]
        assert found["parameters_per_site"] == len(model) - 1
        if parameters["outcome"] == "disease":
            for one in found["sites"]:
                cells = [
                    count["n"]
                    for count in result["counts"]
                    if count["site"] == one["site"] and count["variable"] == "disease"
                ]
                assert one["rarer_outcome"] == (min(cells) if cells else None)


def one_stage(call, inputs):
    """The pooled logistic regression with site effects."""
    data = answer(
        call,
        inputs,
        "regression",
        {"outcome": "disease", "family": "binomial", "terms": TERMS, "site_effects": True},
    )
    result, wanted = data["result"], EXPECTED["pooled_site_fixed"]
    assert data["parameters"]["standard_errors"] == "model"
    assert result["n"] == wanted["n"]
    terms = [
        f"site[{term.removeprefix('site')}]" if term.startswith("site") else term
        for term in wanted["terms"]
    ]
    assert [row["term"] for row in result["coefficients"]] == terms
    columns = {"estimate": "coef", "se": "se", "statistic": "z", "p_value": "p"}
    for ours, theirs in columns.items():
        for row, value in zip(result["coefficients"], wanted[theirs], strict=True):
            assert near(row[ours], value), (row["term"], ours)
    for row, ratio, ci in zip(result["coefficients"], wanted["or"], wanted["wald_ci"], strict=True):
        assert near(row["exp_estimate"], ratio)
        assert all(near(a, b) for a, b in zip(row["ci"], ci, strict=True))
    assert near(result["deviance"], wanted["deviance"])
    assert near(result["null_deviance"], wanted["null_deviance"])
    assert result["df_residual"] == wanted["df_resid"]
    assert near(result["log_likelihood"], wanted["loglik"])
    assert near(result["aic"], wanted["aic"])
    site = next(row for row in result["term_tests"] if row["term"] == "site")
    assert near(site["chisq"], EXPECTED["LR_site"]["chisq"])
    assert near(site["p_value"], EXPECTED["LR_site"]["p"])


def interactions(call, inputs):
    """Does an effect differ between sites? One likelihood ratio test a term."""
    names = [*EXPECTED["interaction_by_site"]]
    data = answer(
        call,
        inputs,
        "regression",
        {
            "outcome": "disease",
            "terms": TERMS,
            "interactions": [[name, "site"] for name in names],
        },
    )
    assert data["parameters"]["family"] == "binomial"
    tests = {row["term"]: row for row in data["result"]["interaction_tests"]}
    for name in names:
        wanted, row = EXPECTED["interaction_by_site"][name], tests[f"{name}:site"]
        assert row["df"] == wanted["df"]
        assert near(row["chisq"], wanted["chisq"])
        assert near(row["p_value"], wanted["p"])


def two_stages(call, inputs):
    """A model per site, pooled; Switzerland's separation is answered with Firth and said."""
    data = answer(
        call,
        inputs,
        "regression",
        {
            "outcome": "disease",
            "family": "binomial",
            "terms": ["age10", "sex", "exang"],
            "strategy": "two_stage",
        },
    )
    result = data["result"]
    pooled = {entry["term"]: entry for entry in result["two_stage"]}
    for name, wanted in (
        ("age10", EXPECTED["two_stage"]["age10"]["REML"]),
        ("exang", EXPECTED["two_stage"]["exang"]["REML"]),
        ("sex", EXPECTED["two_stage_own"]["sex"]["REML"]),
    ):
        overall, spread = pooled[name]["overall"], pooled[name]["heterogeneity"]
        assert pooled[name]["k"] == wanted["k"]
        assert near(overall["estimate"], wanted["estimate"])
        assert all(
            near(a, b)
            for a, b in zip(overall["ci_normal"], (wanted["ci_lb"], wanted["ci_ub"]), strict=True)
        )
        assert near(spread["q"], wanted["Q"])
        assert math.isclose(spread["tau2"], wanted["tau2"], rel_tol=1e-6, abs_tol=1e-9)
        assert math.isclose(spread["i2"], wanted["I2"], rel_tol=1e-6, abs_tol=1e-6)
    swiss = next(site for site in result["by_site"] if site["site"] == "Switzerland")
    assert swiss["method"] == "firth"
    assert [entry["term"] for entry in swiss["separation"]] == ["sex"]
    assert any(
        warning["code"] == "separation" and "Switzerland" in warning["message"]
        for warning in data["warnings"]
    )
    wanted = EXPECTED["sitewise_firth"]["Switzerland"]["coef"]
    found = [row["estimate"] for row in swiss["coefficients"] if row.get("method") == "firth"]
    assert len(found) == 2, "the intercept, which is that of women, and sex"
    assert near(found[0], wanted[0])
    assert near(found[1], wanted[2])
    provenance = data["provenance"]
    assert [one["rows"] for one in provenance["inputs"]] == [303, 294, 123, 200]
    assert data["result_sha256"] == provenance["result_sha256"]

    again = call.post(f"/api/v1/analyses/{data['id']}/rerun/")
    assert again.status_code == 202
    assert (again.data["rerun_of"], again.data["agrees"]) == (data["id"], None)
    run_jobs()
    repeated = call.get(f"/api/v1/analyses/{again.data['id']}/").data
    assert repeated["agrees"] is True
    assert repeated["differences"] == []
    assert repeated["result_sha256"] == data["result_sha256"]


def described(call, inputs):
    """Means by site with the zeros out; cholesterol was not collected in Switzerland."""
    names = ["trestbps", "chol", "thalach", "oldpeak"]
    data = answer(call, inputs, "describe", {"variables": names, "by": "site"})
    for variable in data["result"]["variables"]:
        for group in variable["groups"]:
            wanted = EXPECTED["means_by_site"][group["level"]][variable["name"]]
            assert group["n"] == wanted["n"]
            if wanted["n"]:
                assert near(group["mean"], wanted["mean"])
                assert near(group["sd"], wanted["sd"])
    codes = {warning["code"] for warning in data["warnings"]}
    assert "not_collected" in codes
