"""Invented countries and the sound of the names in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Culture:
    """How persons and places are called in some countries.

    Attributes:
        women: Given names.
        men: Given names.
        onsets: First sounds of a stem.
        vowels: Vowels of a stem.
        codas: Last sounds of a stem.
        surnames: Endings that make a stem a surname.
        towns: Endings that make a stem a town.
    """

    women: tuple[str, ...]
    men: tuple[str, ...]
    onsets: tuple[str, ...]
    vowels: tuple[str, ...]
    codas: tuple[str, ...]
    surnames: tuple[str, ...]
    towns: tuple[str, ...]


@dataclass(frozen=True)
class Country:
    """A country: its name, what its people and things are called, and the culture of its names."""

    name: str
    demonym: str
    culture: Culture


def _culture(women: str, men: str, onsets: str, vowels: str, codas: str, surnames: str, towns: str) -> Culture:
    parts = (women, men, onsets, vowels, codas, surnames, towns)
    return Culture(*(tuple(part.split()) for part in parts))


NORTHERN = _culture(
    "Astrid Birgit Dagny Ebba Freja Gudrun Hedda Ingrid Jorunn Kari Liv Maren Nanna Oddny Ragnhild Sigrid "
    "Solveig Thora Tuva Unn Ylva Åse Signe Tordis",
    "Anders Bjørn Eskil Gunnar Håkon Jørgen Leif Magnus Nils Olav Rolf Sigurd Søren Torvald Ulf Åke Halvard "
    "Ivar Kjell Lars Mads Stellan Viggo Trygve",
    "B Br D F Fj G Gr H Hj K Kv L M N R S Sk St Sv T Tr V",
    "a e i o u å ø y",
    "l ld nd lm rk rn st sk ng gg v lv rs nn",
    "vik dahl stad nes lund rud heim sen strand berg mo gaard",
    "vik havn sund by fjord nes holm borg voll ås mark bekk",
)
SLAVIC = _culture(
    "Agnieszka Bożena Danuta Elżbieta Halina Irena Jadwiga Kalina Ludmiła Milena Nadia Oksana Petra Radka "
    "Stanislava Tereza Vesna Wanda Zdenka Zofia Živa Jolana Mirela Božica",
    "Bohdan Česlav Dobromir Emil František Goran Hynek Jaromír Kazimierz Ladislav Miłosz Nikola Oldřich "
    "Pavel Radovan Stanisław Tibor Vojtěch Wacław Zbyněk Żelimir Lubor Marek Drahomir",
    "B Br Č D Dr G H Hr J K Kr L Ł M N P Pr R S Š Sl T Tr V W Z Ž",
    "a e i o u y",
    "b č d dl k l lk m n r rn s st š t v z rz",
    "ovský ak ek owicz ić ar ník ewski anek ovec ula eń",
    "ov ice ín nik owo anka grad ava sko ec iny ovka",
)
ROMANCE = _culture(
    "Adèle Béatrice Camille Delphine Éliane Fabienne Geneviève Hélène Inès Joséphine Léonie Mathilde Noémie "
    "Odile Pauline Renée Solène Thérèse Ursuline Viviane Yvonne Zoé Clémence Maëlle",
    "Achille Bastien Cédric Désiré Étienne Fabrice Gérard Honoré Isidore Jérôme Lucien Maxence Noël Octave "
    "Pascal Rémi Sylvain Théo Urbain Valéry Yves Bertrand Anselme Gaël",
    "B Bl C Ch D F Fl G Gr L M N P Pl R S T Tr V Vr J Qu",
    "a e i o au ou ai",
    "b ch d gn l ll m n nt r rd ss t v z bl rn",
    "ier eau aud ot ard in et oux elle ain ois ey",
    "ac ans eux ois igny ieux ville mont court euil any ière",
)
IBERIAN = _culture(
    "Alba Begoña Concepción Dolores Elvira Fátima Graça Inés Jacinta Leonor Marisol Nuria Olalla Pilar "
    "Rosário Soledad Teresa Úrsula Ximena Yolanda Araceli Benedita Lúcia Catalina",
    "Álvaro Benito Cristóbal Duarte Eusebio Fermín Gonçalo Hernán Ignacio Joaquim Lázaro Martín Norberto "
    "Óscar Plácido Ramiro Simão Tomás Vasco Xavier Zoilo Anselmo Íñigo Raúl",
    "B Br C D F G Gr H J L M N P Pr Qu R S T V Z Al Es",
    "a e i o u ue ie",
    "b c d gr l ld m n nd ñ r rd rr s st t v z",
    "ero ales ido eiro ón ez anza ado ilho ores ante eira",
    "osa illa eda al ejo ares ela anca uña ado inho astro",
)
ISLAND = _culture(
    "Aileen Bronwen Ceridwen Deirdre Eilís Fionnuala Gwenllian Heledd Isla Keelin Lowri Mairéad Niamh "
    "Orlaith Rhiannon Sorcha Tegwen Una Morwenna Nesta Carys Gráinne Muriel Ailsa",
    "Aled Brendan Cormac Dáibhí Eoin Fergus Gethin Hywel Iestyn Kieran Lorcan Macsen Niall Oisín Pádraig "
    "Rhodri Séamus Tadhg Uilleam Wyn Colm Griffith Ruaridh Angus",
    "B Br C Cl D Dr F G Gl K L Ll M N P Pen R S Str T Tr W",
    "a e i o u ea y",
    "ch d dd g l ll m n nn r rr s th v w gh",
    "agh in an ock aird lan more yn ey ick or ane",
    "more mouth wick ford ness dale ton combe bury gate kirk stow",
)
EASTERN = _culture(
    "Ágnes Borbála Csilla Dóra Enikő Flóra Györgyi Hajnal Ilona Jolán Kinga Lívia Márta Noémi Orsolya "
    "Piroska Réka Sára Tünde Virág Zsófia Emőke Aranka Klára",
    "Ákos Balázs Csaba Dénes Endre Ferenc Gergő Huba István János Kálmán Lőrinc Mátyás Nándor Ödön Pál Rezső "
    "Sándor Tamás Ubul Vilmos Zoltán Bence Géza",
    "B Cs D E F G Gy H J K L M N Ny P R S Sz T V Z Zs",
    "a á e é i o ö ü u",
    "b d g gy k l ll m n nd r rk s sz t v z",
    "ányi essy ödi ay as ágh osi ényi ovics árdi ely ás",
    "vár falu háza hely ény ód kút halom fő szeg mező liget",
)
BALTIC = _culture(
    "Aino Birutė Daiva Eglė Helmi Ilze Jūratė Kaisa Laima Maija Neringa Oili Päivi Rasa Saima Tuulikki Ulla "
    "Vilja Žydrė Milda Kristīne Anneli Sanna Lempi",
    "Aarne Andrius Dainis Eino Gintaras Heikki Imants Jānis Kaarlo Liudas Matti Oskars Paavo Rytis Sulo "
    "Toivo Urho Väinö Žygis Mindaugas Tauno Pēteris Reijo Arvo",
    "H J K Kl L M N P Pr R S Sv T Tr V Vir Ol Al Ar El Or Um",
    "a e i o u ä ė au",
    "hk kk l lm ll n nt p r rv s sk t tt v ln",
    "inen aitis onen evičs onis ala unas iņš mäki auskas vaara ola",
    "niemi joki järvi kylä saari upe pils ava ene lahti kalns uva",
)
TABLELAND = _culture(
    "Adelheid Brunhild Cornelia Dorothea Elfriede Friederike Gerlinde Hannelore Irmgard Jutta Katrijn "
    "Liesbeth Mechthild Nele Ottilie Roswitha Saskia Theda Ulrike Veerle Wilhelmina Gesa Anneke Margrit",
    "Albrecht Bernd Cornelis Dietrich Eberhard Florian Gerrit Heinrich Jost Klaas Lothar Maarten Norbert "
    "Otto Pieter Rüdiger Sieghard Thijs Ulrich Volker Wendelin Joost Konrad Ruprecht",
    "B Br D Dr E F G Gr H K Kl L M N P R S Sch St T W Z",
    "a e i o u ö ü au ie",
    "ck ld ll lm nd ng nn rg rk rn rs ss st tz ff ld",
    "mann hauer ler ner brandt hoff meyer winkel inga stra enaar holz",
    "burg dorf heim stedt bach furt rode hagen brück wijk drecht feld",
)

_COUNTRIES = (
    (
        "Norvalen Norvalian, Skarland Skarlandic, Hjeldmark Hjeldmarker, Tronsund Tronsunder, Isvold Isvoldic",
        NORTHERN,
    ),
    ("Veskaria Veskarian, Drovnia Drovnian, Moraska Moraskan, Zelenia Zelenian, Ruslava Ruslavan", SLAVIC),
    (
        "Aurenne Aurennais, Valmorie Valmorian, Clairvaine Clairvainer, Soulanges Soulangian, Béarmont Béarmontois",
        ROMANCE,
    ),
    (
        "Castivela Castivelan, Moralba Moralban, Tierrasol Tierrasolan, Granvela Granvelan, Luzeira Luzeiran",
        IBERIAN,
    ),
    (
        "Caerlow Caerlowan, Dunmarra Dunmarran, Penrithia Penrithian, Glenarra Glenarran, Inishall Inishaller",
        ISLAND,
    ),
    (
        "Karvátia Karvatian, Szelonia Szelonian, Tiszara Tiszaran, Balanya Balanyan, Hortavia Hortavian",
        EASTERN,
    ),
    (
        "Kuresmaa Kuresmaan, Vidzemia Vidzemian, Tavaland Tavalander, Aukstia Aukstian, Laimonia Laimonian",
        BALTIC,
    ),
    (
        "Osterwald Osterwalder, Weserthal Weserthaler, Brabantia Brabantian, Friesmark Friesmarker, Altmaren "
        "Altmarener",
        TABLELAND,
    ),
)

COUNTRIES: tuple[Country, ...] = tuple(
    Country(entry.split()[0], entry.split()[1], culture) for text, culture in _COUNTRIES for entry in text.split(", ")
)
