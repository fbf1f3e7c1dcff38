"""Closed lists of members: disciplines of people, scopes of tokens."""

from django.db import models
from django.utils.translation import gettext_lazy


class Discipline(models.TextChoices):
    """Fields of medicine and of research beside it; projects use the same list."""

    ANAESTHESIOLOGY = "anaesthesiology", gettext_lazy("Anaesthesiology")
    BIOSTATISTICS = "biostatistics", gettext_lazy("Biostatistics")
    CARDIOLOGY = "cardiology", gettext_lazy("Cardiology")
    CRITICAL_CARE = "critical-care", gettext_lazy("Critical care")
    DATA_SCIENCE = "data-science", gettext_lazy("Data science")
    DERMATOLOGY = "dermatology", gettext_lazy("Dermatology")
    ENDOCRINOLOGY = "endocrinology", gettext_lazy("Endocrinology")
    EPIDEMIOLOGY = "epidemiology", gettext_lazy("Epidemiology")
    ETHICS = "ethics", gettext_lazy("Ethics")
    GASTROENTEROLOGY = "gastroenterology", gettext_lazy("Gastroenterology")
    GENETICS = "genetics", gettext_lazy("Genetics")
    GERIATRICS = "geriatrics", gettext_lazy("Geriatrics")
    HAEMATOLOGY = "haematology", gettext_lazy("Haematology")
    HEALTH_ECONOMICS = "health-economics", gettext_lazy("Health economics")
    IMMUNOLOGY = "immunology", gettext_lazy("Immunology")
    INFECTIOUS_DISEASE = "infectious-disease", gettext_lazy("Infectious disease")
    NEPHROLOGY = "nephrology", gettext_lazy("Nephrology")
    NEUROLOGY = "neurology", gettext_lazy("Neurology")
    NURSING = "nursing", gettext_lazy("Nursing")
    OBSTETRICS = "obstetrics", gettext_lazy("Obstetrics")
    ONCOLOGY = "oncology", gettext_lazy("Oncology")
    OPHTHALMOLOGY = "ophthalmology", gettext_lazy("Ophthalmology")
    PAEDIATRICS = "paediatrics", gettext_lazy("Paediatrics")
    PATHOLOGY = "pathology", gettext_lazy("Pathology")
    PHARMACOLOGY = "pharmacology", gettext_lazy("Pharmacology")
    PSYCHIATRY = "psychiatry", gettext_lazy("Psychiatry")
    PUBLIC_HEALTH = "public-health", gettext_lazy("Public health")
    RADIOLOGY = "radiology", gettext_lazy("Radiology")
    REHABILITATION = "rehabilitation", gettext_lazy("Rehabilitation")
    RESPIRATORY = "respiratory", gettext_lazy("Respiratory medicine")
    RHEUMATOLOGY = "rheumatology", gettext_lazy("Rheumatology")
    SURGERY = "surgery", gettext_lazy("Surgery")
    UROLOGY = "urology", gettext_lazy("Urology")


class Scope(models.TextChoices):
    """What a token may be used for; a right is role ∩ scope ∩ state."""

    READ = "read", gettext_lazy("Read pages’ content")
    READ_DATA = "read:data", gettext_lazy("Read rows and download data")
    WRITE = "write", gettext_lazy("Create and change")
    WRITE_DATA = "write:data", gettext_lazy("Upload and map data, run analyses")
    MANAGE_MEMBERS = "manage:members", gettext_lazy("Decide on members")
