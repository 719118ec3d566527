"""Films, television series and video games."""

from __future__ import annotations

from agemem_env.engines.hotpotqa.world.schema import Compare, Kind, Relation
from agemem_env.engines.hotpotqa.world.words import TITLES

_FILM_COLOUR = (
    "{S} was shot in black and white against the wishes of the studio.",
    "{S} divided the critics, who praised its photography.", "The final scene of {s} was cut by the censors.",
    "{S} was restored from two damaged prints.", "A single copy of {s} survives.",
    "Most of the extras in {s} were villagers.",
    "{S} was a failure at the box office and found its public much later.",
)  # fmt: skip
_FIRST_FILM = Compare(False, "Which film was released first, {a} or {b}?", "the earlier of the two films {a} and {b}")
_LAST_FILM = Compare(True, "Which film came out later, {a} or {b}?", "the more recent of the films {a} and {b}")

SCREEN_KINDS: tuple[Kind, ...] = (
    Kind(
        "film", "film",
        TITLES,
        (1925, 2010),
        ("{S} is a {nation} film.",
        "{S} is a drama film produced in {country}."),
        _FILM_COLOUR,
        ("the film {n}", "{n}", "the {nation} film {n}"),
    ),
    Kind(
        "series", "television series",
        TITLES,
        (1962, 2010),
        ("{S} is a {nation} television series.",),
        ("{S} was broadcast on Thursday evenings.", "The theme tune of {s} was a hit in its own right.",
        "Early episodes of {s} were wiped to save tape.", "{S} was made on a very small budget."),
        ("the television series {n}", "the series {n}"),
    ),
    Kind(
        "game", "video game",
        TITLES,
        (1988, 2014),
        ("{S} is a {nation} video game.",
        "{S} is a puzzle game from {country}."),
        ("{S} can be finished in about {#5-40} hours.", "{S} was praised for its hand-painted landscapes.",
        "A sequel to {s} was announced and abandoned.", "Players of {s} cannot save at will."),
        ("the video game {n}", "the game {n}"),
    ),
)  # fmt: skip

