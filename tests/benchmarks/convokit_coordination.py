"""ConvoKit's side of the `convokit` suite; runs where ConvoKit is installed, and prints JSON.

Reads JSON lines of conversation_id, speaker and text, each conversation in its order.
"""

import json
import sys
from time import perf_counter

from convokit import Corpus, Speaker, Utterance
from convokit.coordination import Coordination


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    began = perf_counter()
    corpus = Corpus(utterances=list(_utterances(lines)))
    built = perf_counter()
    Coordination().fit_transform(corpus)
    done = perf_counter()
    print(json.dumps({"corpus_s": built - began, "coordination_s": done - built}))


def _utterances(lines):
    before, speakers = {}, {}
    for number, line in enumerate(lines):
        conversation = line["conversation_id"]
        name = f"{conversation} {line['speaker']}"  # of one conversation, as ours are
        speaker = speakers.setdefault(name, Speaker(id=name))
        first = before.get(conversation, (f"u{number}", None))[0]
        yield Utterance(
            id=f"u{number}",
            speaker=speaker,
            conversation_id=first,
            reply_to=before.get(conversation, (None, None))[1],
            text=line["text"],
        )
        before[conversation] = first, f"u{number}"


if __name__ == "__main__":
    main()
