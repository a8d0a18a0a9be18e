/** Phrases that may be left out: "the others lack "a"{more}". */
export const optionalHoles: readonly string[] = ['more', 'which', 'known', 'where', 'others']

/** Holes of sentences, and of phrases, that phrases stand in; in all others are names and numbers. */
export const phraseHoles: ReadonlySet<string> = new Set([
  ...['found', 'reason', 'wanted', 'it', 'place', 'what', 'wants', 'parts', 'kind', 'words', 'why', 'title', 'message'],
  ...optionalHoles,
])
