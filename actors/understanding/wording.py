"""What people say when they feel something: words and turns of phrase, by what they do.

Written by hand for talk in general, as parts of regular expressions for lower case. A word stands
where it says most: somebody who is called a fool is insulted, whoever is a fool themselves regrets.
"""

from collections.abc import Mapping

_ANGER = {
    "insult": r"idiots?|morons?|stupid|fools?|jerks?|liars?|losers?|bastards?|ass(?:hole)?s?|"
    r"bitch(?:es)?|pigs?|creeps?|cowards?|brats?|lunatics?|psychos?|dumb|dummy|selfish|rude|"
    r"arrogant|irresponsible|incompetent|hypocrites?|cheaters?|shameless|stubborn|lazy|imbeciles?|"
    r"son of a|impolite|inconsiderate|childish|immature|insult\w*",
    "swearing": r"damn(?:it|ed)?|goddamn|what the|(?:the|to|go to|like|bloody) hell|hell|crap|"
    r"bloody|freak(?:ing|in')|screw (?:you|it|him|her|that)|bull(?:shit|crap)?|fuck\w*|shit\w*|"
    r"sucks?|argh",
    "sends away": r"get (?:out|off|away|lost)|go away|leave (?:me|us) alone|shut (?:up|it)|"
    r"back off|knock it off|cut it out|stop (?:it|that|this|\w+ing)|stay (?:out|away)|"
    r"mind your own|out of my|drop it|give it back|hands off|none of your business|just go|"
    r"out of here|outta here|be quiet|get over it|hang up|don't touch",
    "reproach": r"you always|you never|your fault|how dare|how (?:can|could) (?:you|he|she|they)|"
    r"you (?:lied|cheated|promised|broke|ruined|stole|forgot|made me|did this)|"
    r"you (?:should|shouldn't|could) have|you should've|are you (?:crazy|deaf|blind|insane|nuts)|"
    r"out of your mind|what(?:'s| is) (?:wrong|the matter) with you|who do you think|"
    r"why (?:didn't|can't|won't|don't|aren't) you|no right|blam\w+|you can't|"
    r"what do you (?:want|think you)|you don't (?:understand|know|care|even|listen)|"
    r"you(?:'re| are) (?:not|never|always|being)|you call (?:this|that|yourself)|accus\w+",
    "complaint": r"unacceptable|outrageous|ridiculous|unfair|(?:not|isn't) fair|complain\w*|refund|"
    r"rip-?off|wast(?:e|ed|ing)|fed up|(?:sick|tired) (?:and tired )?of|had (?:it|enough)|"
    r"can't (?:stand|bear|take|believe you)|put up with|driv(?:es?|ing) me|on my nerves|annoy\w*|"
    r"irritat\w*|bother\w*|nonsense|disgrace\w*|disrespect\w*|absurd|how many times|"
    r"still (?:haven't|hasn't|not|isn't)|whatever|garbage|rubbish|the nerve|that's it|enough|"
    r"terrible service|speak to (?:the|your) manager|noisy|too (?:loud|much noise)|is it too much|"
    r"of all the|for the last time|who cares|hurry up|(?:hundred|thousand|million) times|"
    r"every single|ripped off|unreasonable|overcharged",
    "wrath": r"hate[sd]?|furious|angr(?:y|ily)|anger|mad|piss\w*|resent\w*|rage|revenge|jealous|"
    r"fight(?:ing)?|yell\w*|argu(?:e|ing|ment)|quarrel\w*|fuming|outraged|temper|betray\w*|fury|"
    r"been cheated",
    "threat": r"i(?:'ll| will|'m going to|'m gonna) (?:kill|sue|report|fire|kick|hit|beat|punch|"
    r"call the police|make you)|you(?:'ll| will) (?:pay|be sorry|regret)|or else|"
    r"i(?:'m| am) warning|don't you (?:dare|ever)|(?:kick|punch|beat|hit|slap|smack|strangle) "
    r"(?:you|your|him|his|her)|last chance|over my dead body|you(?:'d| had) better|watch it",
}

