"""Closed lists of members: disciplines of people, scopes of tokens."""

from django.db import models


class Discipline(models.TextChoices):
    """Fields of medicine and of research beside it; projects use the same list."""

    ANAESTHESIOLOGY = "anaesthesiology", "Anaesthesiology"
    BIOSTATISTICS = "biostatistics", "Biostatistics"
    CARDIOLOGY = "cardiology", "Cardiology"
    CRITICAL_CARE = "critical-care", "Critical care"
    DATA_SCIENCE = "data-science", "Data science"
    DERMATOLOGY = "dermatology", "Dermatology"
    ENDOCRINOLOGY = "endocrinology", "Endocrinology"
    EPIDEMIOLOGY = "epidemiology", "Epidemiology"
    ETHICS = "ethics", "Ethics"
    GASTROENTEROLOGY = "gastroenterology", "Gastroenterology"
    GENETICS = "genetics", "Genetics"
    GERIATRICS = "geriatrics", "Geriatrics"
    HAEMATOLOGY = "haematology", "Haematology"
    HEALTH_ECONOMICS = "health-economics", "Health economics"
    IMMUNOLOGY = "immunology", "Immunology"
    INFECTIOUS_DISEASE = "infectious-disease", "Infectious disease"
    NEPHROLOGY = "nephrology", "Nephrology"
    NEUROLOGY = "neurology", "Neurology"
    NURSING = "nursing", "Nursing"
    OBSTETRICS = "obstetrics", "Obstetrics"
    ONCOLOGY = "oncology", "Oncology"
    OPHTHALMOLOGY = "ophthalmology", "Ophthalmology"
    PAEDIATRICS = "paediatrics", "Paediatrics"
    PATHOLOGY = "pathology", "Pathology"
    PHARMACOLOGY = "pharmacology", "Pharmacology"
    PSYCHIATRY = "psychiatry", "Psychiatry"
    PUBLIC_HEALTH = "public-health", "Public health"
    RADIOLOGY = "radiology", "Radiology"
    REHABILITATION = "rehabilitation", "Rehabilitation"
    RESPIRATORY = "respiratory", "Respiratory medicine"
    RHEUMATOLOGY = "rheumatology", "Rheumatology"
    SURGERY = "surgery", "Surgery"
    UROLOGY = "urology", "Urology"


class Scope(models.TextChoices):
    """What a token may be used for; a right is role ∩ scope ∩ state."""

    READ = "read", "Read pages’ content"
    READ_DATA = "read:data", "Read rows and download data"
    WRITE = "write", "Create and change"
    WRITE_DATA = "write:data", "Upload and map data, run analyses"
    MANAGE_MEMBERS = "manage:members", "Decide on members"