SCREEN_RELATIONS: tuple[Relation, ...] = (
    Relation(
        "director", "film", "director",
        ("{S} was directed by {o}.", "{o} directed {s} without a script.",
        "{S} is the work of the director {o}."),
        ("Who directed {s}?", "Who was the director of {s}?"),
        of=("the director of {s}", "the person who directed {s}"), by=("the film directed by {o}",),
        lag=(-55, -27), inverse="first_film", both="Were {a} and {b} directed by the same person?",
    ),
    Relation(
        "star", "film", "actor",
        ("{S} stars {o}.", "The leading part in {s} was played by {o}.",
        "{S} stars {o} as a reluctant witness."),
        ("Who played the leading part in {s}?", "Who starred in {s}?"),
        of=("the star of {s}", "the actor who played the leading part in {s}"), by=("the film starring {o}",),
        lag=(-52, -20), inverse="film_role",
    ),
    Relation(
        "film_music", "film", "composer",
        ("The music for {s} was written by {o}.", "{S} has a score by {o}.",
        "{o} composed the score of {s} in {#6-20} days."),
        ("Who wrote the music for {s}?", "Who composed the score of {s}?"),
        of=("the composer of the score of {s}", "the person who wrote the music for {s}"),
        by=("the film with music by {o}",), lag=(-58, -25),
    ),
    Relation(
        "film_source", "film", "novel",
        ("{S} is based on the novel {o}.", "{S} is a free adaptation of the novel {o}.",
        "The plot of {s} is taken from the novel {o}."),
        ("On which novel is {s} based?",),
        of=("the novel on which {s} is based", "the novel adapted as {s}"),
        by=("the film based on the novel {o}",), lag=(-60, -2),
    ),
    Relation(
        "filmed_in", "film", "town",
        ("{S} was shot in {o}.", "Most of {s} was filmed in {o}.",
        "The crew shot {s} in {o} during a heatwave."),
        ("In which town was {s} shot?", "Where was {s} filmed?"),
        of=("the town in which {s} was shot", "the town where {s} was filmed"),
        both="Were {a} and {b} shot in the same town?",
    ),
    Relation(
        "year", "film", "year",
        ("{S} was released in {o}.", "{S} reached the cinemas in {o}.",
        "{S} was first shown in {o} to an invited audience."),
        ("In which year was {s} released?", "What year did {s} come out?"),
        lag=(0, 0), compare=(_FIRST_FILM, _LAST_FILM),
    ),
    Relation(
        "runtime", "film", "number",
        ("{S} runs for {o}.", "The running time of {s} is {o}."),
        ("What is the running time of {s}?", "How long is {s}?"),
        span=(61, 227), unit="minutes", compare=(Compare(True, "Which film is longer, {a} or {b}?",
        "the longer of the two films {a} and {b}"),),
    ),
    Relation(
        "theme", "film", "theme",
        ("{S} tells the story of {o}.", "The plot of {s} turns on {o}."),
        ("What is the plot of {s} about?", "On what does the plot of {s} turn?"),
    ),
    Relation(
        "creator", "series", "director",
        ("{S} was created by {o}.", "{o} created {s} and wrote every episode.", "{S} is a creation of {o}."),
        ("Who created {s}?", "Who is the creator of {s}?"),
        of=("the creator of {s}", "the person who created {s}"), by=("the television series created by {o}",),
        lag=(-55, -27),
    ),
    Relation(
        "star", "series", "actor",
        ("{S} stars {o}.", "The main part in {s} is played by {o}."),
        ("Who plays the main part in {s}?", "Who stars in {s}?"),
        of=("the star of {s}", "the actor who plays the main part in {s}"), lag=(-58, -20),
    ),
    Relation(
        "episodes", "series", "number",
        ("{S} has {o}.", "In all, {o} of {s} were made."),
        ("How many episodes does {s} have?", "How many episodes of {s} were made?"),
        span=(14, 640), unit="episodes", compare=(Compare(True, "Which series has more episodes, {a} or {b}?",
        "the longer-running of the series {a} and {b}"),),
    ),
    Relation(
        "year", "series", "year",
        ("{S} was first broadcast in {o}.", "The pilot of {s} went on air in {o}."),
        ("In which year was {s} first broadcast?",),
        lag=(0, 0), compare=(Compare(False, "Which series was broadcast first, {a} or {b}?",
        "the older of the series {a} and {b}"),),
    ),
    Relation(
        "theme", "series", "theme",
        ("{S} follows the consequences of {o}.", "{S} revolves around {o}."),
        ("Around what does {s} revolve?",),
    ),
    Relation(
        "shot_at", "series", "castle",
        ("{S} was filmed at {o}.", "Most scenes of {s} were shot at {o}."),
        ("At which castle was {s} filmed?",),
        of=("the castle where {s} was filmed",),
    ),
    Relation(
        "studio", "game", "company",
        ("{S} was developed by {o}.", "{o} developed {s} with a team of {#4-30}.",
        "{S} was the first game made by {o}."),
        ("Which company developed {s}?", "Who developed {s}?"),
        of=("the company that developed {s}", "the developer of {s}"), lag=(-60, -2),
    ),
    Relation(
        "music", "game", "composer",
        ("The soundtrack of {s} was composed by {o}.", "{S} has music by {o}."),
        ("Who composed the soundtrack of {s}?",),
        of=("the composer of the soundtrack of {s}",), lag=(-60, -24),
    ),
    Relation(
        "year", "game", "year",
        ("{S} was released in {o}.", "{S} went on sale in {o}."),
        ("In which year did {s} go on sale?", "When was {s} released?"),
        lag=(0, 0),
    ),
)  # fmt: skip
