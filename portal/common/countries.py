"""Countries of ISO 3166-1, each with its sub-region in the United Nations' M49 standard.

Written out here, so that grouping sites by region needs no library and no database. Where M49
stops short of ISO 3166 the nearest sub-region is used: Taiwan counts to Eastern Asia, and
Antarctica stands for itself.
"""

import unicodedata
from typing import NamedTuple


class Country(NamedTuple):
    """One country or territory as ISO 3166-1 lists it."""

    alpha3: str
    name: str
    numeric: str
    sub_region: str


# sub-region: one country a line, as alpha-3 code, numeric code and short English name
_SUB_REGIONS = {
    "Northern Africa": """
        DZA 012 Algeria
        EGY 818 Egypt
        LBY 434 Libya
        MAR 504 Morocco
        SDN 729 Sudan
        TUN 788 Tunisia
        ESH 732 Western Sahara
    """,
    "Sub-Saharan Africa": """
        AGO 024 Angola
        BEN 204 Benin
        BWA 072 Botswana
        IOT 086 British Indian Ocean Territory
        BFA 854 Burkina Faso
        BDI 108 Burundi
        CPV 132 Cabo Verde
        CMR 120 Cameroon
        CAF 140 Central African Republic
        TCD 148 Chad
        COM 174 Comoros
        COG 178 Congo
        CIV 384 Côte d’Ivoire
        COD 180 DR Congo
        DJI 262 Djibouti
        GNQ 226 Equatorial Guinea
        ERI 232 Eritrea
        SWZ 748 Eswatini
        ETH 231 Ethiopia
        ATF 260 French Southern Territories
        GAB 266 Gabon
        GMB 270 Gambia
        GHA 288 Ghana
        GIN 324 Guinea
        GNB 624 Guinea-Bissau
        KEN 404 Kenya
        LSO 426 Lesotho
        LBR 430 Liberia
        MDG 450 Madagascar
        MWI 454 Malawi
        MLI 466 Mali
        MRT 478 Mauritania
        MUS 480 Mauritius
        MYT 175 Mayotte
        MOZ 508 Mozambique
        NAM 516 Namibia
        NER 562 Niger
        NGA 566 Nigeria
        REU 638 Réunion
        RWA 646 Rwanda
        SHN 654 Saint Helena
        STP 678 São Tomé and Príncipe
        SEN 686 Senegal
        SYC 690 Seychelles
        SLE 694 Sierra Leone
        SOM 706 Somalia
        ZAF 710 South Africa
        SSD 728 South Sudan
        TZA 834 Tanzania
        TGO 768 Togo
        UGA 800 Uganda
        ZMB 894 Zambia
        ZWE 716 Zimbabwe
    """,
    "Latin America and the Caribbean": """
        AIA 660 Anguilla
        ATG 028 Antigua and Barbuda
        ARG 032 Argentina
        ABW 533 Aruba
        BHS 044 Bahamas
        BRB 052 Barbados
        BLZ 084 Belize
        BOL 068 Bolivia
        BVT 074 Bouvet Island
        BRA 076 Brazil
        VGB 092 British Virgin Islands
        BES 535 Caribbean Netherlands
        CYM 136 Cayman Islands
        CHL 152 Chile
        COL 170 Colombia
        CRI 188 Costa Rica
        CUB 192 Cuba
        CUW 531 Curaçao
        DMA 212 Dominica
        DOM 214 Dominican Republic
        ECU 218 Ecuador
        SLV 222 El Salvador
        FLK 238 Falkland Islands
        GUF 254 French Guiana
        GRD 308 Grenada
        GLP 312 Guadeloupe
        GTM 320 Guatemala
        GUY 328 Guyana
        HTI 332 Haiti
        HND 340 Honduras
        JAM 388 Jamaica
        MTQ 474 Martinique
        MEX 484 Mexico
        MSR 500 Montserrat
        NIC 558 Nicaragua
        PAN 591 Panama
        PRY 600 Paraguay
        PER 604 Peru
        PRI 630 Puerto Rico
        BLM 652 Saint Barthélemy
        KNA 659 Saint Kitts and Nevis
        LCA 662 Saint Lucia
        MAF 663 Saint Martin
        VCT 670 Saint Vincent and the Grenadines
        SXM 534 Sint Maarten
        SGS 239 South Georgia and the South Sandwich Islands
        SUR 740 Suriname
        TTO 780 Trinidad and Tobago
        TCA 796 Turks and Caicos Islands
        VIR 850 US Virgin Islands
        URY 858 Uruguay
        VEN 862 Venezuela
    """,
    "Northern America": """
        BMU 060 Bermuda
        CAN 124 Canada
        GRL 304 Greenland
        SPM 666 Saint Pierre and Miquelon
        USA 840 United States
    """,
    "Central Asia": """
        KAZ 398 Kazakhstan
        KGZ 417 Kyrgyzstan
        TJK 762 Tajikistan
        TKM 795 Turkmenistan
        UZB 860 Uzbekistan
    """,
    "Eastern Asia": """
        CHN 156 China
        HKG 344 Hong Kong
        JPN 392 Japan
        MAC 446 Macao
        MNG 496 Mongolia
        PRK 408 North Korea
        KOR 410 South Korea
        TWN 158 Taiwan
    """,
    "South-eastern Asia": """
        BRN 096 Brunei
        KHM 116 Cambodia
        IDN 360 Indonesia
        LAO 418 Laos
        MYS 458 Malaysia
        MMR 104 Myanmar
        PHL 608 Philippines
        SGP 702 Singapore
        THA 764 Thailand
        TLS 626 Timor-Leste
        VNM 704 Viet Nam
    """,
    "Southern Asia": """
        AFG 004 Afghanistan
        BGD 050 Bangladesh
        BTN 064 Bhutan
        IND 356 India
        IRN 364 Iran
        MDV 462 Maldives
        NPL 524 Nepal
        PAK 586 Pakistan
        LKA 144 Sri Lanka
    """,
    "Western Asia": """
        ARM 051 Armenia
        AZE 031 Azerbaijan
        BHR 048 Bahrain
        CYP 196 Cyprus
        GEO 268 Georgia
        IRQ 368 Iraq
        ISR 376 Israel
        JOR 400 Jordan
        KWT 414 Kuwait
        LBN 422 Lebanon
        OMN 512 Oman
        PSE 275 Palestine
        QAT 634 Qatar
        SAU 682 Saudi Arabia
        SYR 760 Syria
        TUR 792 Türkiye
        ARE 784 United Arab Emirates
        YEM 887 Yemen
    """,
    "Eastern Europe": """
        BLR 112 Belarus
        BGR 100 Bulgaria
        CZE 203 Czechia
        HUN 348 Hungary
        MDA 498 Moldova
        POL 616 Poland
        ROU 642 Romania
        RUS 643 Russia
        SVK 703 Slovakia
        UKR 804 Ukraine
    """,
    "Northern Europe": """
        ALA 248 Åland Islands
        DNK 208 Denmark
        EST 233 Estonia
        FRO 234 Faroe Islands
        FIN 246 Finland
        GGY 831 Guernsey
        ISL 352 Iceland
        IRL 372 Ireland
        IMN 833 Isle of Man
        JEY 832 Jersey
        LVA 428 Latvia
        LTU 440 Lithuania
        NOR 578 Norway
        SJM 744 Svalbard and Jan Mayen
        SWE 752 Sweden
        GBR 826 United Kingdom
    """,
    "Southern Europe": """
        ALB 008 Albania
        AND 020 Andorra
        BIH 070 Bosnia and Herzegovina
        HRV 191 Croatia
        GIB 292 Gibraltar
        GRC 300 Greece
        ITA 380 Italy
        MLT 470 Malta
        MNE 499 Montenegro
        MKD 807 North Macedonia
        PRT 620 Portugal
        SMR 674 San Marino
        SRB 688 Serbia
        SVN 705 Slovenia
        ESP 724 Spain
        VAT 336 Vatican City
    """,
    "Western Europe": """
        AUT 040 Austria
        BEL 056 Belgium
        FRA 250 France
        DEU 276 Germany
        LIE 438 Liechtenstein
        LUX 442 Luxembourg
        MCO 492 Monaco
        NLD 528 Netherlands
        CHE 756 Switzerland
    """,
    "Australia and New Zealand": """
        AUS 036 Australia
        CXR 162 Christmas Island
        CCK 166 Cocos Islands
        HMD 334 Heard Island and McDonald Islands
        NZL 554 New Zealand
        NFK 574 Norfolk Island
    """,
    "Melanesia": """
        FJI 242 Fiji
        NCL 540 New Caledonia
        PNG 598 Papua New Guinea
        SLB 090 Solomon Islands
        VUT 548 Vanuatu
    """,
    "Micronesia": """
        GUM 316 Guam
        KIR 296 Kiribati
        MHL 584 Marshall Islands
        FSM 583 Micronesia
        NRU 520 Nauru
        MNP 580 Northern Mariana Islands
        PLW 585 Palau
        UMI 581 US Minor Outlying Islands
    """,
    "Polynesia": """
        ASM 016 American Samoa
        COK 184 Cook Islands
        PYF 258 French Polynesia
        NIU 570 Niue
        PCN 612 Pitcairn Islands
        WSM 882 Samoa
        TKL 772 Tokelau
        TON 776 Tonga
        TUV 798 Tuvalu
        WLF 876 Wallis and Futuna
    """,
    "Antarctica": """
        ATA 010 Antarctica
    """,
}