_SADNESS = {
    "bereavement": r"passed away|funeral|buried|grave|mourn\w*|(?:mother|father|mom|dad|parents|"
    r"grand(?:mother|father|ma|pa)|wife|husband|son|daughter|brother|sister|friend|dog|cat) "
    r"(?:just |has |have )?(?:died|is dead|is dying)",
    "loss": r"die[sd]?|dying|dead|death|killed|lost|gone|"
    r"miss(?:ed|ing)? (?:you|him|her|them|my|it|home)|(?:left|leaving) me|br(?:oke|eaking|eak) up|"
    r"broken up|broke up|divorc\w*|dumped|separated|over between|never see|said goodbye|"
    r"say goodbye|used to be|won't be back|no longer with",
    "illness": r"sick|ill|illness|cancer|hospital|pains?|painful|hurts?|injur\w+|accidents?|"
    r"(?:head|stomach|tooth|back|)aches?|fever|surgery|diseases?|sore|wound\w*|weak|exhausted|"
    r"bleed\w*|faint\w*|suffer\w*|feel well|(?:so|too|very) tired|worn out",
    "regret": r"i wish|if only|i (?:should|shouldn't|could) have|should've|regret\w*|my fault|"
    r"i (?:blew|messed|screwed|ruined)|too late|mistakes?|guilty|ashamed|i can't believe i|"
    r"i never should|i feel (?:so |really |just )?(?:bad|terrible|awful|horrible|guilty)|"
    r"embarrass\w*",
    "dejection": r"sad|sadness|unhappy|depress\w*|miserabl\w*|lonely|loneliness|alone|cry|crying|"
    r"cried|tears|heart ?broken|broke my heart|breaks my heart|hopeless|feel(?:ing)? (?:down|blue|"
    r"low|empty)|upset|disappoint\w*|giv(?:e|ing) up|can't go on|homesick|gloomy|"
    r"sorrow\w*|grie[fv]\w*|despair|hard time|hard (?:on|for) (?:me|her|"
    r"him|us)|(?:tough|rough|bad) (?:day|news|luck|time|week|year)|out of luck|discourag\w*|"
    r"what's the (?:point|use)|no use|burden",
    "failure": r"fail\w*|lost (?:my|his|her|our|the)|(?:got |was |been |get )fired|laid off|"
    r"reject\w*|turned (?:me )?down|i didn't (?:get|work|make|pass)|flunk\w*|bankrupt\w*|robbed|"
    r"stolen|unemployed|out of work|no (?:money|job|luck|friends|chance|hope)|not good enough|"
    r"in debt|can't afford|broke",
    "pity": r"poor (?:thing|guy|man|girl|woman|boy|kid|little|baby|you|dear|old)|too bad|"
    r"(?:what a|it's a|that's a|such a) (?:shame|pity)|sorry to hear|unfortunate\w*|sadly|"
    r"i'm afraid (?:i|we|it|that|not|you|there|so)",
    "apology": r"sorry|apologi[sz]e|forgive",
    "belittles oneself": r"i'm (?:so|such|just) (?:an? )?(?:stupid|idiot|loser|failure|fool)|"
    r"i'm (?:not good|no good|a loser|a failure|an idiot|useless|worthless)|(?:nobody|no one) "
    r"(?:likes|loves|cares|wants|will)|i'll never|never be able|i can't (?:do|even|sleep|eat|stop|"
    r"help|go on|live|seem)|all alone|by myself|useless|worthless",
    "helplessness": r"what (?:am i|are we|should i|do i|can i|shall i) (?:going to |gonna |"
    r"supposed to )?do|don't know what (?:to do|i)|nothing (?:i|we) can|can't help|"
    r"i (?:just )?don't know (?:how|if|why)|no way out",
}

_FEAR = {
    "worry": r"worr(?:y|ied|ies|ying)|nervous|anxious\w*|anxiety|(?<!i'm )afraid|afraid of|"
    r"scar(?:ed|es?|ing|y)|fright\w*|terrif\w+|panic\w*|fear\w*|what if|nightmares?|shak(?:y|ing)|"
    r"stress\w*|horrif\w+|freak(?:ed|ing)? out|in trouble|uneasy|dread\w*",
    "danger": r"danger\w*|help me|watch out|look out|be careful|earthquake|ghosts?|monsters?|"
    r"emergency|gun|bomb|attack\w*|thief|snakes?|spiders?|get caught|hide|uh-?oh|oh,? no|screwed",
}

_DISGUST = {
    "disgust": r"eww*|yuck\w*|gross|disgust\w*|nasty|stink\w*|smell[sy]?|revolting|vomit\w*|"
    r"puk\w+|throw(?:ing)? up|filthy|sickening|rotten|perver\w*|dirty|creepy|slimy|ick\w*|"
    r"cockroach\w*|weird|ugly|ugh|bleh|ow+|ouch",
}

