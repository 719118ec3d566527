"""Persons: their kinds (by profession) and what is told of them."""

from __future__ import annotations

from agemem_env.engines.hotpotqa.world.schema import Compare, Kind, Relation

_INTROS = (
    "{S} {is} a {nation} {noun}.",
    "{S}, who came from {country}, {is} a {noun}.",
)
_COLOUR = (
    "{S} wrote a short memoir, which {he} never published.",
    "{S} was known among friends for {his} dry humour.",
    "{S} suffered from poor eyesight for most of {his} life.",
    "{S} kept a diary in three languages.",
    "{S} refused to be photographed and left only a handful of portraits.",
    "A street in the district where {s} lived bears {his} name.",
    "Few letters by {s} have survived.",
    "{S} gave most of {his} savings to a home for orphans.",
    "{S} travelled widely, mostly on foot and alone.",
    "In interviews {s} liked to give a different account of {his} youth each time.",
    "{S} spoke with a slight stammer and avoided speeches.",
    "A biography of {s} appeared in two volumes.",
    "{S} spent {#3-9} summers in a cabin without electricity.",
    "{S} learned the trade late and by {his} own account badly.",
    "{S} was a keen swimmer well into old age.",
    "Colleagues remembered {s} as patient and exact.",
)

_BY_PROFESSION = (
    ("director", "film director", (1895, 1970)),
    ("actor", "actor", (1898, 1970)),
    ("novelist", "novelist", (1800, 1970)),
    ("poet", "poet", (1800, 1960)),
    ("singer", "singer", (1915, 1970)),
    ("drummer", "drummer", (1930, 1970)),
    ("composer", "composer", (1800, 1965)),
    ("producer", "record producer", (1925, 1970)),
    ("painter", "painter", (1800, 1960)),
    ("architect", "architect", (1800, 1955)),
    ("engineer", "civil engineer", (1800, 1960)),
    ("botanist", "botanist", (1790, 1935)),
    ("zoologist", "zoologist", (1790, 1935)),
    ("astronomer", "astronomer", (1800, 1945)),
    ("explorer", "explorer", (1835, 1900)),
    ("mountaineer", "mountaineer", (1830, 1940)),
    ("footballer", "footballer", (1895, 1970)),
    ("coach", "football coach", (1880, 1960)),
    ("politician", "politician", (1800, 1965)),
    ("journalist", "journalist", (1800, 1945)),
    ("entrepreneur", "entrepreneur", (1810, 1950)),
    ("philanthropist", "philanthropist", (1800, 1930)),
    ("captain", "sea captain", (1835, 1935)),
)

PEOPLE_KINDS: tuple[Kind, ...] = (
    Kind(
        "person", "", ("<given> <surname>", "<given> <given> <surname>"), (1790, 1970),
        _INTROS,
        _COLOUR, person=True, past=1932,
    ),
    *(
        Kind(
            name, noun, ("<given> <surname>", "<given> <surname>", "<given> <given> <surname>"), eras,
            _INTROS, _COLOUR, ("{n}", "the " + noun + " {n}"), person=True, past=1932,
        )
        for name, noun, eras in _BY_PROFESSION
    ),
)  # fmt: skip

_OLDER = Compare(False, "Who was born first, {a} or {b}?", "the older of {a} and {b}")
_YOUNGER = Compare(True, "Who is younger, {a} or {b}?", "the younger of {a} and {b}")

