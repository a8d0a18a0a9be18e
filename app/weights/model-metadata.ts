/** What a model's file says of itself in its `__metadata__`: the words of whoever made it, never believed further than shown. */
export interface ModelAbout {
  readonly title?: string
  readonly licence?: string
  /** Words that call what a LoRA or an embedding was trained on. */
  readonly triggerWords: readonly string[]
  /** A small picture, as a data URL. */
  readonly preview?: string
}

type Metadata = Readonly<Record<string, string>>

const longest = 200
const mostWords = 12
/** Characters of a data URL: a thumbnail of 256 x 256 has some 30,000. */
const largestPreview = 400_000

/** Reads the fields of ModelSpec (github.com/Stability-AI/ModelSpec) and those that kohya's trainers write (`ss_...`). */
export function aboutOf(metadata: Metadata): ModelAbout {
  const title = short(metadata['modelspec.title']) ?? short(metadata.ss_output_name)
  const licence = short(metadata['modelspec.license']) ?? short(metadata.license)
  const preview = previewOf(metadata['modelspec.thumbnail'])
  return {
    ...(title !== undefined && { title }),
    ...(licence !== undefined && { licence }),
    triggerWords: triggerWordsOf(metadata),
    ...(preview !== undefined && { preview }),
  }
}

/** What a model was merged from, in the words of whoever merged it; undefined where it says nothing. */
export const mergedFrom = (metadata: Metadata): string | undefined => short(metadata['modelspec.merged_from'])

function short(text: string | undefined): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const plain = text?.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ').trim()
  return plain ? plain.slice(0, longest) : undefined
}

function triggerWordsOf(metadata: Metadata): string[] {
  const said = metadata['modelspec.trigger_phrase']
  const words = said === undefined ? commonTags(metadata.ss_tag_frequency) : said.split(',')
  return plainWords(words)
}

/** Words that can be shown: without controls, each once, not too many. */
export const plainWords = (words: readonly string[]): string[] =>
  [...new Set(words.map(short).filter(word => word !== undefined))].slice(0, mostWords)

/** The tags that stand with all the pictures of a training set are the ones that call it: `{"10_cat": {"my cat": 20, "grass": 3}}`. */
function commonTags(text: string | undefined): string[] {
  const counts = new Map<string, number>()
  for (const tags of Object.values(parsed(text))) {
    for (const [tag, count] of Object.entries(record(tags))) {
      if (typeof count === 'number' && Number.isFinite(count)) counts.set(tag, (counts.get(tag) ?? 0) + count)
    }
  }
  const most = Math.max(0, ...counts.values())
  return [...counts].filter(([, count]) => count === most).map(([tag]) => tag)
}

function parsed(text: string | undefined): Record<string, unknown> {
  try {
    return record(JSON.parse(text ?? '{}'))
  } catch {
    return {}
  }
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

const previewOf = (url: string | undefined): string | undefined =>
  url !== undefined &&
  url.length <= largestPreview &&
  /^data:image\/(?:png|jpeg|webp);base64,[A-Za-z0-9+/=]+$/.test(url)
    ? url
    : undefined