def _sort_key(name: str) -> str:
    """Sorts Åland next to Albania, wherever the machine's locale would put it."""
    letters = unicodedata.normalize("NFKD", name)
    return "".join(c for c in letters if not unicodedata.combining(c)).casefold()


def _read_table() -> dict[str, Country]:
    found = []
    for sub_region, lines in _SUB_REGIONS.items():
        for line in lines.strip().splitlines():
            alpha3, numeric, name = line.split(maxsplit=2)
            found.append(Country(alpha3, name, numeric, sub_region))
    return {country.alpha3: country for country in sorted(found, key=lambda c: _sort_key(c.name))}


COUNTRIES: dict[str, Country] = _read_table()
SUB_REGIONS: tuple[str, ...] = tuple(_SUB_REGIONS)


def region_of(alpha3: str) -> str:
    """Returns the M49 sub-region of a country, or "" for a code ISO 3166 does not list."""
    country = COUNTRIES.get(alpha3)
    return country.sub_region if country else ""


def name_of(alpha3: str) -> str:
    """Returns the short English name of a country, or the code itself when it is unknown."""
    country = COUNTRIES.get(alpha3)
    return country.name if country else alpha3


def choices() -> list[tuple[str, str]]:
    """Returns (alpha-3, name) pairs in alphabetical order, as a model or form field wants them."""
    return [(country.alpha3, country.name) for country in COUNTRIES.values()]