EVERYONE: tuple[Relation, ...] = (
    Relation(
        "birth_year", "anyone", "year",
        ("{S} was born in {o}, during the first week of the harvest.",
        "{S} was born in {o} into a family of tenant farmers.",
        "{S} was born in {o} and baptised on the same day.",
        "{S} was born in {o}, when {his} parents were on the move."),
        ("In which year was {s} born?", "What is the birth year of {s}?"),
        lag=(0, 0), topic="birth", compare=(_OLDER, _YOUNGER),
    ),
    Relation(
        "birth_date", "anyone", "date",
        ("{S} was born on {o}.", "{S} was born on {o}, in the middle of a snowstorm.",
        "{S} was born at home on {o}."),
        ("On what date was {s} born?", "When was {s} born?", "What is the date of birth of {s}?"),
        lag=(0, 0), topic="birth", compare=(_OLDER,),
    ),
    Relation(
        "birth_place", "anyone", "town",
        ("{S} was born in {o}.", "{S} was born in {o}, above a bakery.",
        "A native of {o}, {s} left home at the age of {#14-19}.",
        "{S} came from {o}, the town in which {he} was born."),
        ("In which town was {s} born?", "Where was {s} born?", "What is the birthplace of {s}?"),
        of=("the town where {s} was born", "the birthplace of {s}", "the town in which {s} was born"),
        local=True, topic="birth_place",
    ),
    Relation(
        "death_year", "anyone", "year",
        ("{S} died in {o} after a short illness.", "{S} died in {o} and left no will.",
        "{S} lived until {o}."),
        ("In which year did {s} die?", "In what year did {s} pass away?"),
        lag=(58, 91), until=1924, compare=(Compare(False, "Who died first, {a} or {b}?",
        "the one of {a} and {b} who died first"),),
    ),
    Relation(
        "death_place", "anyone", "town",
        ("{S} died in {o}.", "{S} spent {his} last years in {o}, where {he} died.",
        "{S} died in {o} while visiting a friend."),
        ("In which town did {s} die?", "Where did {s} die?"),
        of=("the town where {s} died", "the town in which {s} died"), local=True, until=1924,
    ),
    Relation(
        "school", "anyone", "university",
        ("{S} studied at {o}.", "{S} attended {o} but left without a degree.",
        "{S} graduated from {o} with honours.", "{S} enrolled at {o} at the age of {#17-23}."),
        ("Which university did {s} attend?", "At which university did {s} study?"),
        of=("the university that {s} attended", "the university at which {s} studied"), lag=(-150, 5),
    ),
    Relation(
        "study", "anyone", "study",
        ("{S} took a degree in {o}.", "{S} graduated in {o}.", "As a student {s} read {o}."),
        ("In which subject did {s} take a degree?", "What did {s} study?"),
        both="Did {a} and {b} take a degree in the same subject?",
    ),
    Relation(
        "sibling", "anyone", "person",
        ("{S} grew up with {his} {sib} {o}.", "{His} {sib}, {o}, also became well known.",
        "{S} was very close to {his} {sib} {o}.",
        "{S} and {his} {sib} {o} shared a room until they were grown up."),
        ("Who is the {sib} of {s}?", "What is the name of the {sib} of {s}?"),
        of=("the {sib} of {s}",), by=("the {sub_sib} of {o}",), lag=(-9, 9), inverse="sibling", kin=True,
        local=True,
    ),
    Relation(
        "spouse", "anyone", "person",
        ("{S} married {o} in a civil ceremony.", "{S} was married to {o} for {#11-44} years.",
        "{His} {spo}, {o}, managed {his} affairs."),
        ("Who was the {spo} of {s}?", "To whom was {s} married?", "Whom did {s} marry?"),
        of=("the {spo} of {s}", "the person whom {s} married"), by=("the {sub_spo} of {o}",), lag=(-9, 9),
        inverse="spouse", couple=True,
    ),
    Relation(
        "parent", "anyone", "person",
        ("{His} {par}, {o}, had wanted a quieter life for {him}.",
        "{S} inherited a quick temper from {his} {par}, {o}.",
        "{S} learned a great deal from {his} {par} {o}."),
        ("What is the name of the {par} of {s}?", "Who was the {par} of {s}?"),
        of=("the {par} of {s}",), lag=(-39, -21), kin=True, local=True,
    ),
    Relation(
        "residence", "anyone", "town",
        ("{S} later settled in {o}.", "{S} moved to {o} and never left it again.", "In middle age {s} moved to {o}."),
        ("In which town did {s} settle?", "To which town did {s} move?"),
        of=("the town in which {s} settled", "the town to which {s} moved"),
    ),
    Relation(
        "instrument", "anyone", "instrument",
        ("{S} played the {o}.", "In {his} free time {s} played the {o}.", "{S} owned and played an old {o}."),
        ("Which musical instrument did {s} play?", "What instrument did {s} play?"),
        both="Did {a} and {b} play the same musical instrument?",
    ),
    Relation(
        "hobby", "anyone", "hobby",
        ("{S} collected {o}.", "{S} had a large collection of {o}.", "All {his} life {s} collected {o}."),
        ("What did {s} collect?",),
        both="Did {a} and {b} collect the same thing?",
    ),
    Relation(
        "prize", "anyone", "prize",
        ("{S} received {o}.", "{S} was awarded {o} late in life.", "{S} won {o} twice."),
        ("Which prize did {s} receive?", "What prize was {s} awarded?"),
        of=("the prize awarded to {s}", "the prize that {s} received"), lag=(12, 45),
    ),
    Relation(
        "children", "anyone", "number",
        ("{S} had {o}.", "{S} had {o}, all of whom went to sea."),
        ("How many children did {s} have?",),
        span=(2, 14), unit="children",
    ),
    Relation(
        "nation", "anyone", "nation",
        (),
        ("What is the nationality of {s}?", "What nationality is {s}?"),
        both="Are {a} and {b} of the same nationality?", topic="country",
    ),
    Relation(
        "role", "person", "role",
        (),
        ("What is the profession of {s}?", "What does {s} do for a living?", "By profession, what is {s}?"),
        topic="role",
    ),
)  # fmt: skip
