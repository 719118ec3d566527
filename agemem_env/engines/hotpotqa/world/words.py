"""Word lists for titles and for values that are words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(","))


TITLE_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "adj": _words(
            "Amber Ashen Bitter Blind Borrowed Brass Broken Burning Carved Copper Crimson Crooked Distant "
            "Drowned Empty Faded Fallen Feathered First Floating Forgotten Frozen Gentle Gilded Glass "
            "Golden Hidden Hollow Honest Hungry Idle Inland Iron Ivory Last Leaden Lesser Listening Little "
            "Lonely Long Lost Marble Merciful Midnight Mild Missing Mute Narrow Nameless Northern Open "
            "Painted Paper Patient Pale Perfect Plain Proud Quiet Restless Rising Roaming Rusted Sacred "
            "Salt Scarlet Second Secret Shallow Silent Silver Sleeping Slow Smoking Sober Stolen Sunken "
            "Tangled Tender Third Thirsty Torn Twisted Uncertain Unfinished Unlit Unspoken Upper Vanishing "
            "Velvet Violet Waking Wandering Weary White Wild Winding Wooden Yellow Young"
        ),
        "noun": _words(
            "Acre Alphabet Anchor Apple Archive Arrow Autumn Avenue Balcony Ballad Bargain Basket Beacon "
            "Bell Blossom Border Bottle Branch Breakfast Candle Canyon Caravan Carousel Cathedral Ceiling "
            "Cellar Chapel Chord Circus Clock Cloud Coast Compass Corridor Courtyard Cradle Crossing Crown "
            "Current Curtain Debt Departure Desert Door Dream Echo Eclipse Ember Engine Envelope Errand "
            "Evening Fable Farewell Feast Fence Ferry Field Flame Forest Fortress Fountain Frontier Furnace "
            "Garden Gate Ghost Grove Guest Harbour Harvest Hearth Hill Horizon Hour House Hymn Inheritance "
            "Island Journey Kingdom Kitchen Ladder Lagoon Lantern Ledger Letter Library Lighthouse Locket "
            "Machine Map Margin Market Meadow Melody Mill Mirror Monsoon Moon Morning Mosaic Mountain "
            "Necklace Needle Oath Ocean Orchard Orchid Parade Passage Pasture Pavilion Pendulum Picnic "
            "Pilgrim Platform Portrait Prayer Promise Quarry Quarter Railway Rain Rehearsal Return Ribbon "
            "Ritual River Road Room Rumour Sanctuary Season Shadow Shore Signal Sky Snow Sparrow Spring "
            "Staircase Station Stone Storm Story Street Summer Sunday Supper Table Tempest Thread Threshold "
            "Tide Tower Town Treaty Tunnel Valley Verdict Village Vineyard Voyage Wager Waltz Weather "
            "Wedding Wheel Whisper Window Winter Witness Yard"
        ),
        "plural": _words(
            "Acrobats Anchors Apples Arrows Bells Birds Bridges Brothers Cables Candles Captains Chairs "
            "Chimneys Cousins Cranes Daughters Doors Drummers Dunes Embers Engines Falcons Fathoms Feathers "
            "Foxes Giants Gulls Hammers Harbours Herons Horses Islands Kings Kites Ladders Lamps Lanterns "
            "Letters Lilies Magpies Masks Meadows Mirrors Moths Nights Oars Orchards Owls Parrots Pilots "
            "Pines Poets Queens Ravens Reeds Ribbons Rivers Roads Rooms Roses Sailors Satellites Shadows "
            "Signals Sisters Sparrows Spires Statues Stones Storms Strangers Suitcases Swallows Thieves "
            "Tides Towers Trains Travellers Umbrellas Vagabonds Violins Voices Walls Widows Windmills "
            "Windows Winters Witnesses Wolves"
        ),
        "figure": _words(
            "Actress Apothecary Archivist Astronomer Baker Beekeeper Bishop Blacksmith Bookbinder Botanist "
            "Carpenter Cartographer Clockmaker Cobbler Conductor Dancer Doctor Duchess Emperor Engineer "
            "Falconer Ferryman Fiddler Fisherman Gardener General Glassblower Governess Hangman Hunter "
            "Innkeeper Jeweller Judge Juggler Locksmith Mapmaker Mariner Merchant Midwife Miller Minister "
            "Nurse Organist Painter Photographer Pianist Potter Printer Prisoner Quartermaster Saddler "
            "Schoolmaster Sculptor Seamstress Shepherd Smuggler Stonemason Surgeon Surveyor Swimmer Tailor "
            "Translator Usher Watchman Weaver"
        ),
        "kin": _words("Daughter Son Wife Husband Sister Brother Apprentice Confession Secret Dream House Garden"),
        "count": _words("Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Forty Hundred"),
        "paper": _words(
            "Gazette Courier Herald Observer Tribune Echo Mercury Chronicle Sentinel Advertiser Examiner Post"
        ),
        "trade": _words("Works Industries Manufacturing Trading Enterprises Union Partners Mills Foundry House"),
        "clubword": _words("United Rovers Athletic Wanderers City Albion Rangers Sporting Olympic Victoria"),
        "genus": _words(
            "Abranthus Belucaria Calendrina Corvanthes Delimora Ephorina Fulgessa Galdaria Helioscea "
            "Iridonia Juncella Kallimeris Lophanthis Melandra Nymphelia Orchestia Palustrea Quercinia "
            "Rostraria Selvanus Tarandrea Umbelaria Verbascia Xantholea"
        ),
        "bird": _words("warbler finch thrush petrel bunting shrike owl wren swift plover heron starling"),
        "plant": _words("orchid lily bellflower sedge gentian saxifrage primrose heather thistle iris"),
    }
)

VALUE_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "profession": _phrases(
            "baker, beekeeper, bookbinder, bookseller, cabinetmaker, carpenter, cartographer, chess master, "
            "choir conductor, clockmaker, cook, dentist, diplomat, equestrian, fencer, figure skater, "
            "furniture designer, gardener, geologist, glassblower, goldsmith, harbour pilot, illustrator, "
            "inventor, judge, lawyer, librarian, lighthouse keeper, linguist, mathematician, meteorologist, "
            "midwife, mountain guide, organ builder, pharmacist, philosopher, postmaster, potter, printer, "
            "publisher, puppeteer, radio presenter, restaurateur, schoolteacher, shipbuilder, stonemason, "
            "surgeon, tailor, theologian, translator, typographer, veterinarian, violin maker, watchmaker, "
            "weaver, winemaker, wood engraver"
        ),
        "instrument": _phrases(
            "accordion, bagpipes, balalaika, banjo, bassoon, cello, clarinet, cornet, double bass, "
            "dulcimer, euphonium, fiddle, flute, French horn, glockenspiel, harmonica, harp, harpsichord, "
            "hurdy-gurdy, lute, mandolin, marimba, nyckelharpa, oboe, organ, piccolo, recorder, saxophone, "
            "sitar, trombone, trumpet, tuba, ukulele, viola, xylophone, zither"
        ),
        "hobby": _phrases(
            "antique keys, beetles, butterflies, clay pipes, coins, fans, fossils, glass bottles, lace, "
            "marionettes, masks, matchbox labels, medals, minerals, model ships, moths, music boxes, old "
            "maps, pocket watches, porcelain dogs, postage stamps, postcards, pressed flowers, seashells, "
            "snuff boxes, teapots, thimbles, tin soldiers, toy trains, walking sticks"
        ),
        "product": _phrases(
            "barometers, bicycles, biscuits, cameras, carpets, cheese graters, church bells, compasses, "
            "diving suits, fishing nets, fountain pens, gramophones, hats, headlamps, ice skates, kitchen "
            "scales, lanterns, lawnmowers, matches, microscopes, mirrors, outboard motors, paper, pianos, "
            "porcelain, printing presses, raincoats, razors, rope, rowing boats, saddles, sewing machines, "
            "skis, soap, steam engines, sugar, telescopes, tents, thermometers, toys, tractors, typewriters, "
            "umbrellas, violins, wallpaper, water meters, wristwatches"
        ),
        "collection": _phrases(
            "agricultural tools, ancient coins, apothecary jars, bridal costumes, calculating machines, "
            "carriages, clocks, dolls, fire engines, folk costumes, fossils, glassware, globes, helmets, "
            "icons, keys and locks, lace, lighthouse lamps, manuscripts, meteorites, miniature portraits, "
            "mining lamps, musical boxes, navigational instruments, oil lamps, playing cards, porcelain, "
            "puppets, radios, runestones, ship models, sledges, stained glass, stuffed birds, tapestries, "
            "tin toys, tramcars, weather vanes, wedding rings, woodcuts"
        ),
        "colours": _phrases(
            "amber and black, black and green, blue and gold, blue and white, bottle green and cream, claret "
            "and blue, crimson and grey, dark blue and orange, green and white, grey and yellow, lilac and "
            "white, maroon and gold, navy and sky blue, orange and black, pink and black, purple and white, "
            "red and black, red and yellow, scarlet and green, silver and red, sky blue and white, turquoise "
            "and white, violet and gold, white and brown, yellow and green"
        ),
        "animal": _phrases(
            "badger, bear, beaver, boar, bull, capercaillie, cormorant, crane, crow, dolphin, eagle, "
            "falcon, fox, goat, hare, hedgehog, heron, kingfisher, lynx, magpie, marten, mole, otter, owl, "
            "ox, pelican, pike, ram, raven, salmon, seal, squirrel, stag, stork, sturgeon, swan, weasel, "
            "wolf"
        ),
        "position": _phrases(
            "goalkeeper, left back, right back, centre back, sweeper, defensive midfielder, left winger, "
            "right winger, centre forward, striker, playmaker"
        ),
        "subject": _phrases(
            "a blacksmith at work, a burning mill, a card game, a coronation, a country wedding, a dying "
            "horse, a ferry in fog, a fish market, a frozen canal, a funeral procession, a girl with a "
            "goose, a harvest supper, a lighthouse in a storm, a line of washing, a mountain pass at dawn, "
            "a night train, a schoolroom, a shipwreck, a street musician, a sleeping child, a travelling "
            "circus, a village dance, an empty theatre, an orchard in bloom, an old lacemaker, boys flying "
            "kites, cattle crossing a ford, chess players, three women reading, two rowers, women gathering "
            "seaweed"
        ),
        "material": _phrases(
            "basalt, bronze, cast iron, cedar, chalk, concrete, copper, dolomite, flint, glass, granite, "
            "green marble, larch, limestone, oak, porphyry, red brick, sandstone, slate, steel, teak, tufa, "
            "white marble, yellow brick"
        ),
        "crop": _phrases(
            "almonds, apricots, artichokes, barley, blackcurrants, buckwheat, cherries, chestnuts, cider, "
            "figs, flax, garlic, goat cheese, hazelnuts, honey, hops, lavender, lentils, mustard, olives, "
            "onions, peaches, pears, plums, poppy seed, quinces, rhubarb, rye bread, saffron, smoked eel, "
            "strawberries, tobacco, walnuts, white wine"
        ),
        "study": _phrases(
            "archaeology, architecture, astronomy, botany, chemistry, classics, economics, engineering, "
            "forestry, geography, geology, history, law, linguistics, mathematics, medicine, metallurgy, "
            "musicology, oceanography, philosophy, physics, theology, zoology"
        ),
        "cargo": _phrases(
            "bananas, bricks, china clay, coal, coffee, copper ore, cork, cotton, dried fish, grain, "
            "granite, guano, horses, ice, iron ore, jute, marble, olive oil, oranges, paper, phosphate, "
            "potatoes, rubber, salt, slate, sugar beet, sulphur, tea, timber, wine, wool"
        ),
        "theme": _phrases(
            "a disputed inheritance, a missing violin, a stolen painting, a forged will, a railway strike, "
            "a failed expedition, a lighthouse mutiny, a village under quarantine, a duel, a bank robbery, "
            "a flooded valley, a lost manuscript, a runaway circus, a sunken ferry, a false prophet, an "
            "arranged marriage, an escaped prisoner, an abandoned mine, the last days of a newspaper, the "
            "trial of a midwife, twins parted at birth, two rival bakers, a chess tournament, a poisoned "
            "well"
        ),
        "food": _phrases(
            "beetle larvae, berries, crabs, fallen fruit, fish eggs, grass seeds, grubs, juniper berries, "
            "lichen, mussels, nectar, pine nuts, sand eels, snails, spiders, tree sap, water snails, wood "
            "ants"
        ),
        "habitat": _phrases(
            "alpine meadows, beech forests, birch woods, bogs, brackish marshes, chalk cliffs, cloud "
            "forest, coastal dunes, damp gorges, dry heath, flooded meadows, gravel banks, juniper scrub, "
            "lava fields, limestone ledges, mangroves, old pastures, peat moors, pine forests, reed beds, "
            "rocky islets, salt marshes, scree slopes, spruce forests, stony riverbeds, tidal flats, willow "
            "thickets"
        ),
    }
)

MONTHS = _words("January February March April May June July August September October November December")

TITLES = (
    "The <adj> <noun>", "<noun> of <noun>", "The <noun> and the <noun>", "The <figure>'s <kin>",
    "<adj> <plural>", "The <figure> of <place>", "The <noun> at <place>", "<count> <plural> for <given>",
    "<given> and the <figure>", "<plural> over <place>", "A <noun> for <given>", "The <adj> <figure>",
    "<given> <surname>'s <noun>", "The <plural> of <place>", "Return to <place>", "The <noun> Beyond <place>",
)  # fmt: skip
"""Patterns of the titles of works."""
