"""What English writes short and says long."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
YEAR_CUES = _set(
    "in since by of from until till year "
    "during before after around circa spring summer fall autumn "
    "winter early late mid back class jan feb mar apr jun jul aug sep sept oct nov dec"
)

CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "sen", "sen"),
}
"""One unit, several, one hundredth, several."""

SCALES = {"k": "thousand", "m": "million", "b": "billion", "bn": "billion"}

SCALE_WORDS = _set("hundred thousand million billion trillion")

UNITS = {
    "km": ("kilometer", "kilometers"),
    "m": ("meter", "meters"),
    "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"),
    "mi": ("mile", "miles"),
    "ft": ("foot", "feet"),
    "yd": ("yard", "yards"),
    "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "mg": ("milligram", "milligrams"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "l": ("liter", "liters"),
    "L": ("liter", "liters"),
    "ml": ("milliliter", "milliliters"),
    "mL": ("milliliter", "milliliters"),
    "s": ("second", "seconds"),
    "sec": ("second", "seconds"),
    "secs": ("second", "seconds"),
    "ms": ("millisecond", "milliseconds"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "h": ("hour", "hours"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "mph": ("mile an hour", "miles an hour"),
    "km/h": ("kilometer an hour", "kilometers an hour"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "KB": ("kilobyte", "kilobytes"),
    "kB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"),
    "V": ("volt", "volts"),
    "k": ("thousand", "thousand"),
    "K": ("thousand", "thousand"),
    "x": ("times", "times"),
    "°": ("degree", "degrees"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "m²": ("square meter", "square meters"),
}
"""What a unit is called when it touches its number: of one, of several."""

SPACED_UNITS = _set(
    "km cm mm ft kg mg lb lbs oz ml mL hr hrs mph km/h Hz kHz MHz GHz KB MB GB TB kW °C °F °"
)
"""Those that cannot be mistaken when a space is between."""

ABBREVIATIONS = {
    "mr": "mister",
    "mrs": "missus",
    "ms": "miz",
    "dr": "doctor",
    "prof": "professor",
    "st": "saint",
    "jr": "junior",
    "sr": "senior",
    "gen": "general",
    "col": "colonel",
    "capt": "captain",
    "lt": "lieutenant",
    "sgt": "sergeant",
    "gov": "governor",
    "sen": "senator",
    "rev": "reverend",
    "vs": "versus",
    "etc": "et cetera",
    "e.g": "for example",
    "i.e": "that is",
    "approx": "approximately",
    "dept": "department",
    "inc": "incorporated",
    "ltd": "limited",
    "corp": "corporation",
    "co": "company",
    "ave": "avenue",
    "blvd": "boulevard",
    "rd": "road",
    "mt": "mount",
    "ext": "extension",
    "jan": "january",
    "feb": "february",
    "apr": "april",
    "aug": "august",
    "sept": "september",
    "oct": "october",
    "nov": "november",
    "dec": "december",
}
"""Before a full stop, in lower case."""

UNSTOPPED = _set("mr mrs ms dr vs etc prof")
"""Those that are abbreviations without their full stop too."""

SIGNS = {
    "&": "and",
    "%": "percent",
    "+": "plus",
    "=": "equals",
    "×": "times",
    "÷": "divided by",
    "°": "degrees",
    "€": "euros",
    "£": "pounds",
    "$": "dollars",
    "¥": "yen",
    "½": "half",
    "¼": "quarter",
    "¾": "three quarters",
    "²": "squared",
    "³": "cubed",
    "@": "at",
}
"""What a sign is called that stands between words."""

INITIALISMS = _set(
    "AI AM API ATM BBC CD CEO CIA CNN CPU CV DIY DJ DNA DVD ESL EU FAQ FBI FYI GPS GPU HQ HR HTML "
    "HTTP IBM ID IP IT IRS IQ JFK LA MBA MRI NBA NBC "
    "NFL NYC OMG OS PC PDF PHD PM PR QA RSVP SMS SQL "
    "SUV TV UFO UI UK UN URL US USA USB UX VIP "
    "VR WWW XML RIB IOU IOUS EST PST GMT UTC BTW LOL ASAP "
    "KFC MIT UCLA NYU CIF FOB IBA RMB USD GRE SAT LSAT TEFL"
)
"""Read letter by letter although some could be words."""

SHORT_WORDS = _set(
    "a i ad ah am an as at aw ax be by do eh er go ha he hi hm ho if in is it la lo ma me my no of "
    "oh ok on or ow ox pa sh so to uh um up us we ya ye yo ace act add age ago aid aim air ale all "
    "and ant any ape are arm art ask ate bad bag ban bar bat bed bee beg bet big bit boy bus but "
    "buy bye can cap car cat cop cow cry cup cut dad day did die dig dog dry due ear eat egg end "
    "eye fan far fat few fit fix fly for fox fun gas get god got gun guy had has hat her hey him "
    "his hit hot how ice ill its jam job joy key kid lab law lay led leg let lie lip lot low mad "
    "man map may men met mix mom mud net new nod nor not now nut odd off oil old one our out own "
    "pan pay pen pet pie pig pin pop pot put ran rat red rid row run sad sat saw say sea see set "
    "sex she shy sir sit six sky son sun tea ten the tie tip toe ton too top toy try two use via "
    "wait war was way wet who why win won wow yes yet you zoo"
)
"""Words of up to three letters, that capitals do not turn into initials."""

ROMAN = {
    "II": "two",
    "III": "three",
    "IV": "four",
    "VI": "six",
    "VII": "seven",
    "VIII": "eight",
    "IX": "nine",
    "XI": "eleven",
    "XII": "twelve",
    "XIV": "fourteen",
    "XV": "fifteen",
    "XVI": "sixteen",
}
"""Numbers of kings and wars, after a name."""

TOP_LEVEL = _set(
    "com org net edu gov io ai app dev co uk us de "
    "fr eu info me tv ly gg js py md txt html pdf csv "
    "json xml exe zip jpg png mp3 mp4 doc docx"
)
"""What the last part of an address or of a file's name can be."""
