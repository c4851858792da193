"""Words of every sentence: what follows a given name and is one of these is no family name."""

import re

FUNCTION = frozenset(
    re.findall(
        r"\w+",
        """
        a about after afternoon again age aged all also am an and any april are as asked asking asks at august back be
        because bed been before born both but by call called came can cannot cant cell come comes could day days
        december denies did dob does doesnt done dont down during each email evening february feels felt for friday from
        gave get gets getting give go goes going got had has hasnt have having he hello her here hers hey hi him his how
        however i if im in into is isnt it its january july june just keeps kept last left let lets like lives loves
        march may me might missed monday month more morning most mrn must my name need needed needs new next no not
        november now october of off ok on once one only or our out over patient per phone please pls pt re refused
        refuses regarding reports requested requests room said saturday saw says see seen sent september she should
        since so some started states still stopped sunday take takes taking tell texted thank thanks that the their them
        then there these they thinks this those thursday thx till to today told tomorrow tonight too took tuesday two
        until up upset us very wants was wasnt we wednesday week weeks went were what when where which while who whose
        why will with without works would wrote year years yes yesterday yet you your
        """,
    )
)