_JOY = {
    "joy": r"happy|happi\w+|glad|delight\w*|joy\w*|excit\w*|thrill\w*|proud|fun|enjoy\w*|pleasure|"
    r"celebrat\w*|cheers?|smile|lucky|pleased|grateful|relie(?:f|ved)|fortunate|favou?rite|funny|"
    r"hilarious|paradise|heaven|bless\w*",
    "praise": r"great|excellent|awesome|fantastic|wonderful|amazing|cool|sweet|beautiful|gorgeous|"
    r"delicious|perfect|lovely|nice|brilliant|terrific|fabulous|marvel\w+|superb|incredible|"
    r"impress\w*|cute|adorable|best|good (?:job|work|idea|news|for you|luck)|well done|splendid|"
    r"(?:sounds|feels|looks|smells|tastes) (?:very |really |so |pretty )?"
    r"(?:good|great|nice|fine|ideal|interesting)|"
    r"tasty|yummy|charming|elegant|handsome|talented",
    "praise of this": r"(?:that's|it's|that is|it is|this is|how) (?:so |really |very |just |such "
    r"a? ?|a )?(?:great|nice|good|wonderful|sweet|beautiful|amazing|cute|lovely|perfect|exciting|"
    r"fantastic)|so (?:sweet|cute|great|cool|good|nice|happy|glad|excited|proud)|aww*|me too",
    "triumph": r"(?:i|we|he|she|you) (?:did it|won|made it|got it|passed|got (?:the|a|an|in))|"
    r"promoted|promotion|engaged|(?:got|getting|get) married|wedding|pregnant|birthday|"
    r"congrat\w*|great time|good time|yay|hooray|whoo+|woo+|woohoo|finally|party|vacation|prize|"
    r"anniversary|gift",
    "affection": r"love|loved|loves|hug|kiss\w*|sweet(?:ie|heart)|honey|darling|adore|so much",
    "thanks": r"thanks?|appreciate\w*|kind of you|very kind|you're (?:the best|so sweet|so kind|"
    r"so nice)",
    "hope": r"hope|looking forward|can't wait|wish (?:you|us|him)|good luck|dream\w*|"
    r"sounds (?:great|good|like fun|wonderful|fun|nice|perfect|delicious)",
    "laughter": r"haha\w*|lol|hee hee",
}

_SURPRISE = {
    "disbelief": r"(?:you're|you are|you must be|you've got to be|are you) (?:\w+ )?(?:kidding|"
    r"joking|serious)|no (?:kidding|way)|unbelievable|can't believe|cannot believe|incredible|"
    r"since when|had no idea|didn't know|seriously|for real|i thought (?:you|he|she|it|we|they)|"
    r"how come|surpris\w*|shock\w*|unexpected\w*|amazed|what happened",
    "invocation": r"oh,? god|my god|omg|oh,? my|jesus|good lord|(?:my|oh|for) (?:goodness|gosh|"
    r"heavens?)|holy \w+",
    "exclaims": r"wow|whoa+|gosh|geez|gee|man|boy|dear me|aha|huh",
}

_NOTHING = {
    "greeting": r"(?<!\w )(?:hi+|hello|good morning|good evening|welcome)",
    "doubt": r"i don't (?:know|think)|i guess|maybe|i suppose|i think|perhaps|probably|not sure",
    "assent": r"of course|certainly|no problem|that's right|exactly|absolutely|definitely|"
    r"you're right|i agree|i see|all ?right|okay|ok|fine",
    "please": r"please",
    "but": r"but|however|though|although",
    "bad": r"bad|badly|worse|worst|awful|terrible|horrible|pathetic|wrong|"
    r"problems?|mess|messed|crazy|insane|lie[sd]?|lying|cheat\w*|"
    r"steal\w*|ruin\w*|break\w*|damage\w*|fault|lousy|stuck|trapped|shame|harm\w*|cruel|punish\w*|"
    r"kill\w*|murder\w*|destroy\w*|fired|empty|boring|bored|trouble|stol(?:e|en)",
}

PHRASES: Mapping[str, str] = {
    **_ANGER,
    **_SADNESS,
    **_FEAR,
    **_DISGUST,
    **_JOY,
    **_SURPRISE,
    **_NOTHING,
}
